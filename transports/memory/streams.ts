import { asyncDispose, type LocalStream, type RemoteStream } from '../../core/ports/streams.js';

/** A track in memory: it carries nothing, and tells whether it still lives. */
export interface MemoryTrack {
  readonly kind: 'video' | 'audio';
  readonly label: string;
  live: boolean;
}

export interface MemoryLocalStream extends LocalStream {
  readonly videoTrack: MemoryTrack | null;
  readonly audioTrack: MemoryTrack | null;
  readonly disposed: boolean;
}

export interface MemoryRemoteStream extends RemoteStream {
  readonly videoTrack: MemoryTrack | null;
  readonly audioTrack: MemoryTrack | null;
  readonly disposed: boolean;
}

export function createMemoryTrack(kind: 'video' | 'audio', label: string = kind): MemoryTrack {
  return { kind, label, live: true };
}

/** A caller's stream, with video unless told otherwise. */
export function createMemoryLocalStream({ video = true, audio = false } = {}): MemoryLocalStream {
  const videoTrack = video ? createMemoryTrack('video', 'local') : null;
  const audioTrack = audio ? createMemoryTrack('audio', 'local') : null;
  return disposable('stream-local', videoTrack, audioTrack, () => {
    for (const track of [videoTrack, audioTrack]) if (track) track.live = false;
  });
}

export function createMemoryRemoteStream(tracks: readonly MemoryTrack[], disposed: () => void): MemoryRemoteStream {
  const first = (kind: MemoryTrack['kind']) => tracks.find((track) => track.kind === kind) ?? null;
  return disposable('stream-remote', first('video'), first('audio'), disposed);
}

function disposable<Id extends string>(
  id: Id,
  videoTrack: MemoryTrack | null,
  audioTrack: MemoryTrack | null,
  release: () => void,
) {
  let disposed = false;
  const dispose = async () => {
    if (disposed) return;
    disposed = true;
    release();
  };
  return {
    id,
    videoTrack,
    audioTrack,
    get disposed() {
      return disposed;
    },
    dispose,
    [asyncDispose]: dispose,
  };
}

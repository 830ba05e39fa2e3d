import { asyncDispose, type LocalStream, type RemoteStream } from '../../core/ports/streams.js';

/** A track in memory: it carries nothing, and tells whether it still lives. */
export interface MemoryTrack {
  readonly kind: 'video' | 'audio';
  readonly label: string;
  live: boolean;
}

interface MemoryStream {
  readonly videoTrack: MemoryTrack | null;
  readonly audioTrack: MemoryTrack | null;
  readonly disposed: boolean;
  /** What it is attached to now. */
  readonly attachedTo: ReadonlySet<object>;
  /** As a browser's stream is attached to a video element, which stays as it is. Returns what detaches it. */
  attach(element: object): () => void;
}

export interface MemoryLocalStream extends LocalStream, MemoryStream {
  readonly videoTrack: MemoryTrack | null;
  readonly audioTrack: MemoryTrack | null;
}

export interface MemoryRemoteStream extends RemoteStream, MemoryStream {
  readonly videoTrack: MemoryTrack | null;
  readonly audioTrack: MemoryTrack | null;
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
  const attachedTo = new Set<object>();
  const dispose = async () => {
    if (disposed) return;
    disposed = true;
    attachedTo.clear();
    release();
  };
  return {
    id,
    videoTrack,
    audioTrack,
    get disposed() {
      return disposed;
    },
    attachedTo,
    attach(element: object) {
      attachedTo.add(element);
      return () => void attachedTo.delete(element);
    },
    dispose,
    [asyncDispose]: dispose,
  };
}

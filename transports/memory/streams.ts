import { asyncDispose, type LocalStream, type RemoteStream } from '../../core/ports/streams.js';

/** A track in memory: it carries nothing, and shows whether it is still live. */
export interface MemoryTrack {
  /** What it would carry. */
  readonly kind: 'video' | 'audio';
  /** A name, for tests that distinguish tracks. */
  readonly label: string;
  /** `false` once it has ended. */
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

/** A local stream in memory. It knows whether it was disposed of. */
export interface MemoryLocalStream extends LocalStream, MemoryStream {
  /** `null`: there is no video. */
  readonly videoTrack: MemoryTrack | null;
  /** `null`: there is no audio. */
  readonly audioTrack: MemoryTrack | null;
}

/** A remote stream in memory. It knows whether it was disposed of. */
export interface MemoryRemoteStream extends RemoteStream, MemoryStream {
  /** `null`: there is no video. */
  readonly videoTrack: MemoryTrack | null;
  /** `null`: there is no audio. */
  readonly audioTrack: MemoryTrack | null;
}

/** A track that lives until its `live` is set to `false`. @default label: the kind */
export function createMemoryTrack(kind: 'video' | 'audio', label: string = kind): MemoryTrack {
  return { kind, label, live: true };
}

/** A caller's stream, by default with video. */
export function createMemoryLocalStream({ video = true, audio = false } = {}): MemoryLocalStream {
  const videoTrack = video ? createMemoryTrack('video', 'local') : null;
  const audioTrack = audio ? createMemoryTrack('audio', 'local') : null;
  return disposable('stream-local', videoTrack, audioTrack, () => {
    for (const track of [videoTrack, audioTrack]) if (track) track.live = false;
  });
}

/** A remote stream of these tracks. `disposed` is called once, when it is disposed of. */
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

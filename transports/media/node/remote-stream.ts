import { type Observable, Subject } from 'rxjs';
import { readMarker } from '../../../core/latency/marker.js';
import { asyncDispose, type RemoteStream } from '../../../core/ports/streams.js';
import type { I420Frame } from './i420-frame.js';

/** Video that comes back from the service, decoded. */
export interface NodeRemoteStream extends RemoteStream {
  /** The native library's own track: that of `@livekit/rtc-node`, or of `@roamhq/wrtc` in direct WebRTC mode. */
  readonly videoTrack: object | null;
  /** The native library's own track; `null` when there is no audio. */
  readonly audioTrack: object | null;
  /**
   * Decoded frames, shared by all who subscribe. Event-like: does not replay. When the event loop is late, only the
   * latest frame is emitted, so no queue grows. A frame's bytes are the receiver's to keep and change. Completes
   * when the stream is disposed of.
   */
  readonly frames$: Observable<I420Frame>;
  /** Frames decoded so far, those that were passed over included. */
  readonly framesReceived: number;
}

/** The same video with an audio track that has come since: whoever holds the older stream goes on seeing it. */
export const withAudio = (stream: NodeRemoteStream, audioTrack: object): NodeRemoteStream => ({
  id: stream.id,
  videoTrack: stream.videoTrack,
  audioTrack,
  frames$: stream.frames$,
  get framesReceived() {
    return stream.framesReceived;
  },
  dispose: stream.dispose,
  [asyncDispose]: stream.dispose,
});

export interface NodeRemoteTracks {
  readonly videoTrack: object | null;
  readonly audioTrack: object | null;
}

export interface FramesListener {
  onFirstFrame(): void;
  /** `null`: markers are not read. */
  readonly onMarker: ((seq: number) => void) | null;
}

/**
 * A remote stream and the way to give it frames, which are its own from then on. `stopReading` is called once, when it
 * is disposed of.
 */
export function createNodeRemoteStream(
  tracks: NodeRemoteTracks,
  listener: FramesListener,
  stopReading: () => Promise<void>,
): { readonly stream: NodeRemoteStream; receive(frame: I420Frame): void } {
  const framesSubject = new Subject<I420Frame>();
  let framesReceived = 0;
  let latest: I420Frame | null = null;
  let disposing: Promise<void> | null = null;

  const emitLatest = (): void => {
    const frame = latest;
    latest = null;
    if (frame) framesSubject.next(frame);
  };

  const dispose = (): Promise<void> => {
    disposing ??= (async () => {
      latest = null;
      framesSubject.complete();
      await stopReading();
    })();
    return disposing;
  };

  return {
    receive(frame) {
      if (disposing) return;
      framesReceived += 1;
      if (framesReceived === 1) listener.onFirstFrame();
      if (listener.onMarker) {
        const seq = readMarker(frame.data, frame.width, frame.height, frame.width);
        if (seq !== null) listener.onMarker(seq);
      }
      // Frames that were decoded while the event loop was busy all arrive before the immediate runs.
      if (latest === null) setImmediate(emitLatest);
      latest = frame;
    },
    stream: {
      id: 'stream-remote',
      ...tracks,
      frames$: framesSubject.asObservable(),
      get framesReceived() {
        return framesReceived;
      },
      dispose,
      [asyncDispose]: dispose,
    },
  };
}

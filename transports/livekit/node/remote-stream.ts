import { type Observable, Subject } from 'rxjs';
import { readMarker } from '../../../core/latency/marker.js';
import { asyncDispose, type RemoteStream } from '../../../core/ports/streams.js';
import { within } from '../shared/within.js';
import type { I420Frame } from './i420-frame.js';
import type { LiveKitNode } from './native.js';

export type RemoteVideoTrack = InstanceType<LiveKitNode['RemoteVideoTrack']>;
export type RemoteAudioTrack = InstanceType<LiveKitNode['RemoteAudioTrack']>;

/** Video that comes back from the service, decoded. */
export interface NodeRemoteStream extends RemoteStream {
  /** The track of `@livekit/rtc-node`. */
  readonly videoTrack: RemoteVideoTrack | null;
  readonly audioTrack: RemoteAudioTrack | null;
  /**
   * Decoded frames, shared by all who subscribe. Event-like: does not replay. When the event loop is late, only the
   * latest frame is emitted, so no queue grows. A frame's bytes are the receiver's to keep and change. Completes
   * when the stream is disposed of.
   */
  readonly frames$: Observable<I420Frame>;
  /** Frames decoded so far, those that were passed over included. */
  readonly framesReceived: number;
}

export interface RemoteTracks {
  readonly videoTrack: RemoteVideoTrack | null;
  readonly audioTrack: RemoteAudioTrack | null;
}

export interface RemoteStreamListener {
  onFirstFrame(): void;
  /** `null`: markers are not read. */
  readonly onMarker: ((seq: number) => void) | null;
  onFailed(error: unknown): void;
}

const cancelLimitMs = 500;

/** Reads the video track from now on until it is disposed of, whether anyone watches or not: unread frames pile up. */
export function createRemoteStream(
  rtc: LiveKitNode,
  tracks: RemoteTracks,
  listener: RemoteStreamListener,
): NodeRemoteStream {
  const framesSubject = new Subject<I420Frame>();
  const reader = tracks.videoTrack ? new rtc.VideoStream(tracks.videoTrack).getReader() : null;
  let framesReceived = 0;
  let latest: I420Frame | null = null;
  let disposing: Promise<void> | null = null;

  const emitLatest = (): void => {
    const frame = latest;
    latest = null;
    if (frame) framesSubject.next(frame);
  };

  const receive = (frame: I420Frame): void => {
    framesReceived += 1;
    if (framesReceived === 1) listener.onFirstFrame();
    if (listener.onMarker) {
      const seq = readMarker(frame.data, frame.width, frame.height, frame.width);
      if (seq !== null) listener.onMarker(seq);
    }
    // Frames that were decoded while the event loop was busy all arrive before the immediate runs.
    if (latest === null) setImmediate(emitLatest);
    latest = frame;
  };

  const drain = async (from: NonNullable<typeof reader>): Promise<void> => {
    for (;;) {
      const { done, value } = await from.read();
      if (done) return;
      if (disposing) continue;
      const { type, data, width, height } =
        value.frame.type === rtc.VideoBufferType.I420 ? value.frame : value.frame.convert(rtc.VideoBufferType.I420);
      if (type === rtc.VideoBufferType.I420) {
        receive({ data, width, height, timestampUs: Number(value.timestampUs) });
      }
    }
  };

  const dispose = (): Promise<void> => {
    disposing ??= (async () => {
      latest = null;
      framesSubject.complete();
      // The native stream goes on by itself after its track is gone; only this ends it.
      if (reader) await within(cancelLimitMs, reader.cancel());
    })();
    return disposing;
  };

  if (reader) {
    drain(reader).catch((error: unknown) => {
      if (!disposing) listener.onFailed(error);
    });
  }

  return {
    id: 'stream-remote',
    videoTrack: tracks.videoTrack,
    audioTrack: tracks.audioTrack,
    frames$: framesSubject.asObservable(),
    get framesReceived() {
      return framesReceived;
    },
    dispose,
    [asyncDispose]: dispose,
  };
}

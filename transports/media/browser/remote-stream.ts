import { concat, map, NEVER, type Observable, of } from 'rxjs';
import { asyncDispose, type RemoteStream } from '../../../core/ports/streams.js';
import { type AttachOptions, attachStream } from './attach.js';
import { onFirstFrame } from './first-frame.js';
import { type TimedTrack, watchFrameTiming } from './frame-timing.js';
import { watchMarkers } from './marker-reader.js';

/** Video, and audio, that come back from the service. */
export interface BrowserRemoteStream extends RemoteStream {
  /** `null` when there is no video yet. */
  readonly videoTrack: MediaStreamTrack | null;
  /** `null` when there is no audio. */
  readonly audioTrack: MediaStreamTrack | null;
  /** Holds both tracks; never another one's. */
  readonly mediaStream: MediaStream;
  /**
   * Plays this stream in an element, video and audio, and by itself the one that follows when the session reconnects.
   * Returns what detaches it, which empties the element. One stream per element: attaching another replaces it.
   */
  attach(video: HTMLVideoElement, options?: AttachOptions): () => void;
}

/** A track as it comes in. */
export interface ReceivedTrack extends TimedTrack {
  readonly mediaStreamTrack: MediaStreamTrack;
  readonly receiver?: RTCRtpReceiver | undefined;
}

/** What makes a remote stream. */
export interface RemoteTracks {
  readonly video: ReceivedTrack | null;
  readonly audio: ReceivedTrack | null;
}

export interface RemoteStreamListener {
  onFirstFrame(): void;
  /** `null`: markers are not read. */
  readonly onMarker: ((seq: number) => void) | null;
  /** `null`: frames are not timed. */
  readonly onLatency: ((latencyMs: number) => void) | null;
  onPlaybackRefused: NonNullable<AttachOptions['onPlaybackRefused']>;
  /** What the elements that `stream` is attached to show, from `stream` on; `null` when that is not known. */
  readonly follow: ((stream: BrowserRemoteStream) => Observable<BrowserRemoteStream | null>) | null;
}

/**
 * The tracks are clones: a server that reuses a transceiver gives the next participant's media the same track, and an
 * element that shows the old stream must not show the new one by accident. `stop` ends them, the video once nothing
 * reads its frames any more.
 */
export function createRemoteStream(
  { video, audio }: RemoteTracks,
  listener: RemoteStreamListener,
): { readonly stream: BrowserRemoteStream; stop(): Promise<void> } {
  const videoTrack = video?.mediaStreamTrack.clone() ?? null;
  const audioTrack = audio?.mediaStreamTrack.clone() ?? null;
  const mediaStream = new MediaStream([videoTrack, audioTrack].filter((track) => track !== null));
  const detaches = new Set<() => void>();
  const stops: (() => void | Promise<void>)[] = [];
  if (video && videoTrack) {
    stops.push(onFirstFrame(videoTrack, video.receiver ?? null, () => listener.onFirstFrame()));
    if (listener.onMarker) stops.push(watchMarkers(videoTrack, listener.onMarker));
    if (listener.onLatency) stops.push(watchFrameTiming(videoTrack, video, listener.onLatency));
  }
  const stop = async (): Promise<void> => {
    audioTrack?.stop();
    // Chromium never closes a frame that is on its way to a reader when the track ends.
    await Promise.all(stops.splice(0).map((each) => each()));
    videoTrack?.stop();
  };
  const dispose = async (): Promise<void> => {
    const stopped = stop();
    for (const detach of detaches) detach();
    detaches.clear();
    await stopped;
  };
  const stream: BrowserRemoteStream = {
    id: 'stream-remote',
    videoTrack,
    audioTrack,
    mediaStream,
    attach(element, { onPlaybackRefused } = {}) {
      const streams$ = listener.follow ? listener.follow(stream) : concat(of(stream), NEVER);
      const detach = attachStream(element, streams$.pipe(map((shown) => shown?.mediaStream ?? null)), (error) => {
        onPlaybackRefused?.(error);
        listener.onPlaybackRefused(error);
      });
      detaches.add(detach);
      return () => {
        detaches.delete(detach);
        detach();
      };
    },
    dispose,
    [asyncDispose]: dispose,
  };
  return { stream, stop };
}

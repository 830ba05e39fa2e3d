import type { Observable } from 'rxjs';
import type { MediaTransport } from '../../../core/ports/media.js';
import type { AttachOptions } from '../../media/browser/attach.js';
import { mediaLater } from '../../media/browser/lazy-media.js';
import type { PublishableStream } from '../../media/browser/local-stream.js';
import type { BrowserRemoteStream } from '../../media/browser/remote-stream.js';
import { loadOnce } from '../../media/load.js';
import { type LiveKitClient, loadFailure, loadLiveKitClient } from './load.js';

export { type AttachOptions, attachStream, requireVideo } from '../../media/browser/attach.js';
export { frameStream, readFrames } from '../../media/browser/frame-reader.js';
export { isMediaStream, type PublishableStream, requireVideoTrack } from '../../media/browser/local-stream.js';
export type { BrowserRemoteStream } from '../../media/browser/remote-stream.js';

/** How rooms are joined from a browser. Everything has a default. */
export interface LiveKitBrowserTransportOptions {
  /** How long each step of a join may take, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Loads `livekit-client`. @default the installed package, with its logging switched off */
  readonly load?: (() => Promise<object>) | undefined;
  /**
   * Starts the worker of `livekit-client/frame-metadata-worker`, for sessions with `debugQuality: 'metadata'`. Called
   * by their joins only; without it frames cannot be timed.
   * @default none
   */
  readonly createMetadataWorker?: (() => Worker) | undefined;
  /** What the elements that a stream is attached to show, from that stream on. @default that stream only */
  readonly follow?: ((stream: BrowserRemoteStream) => Observable<BrowserRemoteStream | null>) | undefined;
  /** Called when the browser refuses to play an attached stream. */
  readonly onPlaybackRefused?: AttachOptions['onPlaybackRefused'] | undefined;
}

/**
 * Media over LiveKit in browsers, by `livekit-client`, which is loaded on the first `preload()` or join, never before.
 *
 * @example
 * ```ts
 * import { createLiveKitBrowserTransport, type PublishableStream, type RoomRequest } from 'decart-rx/browser';
 *
 * export const show = (request: RoomRequest<PublishableStream>, video: HTMLVideoElement) =>
 *   createLiveKitBrowserTransport()
 *     .join(request)
 *     .events$.subscribe((event) => event.type === 'streamChanged' && event.stream?.attach(video));
 * ```
 */
export function createLiveKitBrowserTransport(
  options: LiveKitBrowserTransportOptions = {},
): MediaTransport<PublishableStream, BrowserRemoteStream> {
  const { connectTimeoutMs = 10_000, load = loadLiveKitClient, follow = null, createMetadataWorker = null } = options;
  const { onPlaybackRefused = () => undefined } = options;
  const library = loadOnce(async (): Promise<LiveKitClient> => {
    try {
      return (await load()) as LiveKitClient;
    } catch (error) {
      throw loadFailure(error);
    }
  });
  const media = mediaLater<PublishableStream, BrowserRemoteStream>(
    loadOnce(async () => {
      // Both files at the same time.
      library().catch(() => undefined);
      const { createTransport } = await import('./transport.js');
      return createTransport(library, { connectTimeoutMs, onPlaybackRefused, follow, createMetadataWorker }, load);
    }),
  );
  return { ...media, timesFrames: createMetadataWorker !== null && canTimeFrames() };
}

/** Whether frames can be worked on between encoder and network here. */
function canTimeFrames(): boolean {
  const { RTCRtpSender: Sender, RTCRtpScriptTransform: Transform } = globalThis as {
    RTCRtpSender?: { readonly prototype: object };
    RTCRtpScriptTransform?: unknown;
  };
  return Sender !== undefined && ('createEncodedStreams' in Sender.prototype || Transform !== undefined);
}

// decart-rx/browser: the client for browsers, with its platform filled in, and all of decart-rx.
import {
  type DecartClient as CoreClient,
  createDecartClient as createClient,
  type DecartClientConfig,
} from '../../core/index.js';
import type { BrowserRemoteStream } from '../../transports/livekit/browser.js';
import { createFollower } from './follow.js';
import type { BrowserLocalStream } from './local-stream.js';
import { type BrowserPlatformOptions, createBrowserPlatform } from './platform.js';

export * from '../../core/index.js';
export {
  type AttachOptions,
  type BrowserRemoteStream,
  createLiveKitBrowserTransport,
  type LiveKitBrowserTransportOptions,
  type PublishableStream,
} from '../../transports/livekit/browser.js';
export type { DeviceFailureReason } from './device-failure.js';
export {
  createFrameProcessor,
  type FramePath,
  type FrameProcessor,
  type FrameProcessorOptions,
} from './frames/frame-processor.js';
export type { VideoProcessor, VideoProcessorInput } from './frames/video-processor.js';
export type { BrowserLocalStream, CameraSwitch } from './local-stream.js';
export { type BrowserPlatformOptions, createBrowserPlatform } from './platform.js';
export type { BrowserVideoSource } from './video-input.js';

export interface BrowserClientConfig extends DecartClientConfig, Pick<BrowserPlatformOptions, 'createWorker'> {
  /**
   * Load and warm up the media library when the page is idle, so that the first connect finds it ready: that saves it
   * more than 100 ms. `false`: not before a connect begins. Default `true`.
   */
  readonly preload?: boolean;
}

/** A client in a browser. */
export type DecartClient = CoreClient<BrowserLocalStream, BrowserRemoteStream>;

/**
 * A client for browsers: signaling over WebSocket, media over `livekit-client`, which is loaded when it is first
 * needed or the page is idle. Importing this module touches nothing of the browser, so it may be imported on a server.
 *
 * @throws DecartError INVALID_API_KEY for a blank key, INVALID_BASE_URL
 */
export function createDecartClient({ preload = true, createWorker, ...config }: BrowserClientConfig): DecartClient {
  const platform = createBrowserPlatform({
    follow: (stream) => follow(stream),
    ...(createWorker && { createWorker }),
  });
  const client = createClient(config, platform);
  const follow = createFollower(client.realtime);
  if (preload && typeof document === 'object') whenIdle(() => platform.media.preload?.());
  return client;
}

function whenIdle(work: () => void): void {
  // Not everywhere, whatever the types say.
  const { requestIdleCallback } = globalThis as { requestIdleCallback?: typeof globalThis.requestIdleCallback };
  if (requestIdleCallback) requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work);
}

// decart-rx/browser: the client for browsers, with its platform filled in, and all of decart-rx.
import { of } from 'rxjs';
import { type ClientParts, composeClient } from '../../core/compose-client.js';
import type { ConnectionState, DecartClient as CoreClient, DecartClientConfig } from '../../core/index.js';
import type { BrowserRemoteStream } from '../../transports/livekit/browser/index.js';
import { loaded } from '../../transports/media/load.js';
import { steadyScheduler } from '../steady-scheduler.js';
import type { BrowserLocalStream } from './local/browser-local-stream.js';
import type { BrowserVideoSource } from './local/video-input.js';
import { closeWithPage } from './page-life.js';
import { type BrowserPlatformOptions, createBrowserPlatform } from './platform.js';
import { withoutDocument } from './without-document.js';

export * from '../../core/index.js';
export { ephemeralKey } from '../../transports/http/ephemeral-key.js';
export {
  type AttachOptions,
  type BrowserRemoteStream,
  createLiveKitBrowserTransport,
  type LiveKitBrowserTransportOptions,
  type PublishableStream,
} from '../../transports/livekit/browser/index.js';
export type { DeviceFailureReason } from './devices/device-failure.js';
export { createFrameProcessor, type FrameProcessor } from './frames/frame-processor.js';
export type { FramePath, FrameProcessorOptions } from './frames/frame-workshop.js';
export type { VideoProcessor, VideoProcessorInput } from './frames/video-processor.js';
export type { BrowserLocalStream, CameraSwitch } from './local/browser-local-stream.js';
export type { BrowserVideoSource } from './local/video-input.js';
export { type BrowserPlatformOptions, createBrowserPlatform } from './platform.js';

/** What a client in a browser is made from. Only `apiKey` is required. */
export interface BrowserClientConfig
  extends DecartClientConfig,
    Pick<BrowserPlatformOptions, 'createWorker' | 'createMetadataWorker'> {
  /**
   * Load what a session needs, and warm up the media library, when the page is idle, so that the first connect finds
   * it ready: that saves it more than 100 ms. `false`: not before a connect begins.
   * @default true
   */
  readonly preload?: boolean | undefined;
}

const importDecoding = () => import('../../core/session/runtime/decode-event.js');
const importSampling = () => import('../../core/session/measure/sampling.js');

const parts: ClientParts = {
  rest: () =>
    loaded(
      () => import('../../core/rest/clients.js'),
      (module) => of(module.createRestClients),
    ),
  checks: () =>
    loaded(
      () => import('../../core/connectivity/check.js'),
      (module) => of(module.createConnectivityChecks),
    ),
  decodeEvent: () => loaded(importDecoding, (module) => of(module.decodeEvent)),
  sampling: () => loaded(importSampling, (module) => of(module.createSampling)),
};

/** A client in a browser. */
export type DecartClient = CoreClient<BrowserLocalStream, BrowserRemoteStream, BrowserVideoSource>;

/**
 * A client for browsers: signaling over WebSocket, media over `livekit-client`, which is loaded when it is first
 * needed or the page is idle, as most of this package itself is. Importing this module touches nothing of the browser,
 * so it may be imported on a server; where there is no document, each call that would open something stays pending.
 *
 * @throws DecartError INVALID_API_KEY for a blank key, INVALID_BASE_URL, INVALID_INPUT for an option that there is not
 *
 * @example
 * ```ts
 * import { createDecartClient, ephemeralKey } from 'decart-rx/browser';
 *
 * const client = createDecartClient({ apiKey: ephemeralKey('/api/decart-token') });
 * const stream = await client.realtime.connect({ model: 'lucy-2.5', initialPrompt: { text: 'Watercolor' } });
 * stream.attach(document.querySelector('video')!);
 * ```
 */
export function createDecartClient(options: BrowserClientConfig): DecartClient {
  const given = Object(options) as typeof options;
  const { preload = true, createWorker, createMetadataWorker, scheduler = steadyScheduler, ...config } = given;
  const platform = createBrowserPlatform({ createWorker, createMetadataWorker });
  const client = composeClient({ ...config, scheduler }, platform, parts);
  if (typeof document === 'undefined') return withoutDocument(client);
  closeWithPage(client.realtime);
  if (preload) {
    let state: ConnectionState | 'released' = 'disconnected';
    client.realtime.connectionState$.subscribe({
      next: (next) => {
        state = next;
      },
      complete: () => {
        state = 'released';
      },
    });
    whenIdle(() => {
      // A connect loads what it needs by itself: more would be in its way.
      if (state !== 'disconnected') return;
      // The call that needs it tries again, and reports the error.
      import('./local/local-stream.js').catch(() => undefined);
      importDecoding().catch(() => undefined);
      importSampling().catch(() => undefined);
      platform.media.preload?.();
    });
  }
  return client;
}

function whenIdle(work: () => void): void {
  // Not in every browser, although the types say so.
  const { requestIdleCallback } = globalThis as { requestIdleCallback?: typeof globalThis.requestIdleCallback };
  if (requestIdleCallback) requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work);
}

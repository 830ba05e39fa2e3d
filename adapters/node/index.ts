// decart-rx/node: the client for Node, with its platform filled in, and all of decart-rx.
import {
  type DecartClient as CoreClient,
  createDecartClient as createClient,
  type DecartClientConfig,
} from '../../core/index.js';
import type { NodeLocalStream, NodeRemoteStream } from '../../transports/livekit/node/index.js';
import { steadyScheduler } from '../steady-scheduler.js';
import type { NodeVideoSource } from './frames/frame-source.js';
import { createNodePlatform } from './platform.js';

export * from '../../core/index.js';
export { ephemeralKey } from '../../transports/http/ephemeral-key.js';
export {
  createLiveKitNodeTransport,
  type FrameSize,
  type I420Frame,
  i420Length,
  type LiveKitNodeTransport,
  type LiveKitNodeTransportOptions,
  type NodeLocalStream,
  type NodeRemoteStream,
  type NodeVideoTrack,
} from '../../transports/livekit/node/index.js';
export {
  createDirectNodeTransport,
  type DirectNodeTransport,
  type DirectNodeTransportOptions,
} from '../../transports/webrtc/node/index.js';
export type { FrameRate, NodeVideoSource } from './frames/frame-source.js';
export { createLocalVideoStream, type LocalVideoOptions } from './frames/local-stream.js';
export { mirror } from './frames/mirror.js';
export { type VideoFileOptions, videoFileFrames } from './frames/video-file.js';
export { y4mFrames } from './frames/y4m.js';
export { createNodePlatform, type NodePlatformOptions } from './platform.js';

/** A client in Node. */
export type DecartClient = CoreClient<NodeLocalStream, NodeRemoteStream, NodeVideoSource>;

/**
 * A client for Node: signaling over `ws`, media over `@livekit/rtc-node`, which is loaded when it is first needed.
 * Call `release()` when done with it: the process exits by itself then, and not before.
 *
 * @throws DecartError INVALID_API_KEY for a blank key, INVALID_BASE_URL, INVALID_INPUT for an option that there is not
 *
 * @example
 * ```ts
 * import { createDecartClient, RealtimeModels } from 'decart-rx/node';
 *
 * const client = createDecartClient({ apiKey: process.env['DECART_API_KEY'] ?? '' });
 * const model = RealtimeModels.LUCY_RESTYLE_2;
 * const stream = await client.realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
 * const remote = await client.realtime.connect({ model, initialPrompt: { text: 'as an oil painting' } }, stream);
 * remote.frames$.subscribe((frame) => console.log(frame.width, frame.height));
 * ```
 */
export function createDecartClient(config: DecartClientConfig): DecartClient {
  const { scheduler = steadyScheduler } = Object(config) as typeof config;
  return createClient({ ...config, scheduler }, createNodePlatform({ scheduler }));
}

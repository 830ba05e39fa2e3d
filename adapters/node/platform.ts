import { defer, of, type SchedulerLike } from 'rxjs';
import { invalid } from '../../core/errors.js';
import type { Platform } from '../../core/ports/platform.js';
import type { SignalingTransport } from '../../core/ports/signaling.js';
import { createNodeHttpTransport } from '../../transports/http/node.js';
import {
  createLiveKitNodeTransport,
  type LiveKitNodeTransport,
  type NodeLocalStream,
  type NodeRemoteStream,
  requireNodeLocalStream,
} from '../../transports/livekit/node/index.js';
import { createWebSocketTransport } from '../../transports/signaling/websocket.js';
import { createDirectNodeTransport, type DirectNodeTransport } from '../../transports/webrtc/node/index.js';
import { fetchBytes } from '../fetch-bytes.js';
import { isDisposed, openLocalStream } from './frames/local-stream.js';
import { nodeNetworkProbe } from './network/network-probe.js';

/** Parts of Node's platform to replace. Everything has a default. */
export interface NodePlatformOptions {
  /** Opens sockets. @default over `ws` */
  readonly signaling?: SignalingTransport | undefined;
  /** Joins rooms. Its native library is given back when the client is released. @default over `@livekit/rtc-node` */
  readonly media?: LiveKitNodeTransport | undefined;
  /** For `transport: 'webrtc'`. @default over `@roamhq/wrtc`, which is loaded for this alone */
  readonly directMedia?: DirectNodeTransport | undefined;
  /** Gives the pace of local video. @default real time */
  readonly scheduler?: SchedulerLike | undefined;
}

/** What a client needs of Node. One platform serves one client. Nothing is loaded or opened before it is needed. */
export function createNodePlatform(options: NodePlatformOptions = {}): Platform<NodeLocalStream, NodeRemoteStream> {
  const { signaling = createWebSocketTransport(), media = createLiveKitNodeTransport(), scheduler } = options;
  const { directMedia = createDirectNodeTransport() } = options;
  return {
    runtime: `node/${process.versions.node}`,
    signaling,
    media,
    directMedia,
    http: createNodeHttpTransport(),
    // A test picture is no camera: it is only sent when it is asked for.
    hasCamera: false,
    createLocalStream: (request) => defer(() => of(openLocalStream(request, scheduler))),
    adoptLocalStream(stream) {
      requireNodeLocalStream(stream);
      if (isDisposed(stream)) throw invalid('The local stream is disposed. Pass a new one.');
      return stream;
    },
    fetchBytes,
    network: nodeNetworkProbe,
    seed: () => Math.trunc(Math.random() * 0x7fffffff),
    release: async () => {
      await Promise.all([media.release(), directMedia.release()]);
    },
  };
}

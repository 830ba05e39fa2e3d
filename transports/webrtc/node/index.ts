import type { DirectRequest, MediaTransport } from '../../../core/ports/media.js';
import type { NodeLocalStream } from '../../media/node/local-stream.js';
import type { NodeRemoteStream } from '../../media/node/remote-stream.js';
import { createRoom } from '../../media/room.js';
import type { RoomConnection } from '../../media/room-connection.js';
import { NodeDirectConnection } from './direct-connection.js';
import { loadNodeWebRtc, type NodeWebRtc } from './native.js';

export type { NodeWebRtc } from './native.js';

/** How peer connections are made in Node. Everything has a default. */
export interface DirectNodeTransportOptions {
  /** How long a connection may take once the service has answered, in milliseconds. @default 10,000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Loads `@roamhq/wrtc`. @default the installed package */
  readonly load?: (() => Promise<NodeWebRtc>) | undefined;
}

/** Media over a peer connection of `@roamhq/wrtc`, which is loaded with the first join. */
export interface DirectNodeTransport
  extends MediaTransport<NodeLocalStream, NodeRemoteStream, DirectRequest<NodeLocalStream>> {
  /** Closes the connections that are still open. Idempotent; does not throw. */
  release(): Promise<void>;
}

/**
 * Media over a peer connection of `@roamhq/wrtc`, for direct WebRTC mode in Node. The package is loaded on the first
 * `preload()` or join, never before; a room whose library cannot be loaded is `lost` with the cause and the remedy.
 */
export function createDirectNodeTransport(options: DirectNodeTransportOptions = {}): DirectNodeTransport {
  const { connectTimeoutMs = 10_000, load = loadNodeWebRtc } = options;
  /** Those that have not ended. */
  const connections = new Map<RoomConnection<NodeRemoteStream>, Promise<void>>();
  return {
    join: (request) =>
      createRoom(
        (emit) => new NodeDirectConnection(load, { connectTimeoutMs }, request, emit),
        (connection, ended) => {
          connections.set(connection, ended);
          ended.then(() => connections.delete(connection));
        },
      ),
    preload() {
      // The join that needs it loads it again, and says what is wrong.
      load().catch(() => undefined);
    },
    async release() {
      for (const connection of connections.keys()) connection.end(null);
      await Promise.all(connections.values());
    },
  };
}

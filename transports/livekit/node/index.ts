import type { MediaTransport } from '../../../core/ports/media.js';
import type { NodeLocalStream } from '../../media/node/local-stream.js';
import type { NodeRemoteStream } from '../../media/node/remote-stream.js';
import { createRoom } from '../../media/room.js';
import type { RoomConnection } from '../../media/room-connection.js';
import { acquireLiveKitNode, isAnswerPending, type LiveKitNode, loadLiveKitNode, type NativeHold } from './native.js';
import { NodeRoomConnection } from './room-connection.js';

export {
  type FrameSize,
  type I420Frame,
  i420Length,
  requireI420,
  requireVideoSize,
} from '../../media/node/i420-frame.js';
export {
  type NodeLocalStream,
  type NodeVideoTrack,
  requireNodeLocalStream,
  requireNodeVideoTrack,
} from '../../media/node/local-stream.js';
export type { NodeRemoteStream } from '../../media/node/remote-stream.js';

/** How rooms are joined from Node. Everything has a default. */
export interface LiveKitNodeTransportOptions {
  /** How long a join may take, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How many more times a server that refuses or fails is tried within that time; the session retries, too. @default 0 */
  readonly joinRetries?: number | undefined;
  /** Loads `@livekit/rtc-node`: its module. @default the installed package, with its logging switched off */
  // Declared without the package's own types, for apps that do without the package.
  readonly load?: (() => Promise<object>) | undefined;
}

const idleMs = 2_000;

/** Media over `@livekit/rtc-node`, whose native library it loads with the first join. */
export interface LiveKitNodeTransport extends MediaTransport<NodeLocalStream, NodeRemoteStream> {
  /**
   * Closes the rooms that are still open, then gives the native library back: while it runs, the process does not
   * exit. A later join starts it again. Idempotent; does not throw. Without it, the library is given back when no room
   * has been open for two seconds.
   */
  release(): Promise<void>;
}

/**
 * Media over LiveKit in Node, by `@livekit/rtc-node`. The package and its native library are loaded on the first
 * `preload()` or join, never before; a room whose library cannot be loaded is `lost` with the cause and the remedy.
 *
 * @example
 * ```ts
 * import { createLiveKitNodeTransport, type NodeLocalStream, type RoomRequest } from 'decart-rx/node';
 *
 * export function joinAndLeave(request: RoomRequest<NodeLocalStream>): void {
 *   const transport = createLiveKitNodeTransport();
 *   transport.join(request).events$.subscribe((event) => event.type === 'closed' && transport.release());
 * }
 * ```
 */
export function createLiveKitNodeTransport(options: LiveKitNodeTransportOptions = {}): LiveKitNodeTransport {
  const { connectTimeoutMs = 10_000, joinRetries = 0, load = loadLiveKitNode } = options;
  /** Those that have not ended. */
  const connections = new Map<RoomConnection<NodeRemoteStream>, Promise<void>>();
  let hold: Promise<NativeHold> | null = null;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;

  const acquire = async (): Promise<LiveKitNode> => {
    hold ??= acquireLiveKitNode(load as () => Promise<LiveKitNode>);
    return (await hold).rtc;
  };

  /** A call after the native library was shut down would start it again: the rooms end first. */
  async function giveBack(): Promise<void> {
    clearTimeout(idleTimer);
    const held = hold;
    hold = null;
    await held?.then(
      ({ release }) => release(),
      // What was not acquired needs no release.
      () => undefined,
    );
  }

  /** A failed connect that is never released must not keep the process from exiting. */
  function giveBackWhenIdle(): void {
    clearTimeout(idleTimer);
    if (connections.size > 0) return;
    // An answer that comes after the shutdown would start the library again.
    const check = () => (isAnswerPending() ? giveBackWhenIdle() : giveBack());
    idleTimer = setTimeout(check, idleMs).unref();
  }

  return {
    join: (request) =>
      createRoom(
        (emit) => new NodeRoomConnection(acquire, { connectTimeoutMs, joinRetries }, request, emit),
        (connection, ended) => {
          clearTimeout(idleTimer);
          connections.set(connection, ended);
          ended.then(() => {
            connections.delete(connection);
            giveBackWhenIdle();
          });
        },
      ),
    preload() {
      // The join that needs it loads it again, and says what is wrong.
      acquire().then(giveBackWhenIdle, () => undefined);
    },
    async release() {
      for (const connection of connections.keys()) connection.end(null);
      await Promise.all(connections.values());
      await giveBack();
    },
  };
}

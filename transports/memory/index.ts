import { asapScheduler, type SchedulerLike } from 'rxjs';
import type { DirectRequest, MediaTransport } from '../../core/ports/media.js';
import type { SignalingTransport } from '../../core/ports/signaling.js';
import type { LocalStream } from '../../core/ports/streams.js';
import { Delivery } from './delivery.js';
import { createMemoryMediaRoom, type MemoryRequest, MemoryRoom } from './room.js';
import { createMemorySocket, MemorySocket } from './socket.js';
import type { MemoryRemoteStream } from './streams.js';

export type { MemoryRequest, MemoryRoom, MemorySound } from './room.js';
export type { MemorySocket } from './socket.js';
export * from './streams.js';

/** How the network behaves. Everything has a default. */
export interface MemoryNetworkOptions {
  /** Brings what arises inside a client's own call. @default asapScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** How long sockets and rooms take to close once they are asked to; the ports allow 3,000. Milliseconds. @default 0 */
  readonly closeDelayMs?: number | undefined;
  /** Sockets can be pinged, as in Node; the test answers by `pong()`. @default false */
  readonly canPing?: boolean | undefined;
  /** Called with the server's side of each socket as the client opens it. */
  readonly onSocket?: ((socket: MemorySocket) => void) | undefined;
  /** Called with the server's side of each room as the client joins it. */
  readonly onRoom?: ((room: MemoryRoom) => void) | undefined;
}

/** A network in memory: the client's ports on one side, what a server does by hand on the other. */
export interface MemoryNetwork {
  /** Sockets, for a client's platform. */
  readonly signaling: SignalingTransport;
  /** Rooms, for a client's platform. */
  readonly media: MediaTransport<LocalStream, MemoryRemoteStream>;
  /** Peer connections: rooms like the others, whose signals the test carries. */
  readonly directMedia: MediaTransport<LocalStream, MemoryRemoteStream, DirectRequest>;
  /** Every socket that was opened, oldest first. */
  readonly sockets: readonly MemorySocket[];
  /** Every room that was joined, oldest first. */
  readonly rooms: readonly MemoryRoom[];
  /** What is open now; `streams` are remote ones that were handed out and not disposed of. */
  readonly open: { readonly sockets: number; readonly rooms: number; readonly streams: number };
}

/**
 * Both transports without a network, for tests and simulation: the test plays the server. Nothing happens unless
 * the test does it, and the order of events depends on nothing but the order of calls.
 *
 * @example
 * ```ts
 * import { createMemoryNetwork } from 'decart-rx/testkit';
 *
 * const network = createMemoryNetwork({ onSocket: (socket) => socket.accept() });
 * const socket = network.signaling.open({ url: 'memory://server' });
 * socket.events$.subscribe((event) => console.log(event.type)); // opened, message
 * network.sockets[0]?.deliver('{"type":"status","status":"ready"}');
 * ```
 */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const { scheduler = asapScheduler, closeDelayMs = 0, canPing = false, onSocket, onRoom } = options;
  const delivery = new Delivery(scheduler);
  const open = { sockets: 0, rooms: 0, streams: 0 };
  const sockets: MemorySocket[] = [];
  const rooms: MemoryRoom[] = [];
  const join = (request: MemoryRequest) =>
    createMemoryMediaRoom(
      request,
      (granted, subscriber) => {
        const room = new MemoryRoom(granted, delivery, subscriber, open, closeDelayMs);
        rooms.push(room);
        return room;
      },
      (room) => onRoom?.(room),
      delivery,
    );
  return {
    sockets,
    rooms,
    open,
    signaling: {
      open: ({ url }) =>
        createMemorySocket(
          (subscriber) => {
            open.sockets += 1;
            const ended = (): void => {
              open.sockets -= 1;
            };
            const socket = new MemorySocket(url, delivery, subscriber, ended, canPing);
            sockets.push(socket);
            return socket;
          },
          (socket) => onSocket?.(socket),
          delivery,
          closeDelayMs,
        ),
    },
    media: { join },
    directMedia: { join },
  };
}

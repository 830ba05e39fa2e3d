import { type SchedulerLike, Subscription } from 'rxjs';
import { nodeSocketOf, type WebSocketLike } from './websocket-platform.js';

/** `WebSocket.CONNECTING`, which not every socket that can be handed in carries. */
const CONNECTING = 0;

export interface Abandonment {
  /** The close code and reason for the peer, sent once there is a connection. */
  readonly closeFrame: readonly [code: number, reason: string];
  /** How much longer it may be opening, in milliseconds. */
  readonly limitMs: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Abandons a browser's socket that is still opening: its events are ignored, and it is closed as soon as it is open.
 * Not now: of a socket that is closed while it connects, browsers print the address on the console, and
 * the address holds the API key.
 *
 * An opening that hangs is cut at the limit all the same: browsers open one socket per host at a time, so it would
 * delay the next connection. They print the address of a socket that cannot be opened in any case.
 */
export function abandonOpening(socket: WebSocketLike, { closeFrame, limitMs, scheduler }: Abandonment): void {
  const limit = new Subscription();
  const cut = (): void => {
    limit.unsubscribe();
    socket.onopen = socket.onclose = null;
    socket.close(...closeFrame);
  };
  socket.onmessage = socket.onerror = null;
  socket.onopen = cut;
  socket.onclose = () => limit.unsubscribe();
  limit.add(scheduler.schedule(cut, Math.max(0, limitMs)));
}

/** Whether closing this socket now would show its address. One of `ws` says nothing. */
export function showsAddressWhenClosed(socket: WebSocketLike): boolean {
  return socket.readyState === CONNECTING && nodeSocketOf(socket) === null;
}

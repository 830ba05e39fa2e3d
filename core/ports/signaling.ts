import type { Observable } from 'rxjs';

/**
 * Opens signaling sockets.
 *
 * Obligations: `open` returns at once, opens nothing and does not throw; the socket opens when its `events$`
 * is subscribed to.
 */
export interface SignalingTransport {
  /** A socket, not open yet: subscribe to its `events$`. */
  open(request: SocketRequest): SignalingSocket;
}

/** Which socket to open. */
export interface SocketRequest {
  /** Holds the API key in its query: never log it, never put it into an event. */
  readonly url: string;
}

/**
 * One signaling socket.
 *
 * Obligations:
 * - `events$` is cold, for one subscriber, and never errors. Order: at most one `opened`, any number of `message` and `pong`,
 *   then exactly one `closed`, then completion. A socket that could not be opened is just `closed`.
 * - `close` is idempotent, may be called in every state (before `opened` it cancels the opening) and leads to
 *   `closed` within 3 s; no `opened` or `message` follows it.
 * - `send` keeps order and does nothing unless the socket is open. It does not throw.
 * - Unsubscribing from `events$` closes the socket silently.
 * - Events may be emitted synchronously while subscribing, but never from inside `send` or `close`.
 */
export interface SignalingSocket {
  /** The life of the socket. Subscribing opens it; for one subscriber. */
  readonly events$: Observable<SocketEvent>;
  /** Sends a text frame. */
  send(frame: string): void;
  /** Asks for a sign of life, a `pong`. Absent where the platform cannot, as in browsers. Does not throw. */
  ping?(): void;
  /** Closes the socket. Idempotent. */
  close(code?: number, reason?: string): void;
}

/** What happens on a socket. `closed` is the last. */
export type SocketEvent =
  /** `canPing`: `ping` is there, and each is answered by a `pong` as long as the connection lives. @default false */
  | { readonly type: 'opened'; readonly canPing?: boolean }
  | { readonly type: 'pong' }
  /** A text frame as a string, a binary frame as its bytes. */
  | { readonly type: 'message'; readonly data: string | Uint8Array }
  /** `httpStatus`: the answer to the upgrade, where the platform exposes it (Node does, browsers do not). */
  | { readonly type: 'closed'; readonly code: number; readonly reason: string; readonly httpStatus?: number };

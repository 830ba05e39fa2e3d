import WebSocket from 'isomorphic-ws';
import { asyncScheduler, Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import type { SignalingSocket, SignalingTransport, SocketEvent } from '../../core/ports/signaling.js';
import { abandonOpening, showsAddressWhenClosed } from './abandon-opening.js';
import { closeFrameOf, frameOf, nodeSocketOf, type WebSocketLike } from './websocket-platform.js';

/** How long a peer may take to answer a close before the connection is cut. The port allows 3 s in all. */
const CLOSE_LIMIT_MS = 2_500;
/** How long an abandoned browser socket may take to open, in all. */
const OPENING_LIMIT_MS = 10_000;
/** `WebSocket.OPEN`, which not every socket that can be handed in carries. */
const OPEN = 1;

export interface WebSocketTransportOptions {
  /**
   * Makes the platform's socket for an address, e.g. to go through a proxy agent. May throw: that counts as a
   * connection that could not be opened. The address holds the API key. @default `ws` in Node, `WebSocket` elsewhere
   */
  readonly createSocket?: ((url: string) => WebSocketLike) | undefined;
  /** Times the cut of a connection whose peer does not answer a close. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Signaling over WebSocket, in Node (through `ws`) and in browsers.
 *
 * A connection that fails is `closed` with code 1006; its `reason` is then the platform's error code where there is
 * one (`ECONNREFUSED`, say), never an error's message: those may quote the address, and the address holds the API key.
 * In Node `httpStatus` is the response to a refused upgrade.
 */
export function createWebSocketTransport(options: WebSocketTransportOptions = {}): SignalingTransport {
  const { createSocket = createPlatformSocket, scheduler = asyncScheduler } = options;
  return { open: ({ url }) => new WebSocketSignalingSocket(() => createSocket(url), scheduler) };
}

/** In Node, frames go out as they are: deflating a base64 image costs far more time than it saves. */
const NODE_OPTIONS = { perMessageDeflate: false, closeTimeout: CLOSE_LIMIT_MS };

function createPlatformSocket(url: string): WebSocketLike {
  // A page has its own, and test runners that imitate one (jsdom) import a stub that only throws. In a browser's worker
  // the import is whatever `WebSocket` was at load time.
  const hasOwn = typeof document === 'object' && typeof globalThis.WebSocket === 'function';
  const Socket = (hasOwn ? null : WebSocket) ?? globalThis.WebSocket;
  // Browsers ignore the third argument.
  return new Socket(url, undefined, NODE_OPTIONS);
}

class WebSocketSignalingSocket implements SignalingSocket {
  readonly events$ = new Observable<SocketEvent>((subscriber) => this.#open(subscriber));
  readonly #create: () => WebSocketLike;
  readonly #scheduler: SchedulerLike;
  #phase: 'idle' | 'opening' | 'open' | 'closing' | 'closed' = 'idle';
  #socket: WebSocketLike | null = null;
  #subscriber: Subscriber<SocketEvent> | null = null;
  #closeLimit = Subscription.EMPTY;
  #openingSince = 0;

  constructor(create: () => WebSocketLike, scheduler: SchedulerLike) {
    this.#create = create;
    this.#scheduler = scheduler;
  }

  send(frame: string): void {
    if (this.#phase === 'open' && this.#socket?.readyState === OPEN) this.#socket.send(frame);
  }

  ping(): void {
    if (this.#phase === 'open' && this.#socket?.readyState === OPEN) nodeSocketOf(this.#socket)?.ping();
  }

  close(code?: number, reason?: string): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#phase = 'closing';
    this.#startClosing(code, reason);
  }

  #open(subscriber: Subscriber<SocketEvent>): () => void {
    if (this.#subscriber) return refuseSecond(subscriber);
    this.#subscriber = subscriber;
    if (this.#phase === 'idle') {
      this.#phase = 'opening';
      try {
        this.#listen(this.#create());
      } catch (error) {
        // The message may quote the address; the name (SyntaxError, SecurityError) is enough.
        this.#end(1006, nameOf(error));
      }
    } else {
      this.#end(1000, '');
    }
    return () => this.#leave();
  }

  #listen(socket: WebSocketLike): void {
    this.#socket = socket;
    this.#openingSince = this.#scheduler.now();
    socket.binaryType = 'arraybuffer';
    const node = nodeSocketOf(socket);
    let errorCode = '';
    let httpStatus: number | undefined;
    socket.onopen = () => {
      if (this.#phase !== 'opening') return;
      this.#phase = 'open';
      this.#subscriber?.next({ type: 'opened', ...(node && { canPing: true }) });
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (this.#phase === 'open') this.#subscriber?.next({ type: 'message', data: frameOf(event.data) });
    };
    socket.onerror = (event: { error?: { code?: unknown } }) => {
      // A close always follows; until then only the code is kept, for the reason.
      if (typeof event.error?.code === 'string') errorCode = event.error.code;
    };
    socket.onclose = (event: { code: number; reason: string }) =>
      this.#end(event.code, event.reason || errorCode, httpStatus);
    node?.on('pong', () => {
      if (this.#phase === 'open') this.#subscriber?.next({ type: 'pong' });
    });
    node?.on('unexpected-response', (_request, response) => {
      // A listener of this event has to cancel the opening.
      httpStatus = response.statusCode;
      node.terminate();
    });
    // Closed from inside the constructor: there was nothing to close yet.
    if (this.#phase === 'closing') this.#startClosing();
  }

  #startClosing(code?: number, reason?: string): void {
    const socket = this.#socket;
    if (!socket) return;
    const closeFrame = closeFrameOf(code, reason);
    if (showsAddressWhenClosed(socket)) return this.#abandon(socket, closeFrame);
    socket.close(...closeFrame);
    this.#closeLimit = this.#scheduler.schedule(() => {
      nodeSocketOf(socket)?.terminate();
      this.#end(1006, '');
    }, CLOSE_LIMIT_MS);
  }

  /** Subscribers see it closed, though not from inside the call; the socket itself closes once it is open. */
  #abandon(socket: WebSocketLike, closeFrame: readonly [code: number, reason: string]): void {
    const scheduler = this.#scheduler;
    const limitMs = OPENING_LIMIT_MS - (scheduler.now() - this.#openingSince);
    this.#socket = null;
    abandonOpening(socket, { closeFrame, limitMs, scheduler });
    this.#closeLimit = scheduler.schedule(() => this.#end(1006, ''));
  }

  /** Unsubscribed: nothing is emitted any more, but the peer gets its close and the connection its time limit. */
  #leave(): void {
    if (this.#phase === 'closed') return;
    const closing = this.#phase === 'closing';
    this.#phase = 'closing';
    if (!closing) this.#startClosing();
  }

  #end(code: number, reason: string, httpStatus?: number): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#closeLimit.unsubscribe();
    if (this.#socket) {
      this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
      // A `ws` socket throws a late error that has no listener.
      this.#socket.onerror = () => undefined;
    }
    this.#subscriber?.next({ type: 'closed', code, reason, ...(httpStatus !== undefined && { httpStatus }) });
    this.#subscriber?.complete();
  }
}

/** The events are for one subscriber and never error: to another one the socket is closed. */
function refuseSecond(subscriber: Subscriber<SocketEvent>): () => void {
  subscriber.next({ type: 'closed', code: 1006, reason: '' });
  subscriber.complete();
  return () => undefined;
}

function nameOf(error: unknown): string {
  // Not by class: a DOMException is no Error everywhere.
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : '';
  return typeof name === 'string' ? name : '';
}

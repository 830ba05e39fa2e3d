import { Observable, Subject, type Subscriber, Subscription } from 'rxjs';
import type { SignalingSocket, SocketEvent } from '../../core/ports/signaling.js';
import type { Delivery } from './delivery.js';

/**
 * The server's side of a socket in memory. What is done to a socket that is closing or closed has no effect, as on
 * a network; what a server could never do (a frame before the upgrade is accepted, say) throws.
 */
export class MemorySocket {
  /** The frames that the client has sent so far. */
  readonly received: string[] = [];
  /** How often the client has pinged. */
  pings = 0;
  readonly #receivedSubject = new Subject<string>();
  /** Each frame as the client sends it; no replay. Completes when the socket is closed. */
  readonly received$: Observable<string> = this.#receivedSubject.asObservable();
  readonly #url: string;
  readonly #delivery: Delivery;
  readonly #ended: () => void;
  readonly #subscriber: Subscriber<SocketEvent>;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #closedByClient: { code: number; reason: string } | null = null;
  #timer = Subscription.EMPTY;

  constructor(
    url: string,
    delivery: Delivery,
    subscriber: Subscriber<SocketEvent>,
    ended: () => void,
    /** Whether the client can ping; see `MemoryNetworkOptions.canPing`. */
    readonly canPing = false,
  ) {
    this.#url = url;
    this.#delivery = delivery;
    this.#subscriber = subscriber;
    this.#ended = ended;
  }

  /** A getter, so that inspecting the socket does not show the API key. */
  get url(): string {
    return this.#url;
  }

  /** How far the socket is, as the client sees it. */
  get state(): 'connecting' | 'open' | 'closing' | 'closed' {
    return this.#state;
  }

  /** What the client closed with; `null` as long as it has not. */
  get closedByClient(): { readonly code: number; readonly reason: string } | null {
    return this.#closedByClient;
  }

  /** Answers the upgrade: the socket is open. */
  accept(): void {
    if (this.#state === 'open') throw new Error('accept(): this socket is open already.');
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#emit({ type: 'opened', ...(this.canPing && { canPing: true }) });
  }

  /** Answers a ping. */
  pong(): void {
    if (this.#state === 'open') this.#emit({ type: 'pong' });
  }

  /** Answers the upgrade with an HTTP status. */
  refuse(httpStatus: number): void {
    if (this.#state === 'open') throw new Error('refuse(): this socket is open already; use closeByServer().');
    this.#endByServer({ type: 'closed', code: 1006, reason: '', httpStatus });
  }

  /** Sends a frame to the client: text, or bytes. Throws before `accept()`. */
  deliver(frame: string | Uint8Array): void {
    if (this.#state === 'connecting') throw new Error('deliver(): this socket is not open yet; accept() it first.');
    if (this.#state === 'open') this.#emit({ type: 'message', data: frame });
  }

  /** Ends the socket. Code 1006 is a connection that broke. */
  closeByServer(code = 1000, reason = ''): void {
    this.#endByServer({ type: 'closed', code, reason });
  }

  /** The client's own calls; not for tests. */
  readonly client = {
    send: (frame: string): void => {
      if (this.#state !== 'open') return;
      this.received.push(frame);
      this.#receivedSubject.next(frame);
    },
    ping: (): void => {
      if (this.#state === 'open') this.pings += 1;
    },
    close: (code: number, reason: string, delayMs: number): void => {
      if (this.#state === 'closed' || this.#state === 'closing') return;
      this.#state = 'closing';
      this.#closedByClient = { code, reason };
      this.#timer = this.#delivery.scheduler.schedule(
        () => this.#delivery.post(() => this.#end({ type: 'closed', code, reason })),
        delayMs,
      );
    },
    leave: (): void => {
      if (this.#state === 'closed') return;
      this.#closedByClient ??= { code: 1000, reason: '' };
      this.#end({ type: 'closed', code: 1000, reason: '' });
    },
  };

  #endByServer(event: SocketEvent): void {
    if (this.#state !== 'connecting' && this.#state !== 'open') return;
    this.#delivery.post(() => this.#end(event));
  }

  #emit(event: SocketEvent): void {
    this.#delivery.post(() => {
      // The client may have closed while this event was under way.
      if (this.#state === 'open') this.#subscriber.next(event);
    });
  }

  #end(event: SocketEvent): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer.unsubscribe();
    this.#ended();
    this.#subscriber.next(event);
    this.#subscriber.complete();
    this.#receivedSubject.complete();
  }
}

/** The client's side: opens when it is subscribed to. */
export function createMemorySocket(
  connect: (subscriber: Subscriber<SocketEvent>) => MemorySocket,
  announce: (socket: MemorySocket) => void,
  delivery: Delivery,
  closeDelayMs: number,
): SignalingSocket {
  let socket: MemorySocket | null = null;
  let closedUnopened = false;
  return {
    events$: new Observable((subscriber) => {
      // The events are for one subscriber and never error: to another one the socket is closed.
      if (closedUnopened || socket) {
        subscriber.next({ type: 'closed', code: 1000, reason: '' });
        subscriber.complete();
        return;
      }
      socket = connect(subscriber);
      subscriber.add(socket.client.leave);
      announce(socket);
    }),
    send: (frame) => delivery.during(() => socket?.client.send(frame)),
    ping: () => socket?.client.ping(),
    close: (code = 1000, reason = '') => {
      closedUnopened = socket === null;
      delivery.during(() => socket?.client.close(code, reason, closeDelayMs));
    },
  };
}

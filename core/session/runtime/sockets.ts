import {
  concatMap,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  ReplaySubject,
  type Subscription,
  switchMap,
  take,
  takeUntil,
} from 'rxjs';
import { type Failure, failureOf } from '../../errors.js';
import type { Lazy } from '../../lazy.js';
import type { SignalingSocket, SignalingTransport, SocketEvent } from '../../ports/signaling.js';
import type { ClientMessage } from '../../protocol/client-messages.js';
import { encodeClientMessage } from '../../protocol/encode.js';
import type { SocketOptions } from '../machine/effects.js';
import type { UntimedEvent } from '../machine/events.js';
import type { decodeEvent as DecodeEvent } from './decode-event.js';

/** A signaling URL, with the key in it. */
export interface SocketAddress {
  readonly url: string;
}

export interface SocketDeps {
  readonly signaling: SignalingTransport;
  /** Loaded while a socket opens. */
  readonly decodeEvent: Lazy<typeof DecodeEvent>;
  /** @default the codec's */
  readonly maxFrameLength: number | undefined;
  /** Calls for the key each time. Errors when there is none. */
  addressOf(options: SocketOptions): Observable<SocketAddress>;
  dispatch(event: UntimedEvent): void;
}

/** The signaling sockets that are open, by attempt. */
export interface Sockets {
  open(attempt: number, options: SocketOptions): void;
  send(attempt: number, message: ClientMessage): void;
  ping(attempt: number): void;
  close(attempt: number, code: number, reason: string): void;
  /** Gives a socket up that cannot even be closed. */
  drop(attempt: number): void;
}

interface OpenSocket {
  /** `null` while the key is being asked for. */
  socket: SignalingSocket | null;
  /** Emits once the socket is being closed: messages that have not been decoded by then never are. */
  readonly closingSubject: ReplaySubject<void>;
  subscription: Subscription | null;
}

export function createSockets(deps: SocketDeps): Sockets {
  const { signaling, decodeEvent, maxFrameLength, addressOf, dispatch } = deps;
  const sockets = new Map<number, OpenSocket>();

  function toEvent(event: Exclude<SocketEvent, { type: 'message' }>, attempt: number): UntimedEvent {
    switch (event.type) {
      case 'opened':
        return { type: 'socket.opened', attempt, canPing: event.canPing ?? false };
      case 'pong':
        return { type: 'socket.ponged', attempt };
      case 'closed': {
        sockets.delete(attempt);
        const { code, reason, httpStatus } = event;
        return { type: 'socket.closed', attempt, code, reason, ...(httpStatus !== undefined && { httpStatus }) };
      }
    }
  }

  return {
    open(attempt, options) {
      const open: OpenSocket = { socket: null, subscription: null, closingSubject: new ReplaySubject(1) };
      sockets.set(attempt, open);
      const openSocket = (url: string): Observable<SocketEvent> => {
        open.socket = signaling.open({ url });
        return open.socket.events$;
      };
      const decoderSubject = new ReplaySubject<typeof DecodeEvent>(1);
      const socketEvents$ = addressOf(options).pipe(
        take(1),
        switchMap(({ url }) => openSocket(url)),
        // A message waits for its decoder, and whatever comes after a message waits for that.
        concatMap((event) =>
          event.type === 'message'
            ? decoderSubject.pipe(
                map((decode) => decode(event.data, attempt, maxFrameLength)),
                takeUntil(open.closingSubject),
              )
            : of(toEvent(event, attempt)),
        ),
      );
      const events$ = merge(socketEvents$, decoderSubject.pipe(ignoreElements()));
      open.subscription = events$.subscribe({
        next: dispatch,
        error: (error: unknown) => {
          sockets.delete(attempt);
          const message = 'The signaling socket could not be opened.';
          const fallback: Failure = { code: 'WEBRTC_WEBSOCKET_ERROR', message };
          dispatch({ type: 'socket.failed', attempt, failure: failureOf(error, fallback) });
        },
      });
      // Behind the socket, which opens meanwhile.
      open.subscription.add(decodeEvent().subscribe(decoderSubject));
    },
    send: (attempt, message) => sockets.get(attempt)?.socket?.send(encodeClientMessage(message)),
    ping: (attempt) => sockets.get(attempt)?.socket?.ping?.(),
    close(attempt, code, reason) {
      const open = sockets.get(attempt);
      if (open?.socket) {
        open.closingSubject.next();
        return open.socket.close(code, reason);
      }
      // Still waiting for the key: there is no socket that could say it has closed.
      open?.subscription?.unsubscribe();
      sockets.delete(attempt);
      dispatch({ type: 'socket.closed', attempt, code, reason });
    },
    drop(attempt) {
      sockets.get(attempt)?.subscription?.unsubscribe();
      sockets.delete(attempt);
    },
  };
}

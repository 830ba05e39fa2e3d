import {
  BehaviorSubject,
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  firstValueFrom,
  map,
  Observable,
  retry,
  Subject,
  type Subscription,
  switchMap,
  throwError,
  timer,
} from 'rxjs';
import { checkDurations, checkObject, invalidInput, type Some } from '../check.js';
import { DecartError, failureOf } from '../errors.js';
import { checkIceServers } from '../ice-servers.js';
import type { IceServer, MediaTransport, RoomEvent } from '../ports/media.js';
import { asyncDispose, type LocalStream, type RemoteStream } from '../ports/streams.js';
import { decodeSubscribeToken, type WatchedSession } from '../protocol/subscribe-token.js';
import { abortable } from '../rest/abortable.js';
import type { RestDeps } from '../rest/call.js';
import { createSecrets, type Secrets } from '../secrets.js';
import { defaultTimeouts, STABLE_AFTER_MS } from '../session/machine/connect-plan.js';
import { askRetry, type ReconnectPolicy, reconnectPolicyOf, retryDelayMs } from '../session/machine/retry-policy.js';
import { StateSubject } from '../state-subject.js';
import { timeLimit } from '../time-limit.js';
import { viewerCredentials$ } from './credentials.js';
import { type DirectViewing, directStay$ } from './direct-stay.js';
import { roomStay$ } from './stay.js';

/** Where a viewer is. `disconnected` is final: subscribe again for another. */
export type ViewerConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected';

/**
 * Watches the stream of someone else's session: in the room that its subscribe token names, or over a peer connection
 * of its own when the session is one of direct WebRTC. It comes back there when its own connection is lost. When the
 * session moves, as it does when it reconnects, the viewer ends with an error on `errors$`: watch again with the
 * session's new token.
 */
export interface ViewerSession<R extends RemoteStream = RemoteStream> extends AsyncDisposable {
  /** State-like: replays, distinct, never errors. All streams complete when the watching has ended. */
  readonly connectionState$: Observable<ViewerConnectionState>;
  /** State-like. A fresh stream after each reconnect; `null` while there is nothing to see. */
  readonly remoteStream$: Observable<R | null>;
  /** Event-like: why the connection was given up. */
  readonly errors$: Observable<DecartError>;
  /** Leaves. Resolves when everything is closed. Idempotent. */
  disconnect(): Promise<void>;
}

/** What {@link RealtimeClient.subscribe} watches, and how. */
export interface SubscribeOptions {
  /** The `subscribeToken` of the session to watch. */
  readonly token: string;
  /** As for sessions; what is left out keeps its default. */
  readonly reconnect?: Some<ReconnectPolicy> | undefined;
  /** For each try to connect. Milliseconds, default 15,000. */
  readonly connectionTimeoutMs?: number | undefined;
  /** STUN and TURN servers, for the token of a session with `transport: 'webrtc'`. @default a public STUN server */
  readonly iceServers?: readonly IceServer[] | undefined;
  /** Aborts the connect; has no effect once connected. */
  readonly signal?: AbortSignal | undefined;
}

/** What a viewer client is made from. */
export interface ViewerDeps<R extends RemoteStream> extends RestDeps {
  /** Joins the rooms. */
  readonly media: MediaTransport<LocalStream, R>;
  /** For direct WebRTC sessions. @default they are refused */
  readonly direct?: DirectViewing<R> | undefined;
}

/** Watches sessions of others. */
export interface ViewerClient<R extends RemoteStream = RemoteStream> {
  /**
   * Joins the session of a subscribe token to watch. Resolves once connected; the stream comes on `remoteStream$`.
   * Rejects with INVALID_INPUT (a bad token), INVALID_API_KEY, WEBRTC_SERVER_ERROR, WEBRTC_TIMEOUT_ERROR, ABORTED, or
   * the media transport's own error.
   */
  subscribe(options: SubscribeOptions): Promise<ViewerSession<R>>;
}

/** The viewer client over a media transport. */
export const createViewerClient = <R extends RemoteStream>(deps: ViewerDeps<R>): ViewerClient<R> => ({
  subscribe: async (options) => {
    checkObject(options, 'options', '{ token }');
    const { token, connectionTimeoutMs = defaultTimeouts.connectionTimeoutMs } = options;
    if (typeof token !== 'string') throw invalidInput('token', 'expected a subscribe token');
    const watched = decodeSubscribeToken(token);
    const iceServers = checkIceServers(options.iceServers);
    const policy = reconnectPolicyOf(options.reconnect);
    checkDurations({ connectionTimeoutMs });

    const { secrets = createSecrets() } = deps;
    secrets.keep(token);
    const connecting$ = new Observable<ViewerSession<R>>((subscriber) => {
      const viewer = openViewer({ ...deps, secrets, watched, iceServers, policy, connectionTimeoutMs });
      let isConnected = false;
      viewer.connected.then(
        () => {
          isConnected = !subscriber.closed;
          subscriber.next(viewer.session);
        },
        (error: unknown) => subscriber.error(error),
      );
      return () => void (isConnected || viewer.end());
    });
    return firstValueFrom(connecting$.pipe(abortable({}, options.signal)));
  },
});

interface OpenViewer<R extends RemoteStream> {
  readonly session: ViewerSession<R>;
  /** Settles with the first connect. */
  readonly connected: Promise<unknown>;
  end(error?: DecartError): Promise<void>;
}

interface Viewing<R extends RemoteStream> extends ViewerDeps<R> {
  readonly secrets: Secrets;
  readonly watched: WatchedSession;
  readonly iceServers: readonly IceServer[];
  readonly policy: ReconnectPolicy;
  readonly connectionTimeoutMs: number;
}

function openViewer<R extends RemoteStream>(deps: Viewing<R>): OpenViewer<R> {
  const { secrets, watched, policy, connectionTimeoutMs } = deps;
  const stateSubject = new StateSubject<ViewerConnectionState>('connecting');
  const streamSubject = new StateSubject<R | null>(null);
  const errorsSubject = new Subject<DecartError>();
  /** Rooms and sockets that are not closed yet. */
  const openSubject = new BehaviorSubject(0);
  const opened = (): (() => void) => {
    openSubject.next(openSubject.value + 1);
    return () => openSubject.next(openSubject.value - 1);
  };
  /** Why it ended; `undefined` while it has not, or when it was left on purpose. */
  let reason: DecartError | undefined;
  let running: Subscription | undefined;

  const late = (): DecartError => {
    const message = `The viewer did not connect within ${connectionTimeoutMs} ms (connectionTimeoutMs).`;
    return new DecartError({ code: 'WEBRTC_TIMEOUT_ERROR', message });
  };

  const stay$ = (): Observable<RoomEvent<R>> =>
    watched.roomName === undefined
      ? directStay$(watched, { ...deps, direct: deps.direct, opened })
      : viewerCredentials$(deps, watched.roomName, connectionTimeoutMs).pipe(
          switchMap((credentials) => roomStay$(deps.media, credentials, { secrets, opened })),
        );

  const attempt$ = defer(stay$).pipe(
    timeLimit({ limitMs: connectionTimeoutMs, scheduler: deps.scheduler, late }),
    concatMap((event) => {
      if (event.type !== 'lost' && event.type !== 'closed') return [event];
      const left = { code: 'WEBRTC_SERVER_ERROR', message: 'The media transport left the room.' } as const;
      return throwError(() => new DecartError(event.type === 'lost' ? secrets.clean(event.failure) : left));
    }),
  );

  let tries = 0;
  let wasConnected = false;
  let joinedAtMs = Number.POSITIVE_INFINITY;

  /** The wait before the next try, or the end of trying. */
  const nextTry = (cause: unknown): Observable<unknown> => {
    const error = errorFrom(cause);
    streamSubject.next(null);
    if (deps.scheduler.now() - joinedAtMs >= STABLE_AFTER_MS) tries = 0;
    joinedAtMs = Number.POSITIVE_INFINITY;
    tries += 1;
    const isWorthIt = askRetry(policy.shouldRetry, error);
    if (!isWorthIt || tries > policy.retries) return throwError(() => error);
    if (wasConnected) stateSubject.next('reconnecting');
    // The first try after a loss is immediate.
    const nth = tries - (wasConnected ? 2 : 1);
    return timer(nth < 0 ? 0 : retryDelayMs(policy, nth, deps.random?.() ?? 0), deps.scheduler);
  };

  const end = async (error?: DecartError): Promise<void> => {
    if (stateSubject.value !== 'disconnected') {
      reason = error;
      running?.unsubscribe();
      streamSubject.next(null);
      stateSubject.next('disconnected');
      if (error) errorsSubject.next(error);
      for (const subject of [streamSubject, stateSubject, errorsSubject]) subject.complete();
    }
    await firstValueFrom(openSubject.pipe(filter((open) => open === 0)));
  };

  // Listening comes before running: everything may happen at once.
  const connected = firstValueFrom(
    stateSubject.pipe(
      filter((state) => state === 'connected' || state === 'disconnected'),
      map((state) => {
        if (state === 'disconnected') throw reason;
      }),
    ),
  );
  running = attempt$.pipe(retry({ delay: nextTry }), abortable(deps, undefined)).subscribe({
    next: (event) => {
      if (event.type === 'joined') {
        wasConnected = true;
        joinedAtMs = deps.scheduler.now();
        stateSubject.next('connected');
      } else if (event.type === 'streamChanged') {
        streamSubject.next(event.stream);
      }
    },
    error: (error: unknown) => void end(errorFrom(error)),
  });

  const disconnect = (): Promise<void> => end();
  const session: ViewerSession<R> = {
    connectionState$: stateSubject.pipe(distinctUntilChanged()),
    remoteStream$: streamSubject.pipe(distinctUntilChanged()),
    errors$: errorsSubject.asObservable(),
    disconnect,
    [asyncDispose]: disconnect,
  };
  return { session, connected, end };
}

const errorFrom = (error: unknown): DecartError =>
  new DecartError(failureOf(error, { code: 'WEBRTC_SERVER_ERROR', message: 'Watching failed.' }));

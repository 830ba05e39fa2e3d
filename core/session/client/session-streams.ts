import type { Observable } from 'rxjs';
import type { DecartError } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import type { RealtimeStats } from '../../stats/webrtc-stats.js';
import type { SessionEnd } from '../machine/endings.js';
import type { DiagnosticEvent } from '../machine/outputs.js';
import type { QueuePosition, SessionStarted } from '../machine/select.js';
import type { ConnectionState, LimitWarning, SessionState } from '../machine/state.js';
import type { SessionUsage } from '../machine/usage.js';

/** A session at one moment; see the streams of the same names. */
export interface SessionView<R extends RemoteStream = RemoteStream> {
  /** As {@link RealtimeStreams.connectionState$}. */
  readonly connectionState: ConnectionState;
  /** As {@link RealtimeStreams.remoteStream$}. */
  readonly remoteStream: R | null;
  /** As {@link RealtimeStreams.sessionStarted$}. */
  readonly sessionStarted: SessionStarted | null;
  /** As {@link RealtimeStreams.queuePosition$}. */
  readonly queuePosition: QueuePosition | null;
}

/**
 * A session as observables. State-like streams replay their present value synchronously, are distinct, never error,
 * and complete on `release()`. Event-like streams do not replay.
 */
export interface RealtimeStreams<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  /**
   * State-like. Begins with `disconnected`. `generating` follows `connected` when the service says that it generates,
   * and stays until the connection is lost.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   * import { map, type Observable } from 'rxjs';
   *
   * export const isLive$ = (session: RealtimeSession): Observable<boolean> =>
   *   session.connectionState$.pipe(map((state) => state === 'connected' || state === 'generating'));
   * ```
   */
  readonly connectionState$: Observable<ConnectionState>;
  /**
   * State-like. A fresh stream after each (re)connect; `null` while there is none, or while it is held back.
   *
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx/browser';
   *
   * export const show = (client: DecartClient, video: HTMLVideoElement) =>
   *   client.realtime.remoteStream$.subscribe((stream) => stream?.attach(video));
   * ```
   */
  readonly remoteStream$: Observable<R | null>;
  /**
   * State-like. What a page shows of a session, of one moment: streams that are combined show each change one after
   * the other, as `disconnected` beside a stream that is gone.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const show = (session: RealtimeSession, status: HTMLElement) =>
   *   session.view$.subscribe(({ connectionState, queuePosition }) => {
   *     status.textContent = queuePosition ? `waiting: ${queuePosition.position}` : connectionState;
   *   });
   * ```
   */
  readonly view$: Observable<SessionView<R>>;
  /** State-like. The stream that is being published, the caller's own or the client's. */
  readonly localStream$: Observable<L | null>;
  /**
   * State-like. `null` before the first verdict and after a loss of connection.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   * import { filter } from 'rxjs';
   *
   * export const warnings$ = (session: RealtimeSession) =>
   *   session.quality$.pipe(filter((report) => report?.quality === 'poor' || report?.quality === 'critical'));
   * ```
   */
  readonly quality$: Observable<ConnectionQualityReport | null>;
  /** State-like. `null` while no session is live. */
  readonly sessionStarted$: Observable<SessionStarted | null>;
  /** State-like. `null` while not waiting in the queue. */
  readonly queuePosition$: Observable<QueuePosition | null>;
  /**
   * State-like. `true` while the account is full and a slot is waited for: with `whenFull: 'wait'`, and for up to a
   * minute after a loss, when the lost session may hold its own slot still.
   */
  readonly waitingForCapacity$: Observable<boolean>;
  /** State-like. What the session has used; after its end what it had used, until the next connect. */
  readonly usage$: Observable<SessionUsage>;
  /**
   * State-like. The limit that is about to end the session, from `limits.warnBeforeMs` before that on; `null` when there
   * is none, and again once the user is active.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const askFirst = (session: RealtimeSession) =>
   *   session.limitWarning$.subscribe((warning) => {
   *     if (warning?.name === 'idle' && confirm('Are you still there?')) session.keepAlive();
   *   });
   * ```
   */
  readonly limitWarning$: Observable<LimitWarning | null>;
  /** State-like. The whole state, read-only, as a union discriminated by `status`; for devtools and tests. */
  readonly state$: Observable<SessionState>;
  /**
   * Event-like, about once a second while live and subscribed to.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   * import { map, type Observable } from 'rxjs';
   *
   * export const receivedFps$ = (session: RealtimeSession): Observable<number | null> =>
   *   session.stats$.pipe(map(({ video }) => video?.framesPerSecond ?? null));
   * ```
   */
  readonly stats$: Observable<RealtimeStats>;
  /** Event-like, about once a second while generating: the seconds billed so far. */
  readonly generationTicks$: Observable<{ readonly seconds: number }>;
  /**
   * Event-like. How a session ended, once for each that came up, also when it ended by itself. Of a session that was
   * replaced without a gap (`switchTo()`) only its own `ended$` says so, not the client's.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const logEnd = (session: RealtimeSession) =>
   *   session.ended$.subscribe(({ reason, by, seconds }) => console.log(`Over (${by}: ${reason}), ${seconds ?? 0} s.`));
   * ```
   */
  readonly ended$: Observable<SessionEnd>;
  /** Event-like. What the service said at the end of a generation, as it said it; see `ended$` for the session's end. */
  readonly generationEnded$: Observable<{ readonly seconds: number; readonly reason: string }>;
  /**
   * Event-like. What goes wrong in the session: a connection that is given up, an error that the service reports, a
   * device that is unplugged. A prompt or image that is refused rejects its call and need not show here.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const logErrors = (session: RealtimeSession) =>
   *   session.errors$.subscribe(({ code, message }) => console.error(code, message));
   * ```
   */
  readonly errors$: Observable<DecartError>;
  /** Event-like. What a session goes through, for logs and metrics: see {@link Diagnostic}. */
  readonly diagnostics$: Observable<DiagnosticEvent>;
}

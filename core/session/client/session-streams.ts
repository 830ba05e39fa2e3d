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
  /** State-like. */
  readonly connectionState$: Observable<ConnectionState>;
  /** State-like. A fresh stream after each (re)connect; `null` while there is none, or while it is held back. */
  readonly remoteStream$: Observable<R | null>;
  /**
   * State-like. What a page shows of a session, of one moment: streams that are combined show each change one after
   * the other, as `disconnected` beside a stream that is gone.
   *
   * @example
   * ```ts
   * session.view$.subscribe(({ connectionState, remoteStream }) => render(connectionState, remoteStream));
   * ```
   */
  readonly view$: Observable<SessionView<R>>;
  /** State-like. The stream that is being published, the caller's own or the client's. */
  readonly localStream$: Observable<L | null>;
  /** State-like. `null` before the first verdict and after a loss of connection. */
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
   * is none, and again once the user has given a sign.
   *
   * @example
   * ```ts
   * session.limitWarning$.subscribe((warning) => {
   *   if (warning?.name === 'idle') askWhetherSomebodyIsThere().then(() => session.keepAlive());
   * });
   * ```
   */
  readonly limitWarning$: Observable<LimitWarning | null>;
  /** State-like. The whole state, read-only, as a union discriminated by `status`; for devtools and tests. */
  readonly state$: Observable<SessionState>;
  /** Event-like, about once a second while live and subscribed to. */
  readonly stats$: Observable<RealtimeStats>;
  /** Event-like, about once a second while generating: the seconds billed so far. */
  readonly generationTicks$: Observable<{ readonly seconds: number }>;
  /**
   * Event-like. How a session ended, once for each that came up, also when it ended by itself. Of a session that was
   * replaced without a gap (`switchTo()`) only its own `ended$` says so, not the client's.
   *
   * @example
   * ```ts
   * session.ended$.subscribe(({ reason, by, seconds }) => show(`Over (${by}: ${reason}) after ${seconds ?? 0} s.`));
   * ```
   */
  readonly ended$: Observable<SessionEnd>;
  /** Event-like. What the service said at the end of a generation, as it said it; see `ended$` for the session's end. */
  readonly generationEnded$: Observable<{ readonly seconds: number; readonly reason: string }>;
  /** Event-like. */
  readonly errors$: Observable<DecartError>;
  /** Event-like. */
  readonly diagnostics$: Observable<DiagnosticEvent>;
}

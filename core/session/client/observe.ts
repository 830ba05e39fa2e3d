import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  type Observable,
  of,
  switchMap,
  takeUntil,
} from 'rxjs';
import { DecartError, failureOf } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { SessionOutput } from '../machine/outputs.js';
import {
  selectConnectionState,
  selectLimitWarning,
  selectQueuePosition,
  selectRoomInfo,
  selectUsage,
  selectWaitingForCapacity,
  sessionStartedOf,
} from '../machine/select.js';
import type { SessionState } from '../machine/state.js';
import { type SessionUsage, sessionUsageOf } from '../machine/usage.js';
import type { Sampling } from '../measure/sampling.js';
import type { SessionLoop } from '../runtime/loop.js';
import type { SessionScope } from './scope.js';
import type { RealtimeStreams } from './session-streams.js';

const isSameUsage = (one: SessionUsage, other: SessionUsage): boolean =>
  one.seconds === other.seconds && one.cost === other.cost && one.remainingSeconds === other.remainingSeconds;

const isSameView = <T extends object>(one: T, other: T): boolean => {
  const values: unknown[] = Object.values(other);
  return Object.values(one).every((value, n) => value === values[n]);
};

export interface ObserveDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly sampling: Sampling;
  readonly platformErrors$: Observable<DecartError> | undefined;
}

/** All that can be seen of a client, or of one session. Each stream is put together when it is subscribed to. */
export function observeSession<L extends LocalStream, R extends RemoteStream>(
  { loop, sampling, platformErrors$ = EMPTY }: ObserveDeps<L, R>,
  { state, state$, over$ }: SessionScope,
): RealtimeStreams<L, R> {
  const select = <T>(project: (state: SessionState) => T): Observable<T> =>
    defer(() => state$.pipe(map(project), distinctUntilChanged()));
  const outputs = <T extends SessionOutput['type'], O>(
    type: T,
    project: (output: Extract<SessionOutput, { readonly type: T }>) => O,
  ): Observable<O> =>
    defer(() =>
      loop.outputs$.pipe(
        filter((output): output is Extract<SessionOutput, { readonly type: T }> => output.type === type),
        map(project),
        takeUntil(over$),
      ),
    );
  // A stream that fails to say how it changes is shown as it was given.
  const presentOf = (stream: L | null): Observable<L | null> =>
    (stream?.changes$ as Observable<L> | undefined)?.pipe(catchError(() => of(stream))) ?? of(stream);
  return {
    state$,
    connectionState$: select(selectConnectionState),
    remoteStream$: select(loop.remoteStream),
    localStream$: select(loop.localStream).pipe(switchMap(presentOf), distinctUntilChanged()),
    view$: defer(() =>
      state$.pipe(
        map((now) => ({
          connectionState: selectConnectionState(now),
          remoteStream: loop.remoteStream(now),
          room: selectRoomInfo(now),
          queuePosition: selectQueuePosition(now),
        })),
        distinctUntilChanged(isSameView),
        map(({ room, ...view }) => ({ ...view, sessionStarted: sessionStartedOf(room) })),
      ),
    ),
    sessionStarted$: select(selectRoomInfo).pipe(map(sessionStartedOf)),
    queuePosition$: select(selectQueuePosition),
    waitingForCapacity$: select(selectWaitingForCapacity),
    limitWarning$: select(selectLimitWarning),
    usage$: select(selectUsage).pipe(map(sessionUsageOf), distinctUntilChanged(isSameUsage)),
    stats$: sampling.stats$.pipe(takeUntil(over$)),
    quality$: defer(() => (state().status === 'disconnected' ? of(null) : EMPTY)).pipe(
      (none$) => concat(none$, sampling.quality$.pipe(takeUntil(over$)), of(null)),
      distinctUntilChanged(),
    ),
    generationTicks$: outputs('generationTicked', ({ seconds }) => ({ seconds })),
    generationEnded$: outputs('generationEnded', ({ seconds, reason }) => ({ seconds, reason })),
    ended$: outputs('ended', ({ end }) => end),
    errors$: defer(() =>
      merge(
        outputs('error', ({ failure }) => new DecartError(failure)),
        select(loop.localStream).pipe(switchMap((stream) => stream?.errors$?.pipe(catchError(asValue)) ?? EMPTY)),
        platformErrors$.pipe(catchError(asValue), takeUntil(over$)),
      ),
    ),
    diagnostics$: outputs('diagnostic', ({ diagnostic }) => diagnostic),
  };
}

/** Streams of errors do not fail themselves. */
const asValue = (error: unknown): Observable<DecartError> =>
  of(
    new DecartError(
      failureOf(error, {
        code: 'WEBRTC_ICE_ERROR',
        message: 'The errors$ of the local stream or of the platform failed.',
      }),
    ),
  );

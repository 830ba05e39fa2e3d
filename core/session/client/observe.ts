import { defer, distinctUntilChanged, EMPTY, filter, map, merge, type Observable, of, switchMap } from 'rxjs';
import { DecartError } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { SessionOutput } from '../machine/outputs.js';
import {
  selectConnectionState,
  selectLimitWarning,
  selectLocalOwner,
  selectQueuePosition,
  selectRoomInfo,
  selectStreamId,
  selectUsage,
  selectWaitingForCapacity,
  sessionStartedOf,
} from '../machine/select.js';
import type { SessionState } from '../machine/state.js';
import { type SessionUsage, sessionUsageOf } from '../machine/usage.js';
import type { SessionLoop } from '../runtime/loop.js';
import type { RealtimeStreams } from './realtime-client.js';

const isSameUsage = (one: SessionUsage, other: SessionUsage): boolean =>
  one.seconds === other.seconds && one.cost === other.cost && one.remainingSeconds === other.remainingSeconds;

/** The streams that can be read off the state and the outputs; what is measured comes from elsewhere. */
export function observeSession<L extends LocalStream, R extends RemoteStream>(
  loop: SessionLoop<L, R>,
  platformErrors$: Observable<DecartError> = EMPTY,
): Omit<RealtimeStreams<L, R>, 'stats$' | 'quality$'> {
  const { state$, outputs$ } = loop;
  // Each is put together when it is subscribed to: most clients look at a few of them.
  const select = <T>(project: (state: SessionState) => T): Observable<T> =>
    state$.pipe(map(project), distinctUntilChanged());
  const outputs = <T extends SessionOutput['type']>(
    type: T,
  ): Observable<Extract<SessionOutput, { readonly type: T }>> =>
    outputs$.pipe(filter((output): output is Extract<SessionOutput, { readonly type: T }> => output.type === type));
  const selectLocal = (): Observable<L | null> =>
    select(selectLocalOwner).pipe(map((id) => (id === null ? null : loop.localStream(id))));
  const presentOf = (stream: L | null): Observable<L | null> =>
    (stream?.changes$ as Observable<L> | undefined) ?? of(stream);
  return {
    state$,
    connectionState$: defer(() => select(selectConnectionState)),
    remoteStream$: defer(() => select(selectStreamId).pipe(map((id) => (id === null ? null : loop.stream(id))))),
    localStream$: defer(() => selectLocal().pipe(switchMap(presentOf), distinctUntilChanged())),
    sessionStarted$: defer(() => select(selectRoomInfo).pipe(map(sessionStartedOf))),
    queuePosition$: defer(() => select(selectQueuePosition)),
    waitingForCapacity$: defer(() => select(selectWaitingForCapacity)),
    limitWarning$: defer(() => select(selectLimitWarning)),
    usage$: defer(() => select(selectUsage).pipe(map(sessionUsageOf), distinctUntilChanged(isSameUsage))),
    generationTicks$: defer(() => outputs('generationTicked').pipe(map(({ seconds }) => ({ seconds })))),
    generationEnded$: defer(() => outputs('generationEnded').pipe(map(({ seconds, reason }) => ({ seconds, reason })))),
    ended$: defer(() => outputs('ended').pipe(map(({ end }) => end))),
    errors$: defer(() =>
      merge(
        outputs('error').pipe(map(({ failure }) => new DecartError(failure))),
        selectLocal().pipe(switchMap((stream) => stream?.errors$ ?? EMPTY)),
        platformErrors$,
      ),
    ),
    diagnostics$: defer(() => outputs('diagnostic').pipe(map(({ diagnostic }) => diagnostic))),
  };
}

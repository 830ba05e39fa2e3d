import { distinctUntilChanged, EMPTY, filter, map, merge, type Observable, of, switchMap } from 'rxjs';
import { DecartError } from '../errors.js';
import type { LocalStream, RemoteStream } from '../streams.js';
import type { Fact } from './facts.js';
import type { RealtimeStreams } from './realtime-client.js';
import type { SessionLoop } from './run.js';
import {
  selectConnectionState,
  selectLocalOwner,
  selectQueuePosition,
  selectRoomInfo,
  selectStreamId,
  sessionStartedOf,
} from './select.js';
import type { SessionState } from './state.js';

/** The streams that can be read off the state and the facts; what is measured comes from elsewhere. */
export function observeSession<L extends LocalStream, R extends RemoteStream>(
  loop: SessionLoop<L, R>,
  platformErrors$: Observable<DecartError> = EMPTY,
): Omit<RealtimeStreams<L, R>, 'stats$' | 'quality$'> {
  const { state$, facts$ } = loop;
  const select = <T>(project: (state: SessionState) => T): Observable<T> =>
    state$.pipe(map(project), distinctUntilChanged());
  const facts = <T extends Fact['type']>(type: T): Observable<Extract<Fact, { readonly type: T }>> =>
    facts$.pipe(filter((fact): fact is Extract<Fact, { readonly type: T }> => fact.type === type));
  const local$ = select(selectLocalOwner).pipe(map((id) => (id === null ? null : loop.localStream(id))));
  const presentOf = (stream: L | null): Observable<L | null> =>
    (stream?.changes$ as Observable<L> | undefined) ?? of(stream);
  return {
    state$,
    connectionState$: select(selectConnectionState),
    remoteStream$: select(selectStreamId).pipe(map((id) => (id === null ? null : loop.stream(id)))),
    localStream$: local$.pipe(switchMap(presentOf), distinctUntilChanged()),
    sessionStarted$: select(selectRoomInfo).pipe(map(sessionStartedOf)),
    queuePosition$: select(selectQueuePosition),
    generationTicks$: facts('generationTicked').pipe(map(({ seconds }) => ({ seconds }))),
    generationEnded$: facts('generationEnded').pipe(map(({ seconds, reason }) => ({ seconds, reason }))),
    errors$: merge(
      facts('error').pipe(map(({ failure }) => new DecartError(failure))),
      local$.pipe(switchMap((stream) => stream?.errors$ ?? EMPTY)),
      platformErrors$,
    ),
    diagnostics$: facts('diagnostic').pipe(map(({ diagnostic }) => diagnostic)),
  };
}

import { distinctUntilChanged, filter, map, type Observable } from 'rxjs';
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
): Omit<RealtimeStreams<L, R>, 'stats$' | 'quality$'> {
  const { state$, facts$ } = loop;
  const select = <T>(project: (state: SessionState) => T): Observable<T> =>
    state$.pipe(map(project), distinctUntilChanged());
  const facts = <T extends Fact['type']>(type: T): Observable<Extract<Fact, { readonly type: T }>> =>
    facts$.pipe(filter((fact): fact is Extract<Fact, { readonly type: T }> => fact.type === type));
  return {
    state$,
    connectionState$: select(selectConnectionState),
    remoteStream$: select(selectStreamId).pipe(map((id) => (id === null ? null : loop.stream(id)))),
    localStream$: select(selectLocalOwner).pipe(map((id) => (id === null ? null : loop.localStream(id)))),
    sessionStarted$: select(selectRoomInfo).pipe(map(sessionStartedOf)),
    queuePosition$: select(selectQueuePosition),
    generationTicks$: facts('generationTicked').pipe(map(({ seconds }) => ({ seconds }))),
    generationEnded$: facts('generationEnded').pipe(map(({ seconds, reason }) => ({ seconds, reason }))),
    errors$: facts('error').pipe(map(({ failure }) => new DecartError(failure))),
    diagnostics$: facts('diagnostic').pipe(map(({ diagnostic }) => diagnostic)),
  };
}

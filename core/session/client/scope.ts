// What is looked at: a client, whatever it is connected to, or one session of it.
import { defer, filter, map, NEVER, type Observable, of, take, takeWhile } from 'rxjs';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { selectConnectId } from '../machine/select.js';
import { initialSessionState, isActive, type SessionState } from '../machine/state.js';
import type { SessionLoop } from '../runtime/loop.js';

export interface SessionScope {
  state(): SessionState;
  /** Replays the present state; completes when what is looked at is over. */
  readonly state$: Observable<SessionState>;
  /** Emits once all that the end has led to has been said. */
  readonly over$: Observable<unknown>;
}

export const clientScope = <L extends LocalStream, R extends RemoteStream>(loop: SessionLoop<L, R>): SessionScope => ({
  state: loop.state,
  state$: loop.state$,
  over$: NEVER,
});

/** Over with its connect: later subscribers see it disconnected, whatever the client does meanwhile. */
export function sessionScope<L extends LocalStream, R extends RemoteStream>(
  loop: SessionLoop<L, R>,
  connectId: number,
): SessionScope {
  const isOwn = (state: SessionState): boolean => selectConnectId(state) === connectId;
  const ownOf = (state: SessionState): SessionState => (isActive(state) && !isOwn(state) ? initialSessionState : state);
  return {
    state: () => ownOf(loop.state()),
    state$: loop.state$.pipe(takeWhile(isOwn, true), map(ownOf)),
    over$: defer(() =>
      isOwn(loop.state())
        ? loop.settled$.pipe(
            filter((state) => !isOwn(state)),
            take(1),
          )
        : of(null),
    ),
  };
}

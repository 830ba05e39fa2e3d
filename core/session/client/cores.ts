// The cores of a client: one whose session is shown, and one for the session that replaces it.
import { defer, map, type Observable, Subject, startWith } from 'rxjs';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { selectConnectId } from '../machine/select.js';
import { isActive, type LiveState } from '../machine/state.js';
import { billedSeconds } from '../machine/usage.js';
import type { SessionLoop } from '../runtime/loop.js';
import type { PlainClient } from './realtime-client.js';
import { catchUp } from './renewal.js';

/** A client that holds one session at a time, and its loop. */
export interface SessionCore<L extends LocalStream, R extends RemoteStream> {
  readonly realtime: PlainClient<L, R>;
  readonly loop: SessionLoop<L, R>;
}

/** A session that takes the place of another. */
export interface TakeOver<L extends LocalStream, R extends RemoteStream> {
  readonly next: SessionCore<L, R>;
  readonly old: SessionCore<L, R>;
  /** The older session when the change began. */
  readonly was: LiveState;
  readonly isRenewal: boolean;
  /** Whether the next session publishes the local stream that the older one opened. */
  readonly sharesOwnStream: boolean;
}

/** All cores of a client. */
export interface Cores<L extends LocalStream, R extends RemoteStream> {
  /** The first one. */
  readonly root: SessionCore<L, R>;
  readonly present: SessionCore<L, R>;
  /** State-like: the present core's client. */
  readonly present$: Observable<PlainClient<L, R>>;
  /** The one that is not shown. */
  spare(): SessionCore<L, R>;
  /** From now on the next session is the one that is seen; then the older one ends. */
  takeOver(change: TakeOver<L, R>): void;
  /** The bill of an earlier session goes on in the present one. */
  carryOver(earlierSeconds: number): void;
  disconnect(): Promise<void>;
  release(): Promise<void>;
}

export function createCores<L extends LocalStream, R extends RemoteStream>(open: () => SessionCore<L, R>): Cores<L, R> {
  const root = open();
  const all = [root];
  let present = root;
  const presentSubject = new Subject<SessionCore<L, R>>();
  const tookOver = ({ loop }: SessionCore<L, R>, earlierSeconds: number, ownsLocalStream: boolean): void => {
    const connectId = selectConnectId(loop.state());
    if (connectId !== null) loop.dispatch({ type: 'caller.tookOver', connectId, earlierSeconds, ownsLocalStream });
  };
  return {
    root,
    get present() {
      return present;
    },
    present$: defer(() => presentSubject.pipe(startWith(present))).pipe(map(({ realtime }) => realtime)),
    spare() {
      const found = all.find((core) => core !== present);
      if (found !== undefined) return found;
      const core = open();
      all.push(core);
      return core;
    },
    takeOver({ next, old, was, isRenewal, sharesOwnStream }) {
      const { connectId } = was.connection;
      const state = old.loop.state();
      const isOldThere = isActive(state) && state.connection.connectId === connectId;
      const ownsLocalStream = sharesOwnStream && isOldThere;
      tookOver(next, isRenewal ? (billedSeconds(state.usage) ?? 0) : 0, ownsLocalStream);
      present = next;
      presentSubject.next(next);
      if (isRenewal && isOldThere) catchUp(next.realtime, state.intent, next.loop.state().intent);
      old.loop.dispatch({ type: 'caller.handedOver', connectId, keepsLocalStream: ownsLocalStream });
    },
    carryOver: (earlierSeconds) => tookOver(present, earlierSeconds, false),
    async disconnect() {
      await Promise.all(all.map(({ realtime }) => realtime.disconnect()));
    },
    async release() {
      await Promise.all(all.map(({ realtime }) => realtime.release()));
      presentSubject.complete();
    },
  };
}

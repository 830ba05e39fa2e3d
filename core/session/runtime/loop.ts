// The only loop: one event at a time.
import { type Observable, Subject } from 'rxjs';
import type { MediaRoom } from '../../ports/media.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { StateSubject } from '../../state-subject.js';
import type { SessionEffect } from '../machine/effects.js';
import type { SessionEvent, UntimedEvent } from '../machine/events.js';
import type { SessionOutput } from '../machine/outputs.js';
import { reduceSession } from '../machine/reduce.js';
import { selectLocalOwner, selectStreamId } from '../machine/select.js';
import { initialSessionState, type SessionState } from '../machine/state.js';
import type { ConnectContext, OpenConnection, RequestHandles } from './connect-context.js';
import { createEffectRunner, type EffectDeps } from './run-effects.js';

export type LoopDeps<L extends LocalStream, R extends RemoteStream> = Pick<
  EffectDeps<L, R>,
  'platform' | 'scheduler' | 'secrets' | 'maxFrameLength' | 'addressOf' | 'decodeEvent'
>;

/** The event that a call becomes when its turn comes, under the id it is given; `null`: it was taken back meanwhile. */
export type CallOf = (id: number) => UntimedEvent | null;

export interface SessionLoop<L extends LocalStream, R extends RemoteStream> {
  /** Replays the present state. Completes on `close`. */
  readonly state$: Observable<SessionState>;
  readonly outputs$: Observable<SessionOutput>;
  /** Each state once its effects have run; no replay. */
  readonly settled$: Observable<SessionState>;
  /** Every event and what it led to, for recorders. */
  readonly steps$: Observable<SessionStep>;
  state(): SessionState;
  /** Events that arise while another is being worked on wait for their turn. */
  dispatch(event: UntimedEvent): void;
  /** Says something that is no consequence of an event. */
  report(output: SessionOutput): void;
  /** Draws an id and keeps the handles under it before the event is reduced. */
  connect(handles: ConnectContext<L>, call: CallOf): void;
  request(handles: RequestHandles, call: CallOf): void;
  /** The stream that a state publishes. A state is plain data: this is where its streams are joined to it. */
  localStream(state: SessionState): L | null;
  /** The remote stream that may be shown in a state. */
  remoteStream(state: SessionState): R | null;
  room(attempt: number): MediaRoom<R> | null;
  /** What the caller has put in place of the local stream's own video; else `null`. */
  videoTrack(connectId: number): unknown;
  /** From now on this track is published instead of the local stream's. */
  replaceVideoTrack(connectId: number, attempt: number, track: unknown): Observable<never>;
  close(): void;
}

/** One turn of the loop: an event, the state after it, and the effects it led to. */
export interface SessionStep {
  readonly event: SessionEvent;
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

export function runSession<L extends LocalStream, R extends RemoteStream>(deps: LoopDeps<L, R>): SessionLoop<L, R> {
  const { scheduler, secrets } = deps;
  const stateSubject = new StateSubject<SessionState>(initialSessionState);
  const outputSubject = new Subject<SessionOutput>();
  const stepSubject = new Subject<SessionStep>();
  const settledSubject = new Subject<SessionState>();
  const connections = new Map<number, OpenConnection<L>>();
  const requests = new Map<number, RequestHandles>();
  const waiting: CallOf[] = [];
  let isWorking = false;

  const dispatch = (event: UntimedEvent): void => enqueue(() => event);
  const report = (output: SessionOutput): void => outputSubject.next(output);
  const { runEffect, stream, room, replaceVideoTrack } = createEffectRunner({
    ...deps,
    connections,
    requests,
    dispatch,
    enqueue,
    // Events raised by an event come before those that wait.
    raise: (event) => void waiting.unshift(() => event),
    report,
  });

  function enqueue(call: CallOf): void {
    waiting.push(call);
    if (isWorking) return;
    isWorking = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const event = next(stateSubject.value.nextId);
        if (event !== null) step({ ...secrets.cleanEvent(event), atMs: scheduler.now() });
      }
    } finally {
      isWorking = false;
    }
  }

  function step(event: SessionEvent): void {
    const [state, effects] = reduceSession(stateSubject.value, event);
    if (stepSubject.observed) stepSubject.next({ event, state, effects });
    if (state !== stateSubject.value) stateSubject.next(state);
    for (const effect of effects) runEffect(effect);
    settledSubject.next(state);
  }

  return {
    state$: stateSubject.asObservable(),
    outputs$: outputSubject.asObservable(),
    settled$: settledSubject.asObservable(),
    steps$: stepSubject.asObservable(),
    state: () => stateSubject.value,
    dispatch,
    report,
    connect: (handles, call) =>
      enqueue((id) => {
        const event = call(id);
        const { localStream, videoTrack } = handles;
        if (event !== null) connections.set(id, { handles, localStream, videoTrack });
        return event;
      }),
    request: (handles, call) =>
      enqueue((id) => {
        const event = call(id);
        if (event !== null) requests.set(id, handles);
        return event;
      }),
    localStream(state) {
      const owner = selectLocalOwner(state);
      return owner === null ? null : (connections.get(owner)?.localStream ?? null);
    },
    remoteStream(state) {
      const id = selectStreamId(state);
      return id === null ? null : stream(id);
    },
    room,
    videoTrack: (connectId) => connections.get(connectId)?.videoTrack ?? null,
    replaceVideoTrack,
    close() {
      stateSubject.complete();
      outputSubject.complete();
      stepSubject.complete();
      settledSubject.complete();
    },
  };
}

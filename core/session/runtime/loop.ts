// The only loop: one event at a time.
import { BehaviorSubject, EMPTY, type Observable, Subject } from 'rxjs';
import { type Failure, failureOf } from '../../errors.js';
import type { Part } from '../../lazy.js';
import type { MediaRoom } from '../../ports/media.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { SessionEffect } from '../machine/effects.js';
import { clientReleased, disconnectCalled } from '../machine/endings.js';
import type { SessionEvent, UntimedEvent } from '../machine/events.js';
import type { SessionOutput } from '../machine/outputs.js';
import { initialSessionState, type SessionState } from '../machine/state.js';
import type { ConnectContext, OpenConnection, RequestHandles } from './connect-context.js';
import type * as engineModule from './engine.js';
import type { EffectDeps, EffectRunner } from './run-effects.js';

export type Engine = typeof engineModule;

export interface LoopDeps<L extends LocalStream, R extends RemoteStream>
  extends Pick<EffectDeps<L, R>, 'platform' | 'scheduler' | 'maxFrameLength' | 'addressOf'> {
  /** Asked for with the first event; events wait until it is there. */
  readonly engine: Part<Engine>;
}

/** The event that a call becomes when its turn comes, under the id it is given; `null`: it was taken back meanwhile. */
export type CallOf = (id: number) => UntimedEvent | null;

export interface SessionLoop<L extends LocalStream, R extends RemoteStream> {
  /** Replays the present state. Completes on `close`. */
  readonly state$: Observable<SessionState>;
  readonly outputs$: Observable<SessionOutput>;
  /** Every event and what it led to, for recorders. */
  readonly steps$: Observable<SessionStep>;
  state(): SessionState;
  /** @throws before the first event */
  engine(): Engine;
  dispatch(event: UntimedEvent): void;
  /** Draws an id and keeps the handles under it before the event is reduced. */
  connect(handles: ConnectContext<L>, call: CallOf): void;
  request(handles: RequestHandles, call: CallOf): void;
  localStream(connectId: number): L | null;
  stream(streamId: number): R | null;
  room(attempt: number): MediaRoom<R> | null;
  /** From now on this track is published instead of the local stream's. */
  replaceVideoTrack(connectId: number, attempt: number, track: unknown): Observable<never>;
  /** Ends the session. While there is no engine there is none: what waits for it is refused then, and nothing opened. */
  disconnect(): void;
  /** The same, for good: whatever comes after is refused. */
  release(): void;
  close(): void;
}

/** One turn of the loop: an event, the state after it, and the orders it led to. */
export interface SessionStep {
  readonly event: SessionEvent;
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

interface Waiting {
  readonly call: CallOf;
  /** Its turn will never come. */
  refuse(failure: Failure): void;
}

type Running<R extends RemoteStream> = Engine & EffectRunner<R>;

const nobodyWaits = (): void => undefined;

export function runSession<L extends LocalStream, R extends RemoteStream>(deps: LoopDeps<L, R>): SessionLoop<L, R> {
  const { scheduler } = deps;
  const stateSubject = new BehaviorSubject<SessionState>(initialSessionState);
  const outputSubject = new Subject<SessionOutput>();
  const stepSubject = new Subject<SessionStep>();
  const connections = new Map<number, OpenConnection<L>>();
  const requests = new Map<number, RequestHandles>();
  const waiting: Waiting[] = [];
  let engine: Running<R> | null = null;
  /** The engine is on its way, or an event is being worked on. */
  let busy = false;

  /** Events that arise meanwhile wait for their turn. */
  function enqueue(call: CallOf, refuse: Waiting['refuse'] = nobodyWaits): void {
    if (engine === null && stateSubject.value.released) return refuse(clientReleased);
    waiting.push({ call, refuse });
    if (busy) return;
    busy = true;
    if (engine === null) start();
    // An engine at hand works here, so that what a platform throws reaches the caller.
    if (engine !== null) work(engine);
  }

  function start(): void {
    let isLate = false;
    deps.engine().subscribe({
      next: (loaded) => {
        const runner = loaded.createEffectRunner({ ...deps, connections, requests, dispatch, enqueue, raise, report });
        engine = { ...loaded, ...runner };
        if (isLate) work(engine);
      },
      error: (error: unknown) => {
        busy = false;
        const fallback: Failure = { code: 'LOAD_ERROR', message: 'The session could not be loaded.', permanent: true };
        const failure = failureOf(error, fallback);
        refuseWaiting(failure);
        report({ type: 'error', failure });
      },
    });
    isLate = true;
  }

  /** Whoever is told may call again: that waits for the next engine. */
  function refuseWaiting(failure: Failure): void {
    for (const { refuse } of waiting.splice(0)) refuse(failure);
  }

  function work(running: Running<R>): void {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const event = next.call(stateSubject.value.nextId);
        if (event !== null) step(running, event);
      }
    } finally {
      busy = false;
    }
  }

  function step({ reduceSession, runEffect }: Running<R>, untimed: UntimedEvent): void {
    const event: SessionEvent = { ...untimed, atMs: scheduler.now() };
    const [state, effects] = reduceSession(stateSubject.value, event);
    if (stepSubject.observed) stepSubject.next({ event, state, effects });
    if (state !== stateSubject.value) stateSubject.next(state);
    for (const effect of effects) runEffect(effect);
  }

  function dispatch(event: UntimedEvent): void {
    enqueue(() => event);
  }

  /** What follows from an event belongs to it. */
  function raise(event: UntimedEvent): void {
    waiting.unshift({ call: () => event, refuse: nobodyWaits });
  }

  function report(output: SessionOutput): void {
    outputSubject.next(output);
  }

  return {
    state$: stateSubject.asObservable(),
    outputs$: outputSubject.asObservable(),
    steps$: stepSubject.asObservable(),
    state: () => stateSubject.value,
    engine() {
      if (engine === null) throw new Error('Nothing has onRoomEvent yet.');
      return engine;
    },
    dispatch,
    connect: (handles, call) =>
      enqueue(
        (id) => {
          const event = call(id);
          if (event !== null) connections.set(id, { handles, localStream: handles.localStream, videoTrack: null });
          return event;
        },
        (failure) => handles.end(failure),
      ),
    request: (handles, call) =>
      enqueue(
        (id) => {
          const event = call(id);
          if (event !== null) requests.set(id, handles);
          return event;
        },
        (failure) => handles.settle(failure),
      ),
    localStream: (connectId) => connections.get(connectId)?.localStream ?? null,
    stream: (streamId) => engine?.stream(streamId) ?? null,
    room: (attempt) => engine?.room(attempt) ?? null,
    replaceVideoTrack: (...call) => engine?.replaceVideoTrack(...call) ?? EMPTY,
    disconnect() {
      if (engine !== null) return dispatch({ type: 'caller.disconnectRequested' });
      refuseWaiting(disconnectCalled);
    },
    release() {
      if (engine !== null) return dispatch({ type: 'caller.releaseRequested' });
      stateSubject.next({ ...stateSubject.value, released: true });
      refuseWaiting(clientReleased);
    },
    close() {
      stateSubject.complete();
      outputSubject.complete();
      stepSubject.complete();
    },
  };
}

// The only loop, and the only place where orders meet the outside. It decides nothing.
import { BehaviorSubject, EMPTY, type Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs';
import { DecartError, type Failure } from '../errors.js';
import type { ImageInput, LocalStreamRequest, MediaRoom, Platform } from '../ports.js';
import type { LocalStream, RemoteStream } from '../streams.js';
import type { SessionEffect, SocketOrder } from './effects.js';
import type { SessionEvent, SessionHappening } from './events.js';
import type { Fact } from './facts.js';
import { createOpenInputs } from './open-inputs.js';
import { createOpenRooms } from './open-rooms.js';
import { createOpenSockets, type SocketAddress } from './open-sockets.js';
import { reduceSession } from './reduce.js';
import { initialSessionState, type SessionState } from './state.js';

export type { SocketAddress } from './open-sockets.js';

/** What belongs to a connect and is no plain data: streams, images, callbacks. */
export interface EngagementHandles<L extends LocalStream> {
  readonly localStream: L | null;
  readonly localRequest: LocalStreamRequest | null;
  readonly image: ImageInput | null;
  readonly onMarker: ((seq: number) => void) | null;
  readonly shouldRetry: ((error: DecartError) => boolean) | null;
  settle(failure: Failure | null): void;
  end(failure: Failure): void;
}

export interface RequestHandles {
  readonly image: ImageInput | null;
  settle(failure: Failure | null): void;
}

export interface LoopDeps<L extends LocalStream, R extends RemoteStream> {
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  readonly maxFrameLength: number;
  /** Asks for the key anew each time. Errors when there is none. */
  addressOf(order: SocketOrder): Observable<SocketAddress>;
}

/** The event that a call becomes when its turn comes, under the id it is given; `null`: it was taken back meanwhile. */
export type CallOf = (id: number) => SessionHappening | null;

export interface SessionLoop<L extends LocalStream, R extends RemoteStream> {
  /** Replays the present state. Completes on `close`. */
  readonly state$: Observable<SessionState>;
  readonly facts$: Observable<Fact>;
  /** Every event and what it led to, for recorders. */
  readonly steps$: Observable<SessionStep>;
  state(): SessionState;
  dispatch(happening: SessionHappening): void;
  /** Draws an id and keeps the handles under it before the event is reduced. */
  connect(handles: EngagementHandles<L>, call: CallOf): void;
  request(handles: RequestHandles, call: CallOf): void;
  localStream(connectId: number): L | null;
  stream(streamId: number): R | null;
  room(attempt: number): MediaRoom<R> | null;
  /** From now on this track is published instead of the local stream's. */
  replaceVideoTrack(connectId: number, attempt: number, track: unknown): Observable<never>;
  close(): void;
}

/** One turn of the loop: an event, the state after it, and the orders it led to. */
export interface SessionStep {
  readonly event: SessionEvent;
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

interface OpenEngagement<L extends LocalStream> {
  readonly handles: EngagementHandles<L>;
  localStream: L | null;
  videoTrack: unknown;
}

export function runSession<L extends LocalStream, R extends RemoteStream>(deps: LoopDeps<L, R>): SessionLoop<L, R> {
  const { platform, scheduler, maxFrameLength, addressOf } = deps;
  const stateSubject = new BehaviorSubject<SessionState>(initialSessionState);
  const factSubject = new Subject<Fact>();
  const stepSubject = new Subject<SessionStep>();
  const timers = new Map<string, Subscription>();
  const engagements = new Map<number, OpenEngagement<L>>();
  const requests = new Map<number, RequestHandles>();
  const sockets = createOpenSockets({ signaling: platform.signaling, maxFrameLength, addressOf, dispatch });
  const rooms = createOpenRooms<L, R>({ media: platform.media, dispatch, enqueue });
  const inputs = createOpenInputs<L>({ platform, dispatch });

  const waiting: CallOf[] = [];
  let running = false;

  /** Events that arise while one is being worked on wait for their turn. */
  function enqueue(call: CallOf): void {
    waiting.push(call);
    if (running) return;
    running = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const happening = next(stateSubject.value.nextId);
        if (happening !== null) step(happening);
      }
    } finally {
      running = false;
    }
  }

  function dispatch(happening: SessionHappening): void {
    enqueue(() => happening);
  }

  function step(happening: SessionHappening): void {
    const event: SessionEvent = { ...happening, atMs: scheduler.now() };
    const [state, effects] = reduceSession(stateSubject.value, event);
    if (stepSubject.observed) stepSubject.next({ event, state, effects });
    if (state !== stateSubject.value) stateSubject.next(state);
    for (const effect of effects) perform(effect);
  }

  function perform(effect: SessionEffect): void {
    switch (effect.type) {
      case 'socket.open':
        return sockets.open(effect.attempt, effect.order);
      case 'socket.send':
        return sockets.send(effect.attempt, effect.message);
      case 'socket.close':
        return sockets.close(effect.attempt, effect.code, effect.reason);
      case 'room.preload':
        return platform.media.preload?.();
      case 'room.prepare':
        return rooms.prepare(effect.attempt, effect.url, effect.token);
      case 'room.join':
        return joinRoom(effect);
      case 'room.close':
        return rooms.close(effect.attempt);
      case 'room.resume':
        return rooms.room(effect.attempt)?.resume();
      case 'local.open':
        return openLocal(effect.connectId);
      case 'local.close':
        return inputs.closeLocal(effect.connectId, engagements.get(effect.connectId)?.localStream ?? null);
      case 'image.read': {
        const image = requests.get(effect.readId)?.image ?? engagements.get(effect.readId)?.handles.image;
        if (image !== null && image !== undefined) inputs.readImage(effect.readId, image);
        return;
      }
      case 'image.cancel':
        return inputs.cancelImage(effect.readId);
      case 'timer.start':
        return startTimer(effect.key, effect.delayMs);
      case 'timer.cancel':
        timers.get(effect.key)?.unsubscribe();
        timers.delete(effect.key);
        return;
      case 'request.settle': {
        const handles = requests.get(effect.requestId);
        requests.delete(effect.requestId);
        return handles?.settle(effect.failure);
      }
      case 'connect.settle':
        return engagements.get(effect.connectId)?.handles.settle(effect.failure);
      case 'connect.end': {
        const engagement = engagements.get(effect.connectId);
        engagements.delete(effect.connectId);
        return engagement?.handles.end(effect.failure);
      }
      case 'retry.ask': {
        const { connectId, failure } = effect;
        const retry = askRetry(engagements.get(connectId)?.handles.shouldRetry ?? null, failure);
        return dispatch({ type: 'caller.retryDecided', connectId, failure, retry });
      }
      case 'fact.report':
        return factSubject.next(effect.fact);
      case 'event.raise': {
        const { event } = effect;
        // Before whatever waits already: what follows from an event belongs to it.
        waiting.unshift(() => event);
        return;
      }
    }
  }

  function startTimer(key: string, delayMs: number): void {
    const fire = (): void => {
      timers.delete(key);
      dispatch({ type: 'timer.fired', key });
    };
    timers.set(key, scheduler.schedule(fire, delayMs));
  }

  function joinRoom({ attempt, connectId, publish }: Extract<SessionEffect, { type: 'room.join' }>): void {
    const engagement = engagements.get(connectId);
    rooms.join(attempt, {
      localStream: engagement?.localStream ?? null,
      videoTrack: engagement?.videoTrack ?? null,
      publish,
      onMarker: engagement?.handles.onMarker ?? null,
    });
  }

  function openLocal(connectId: number): void {
    const engagement = engagements.get(connectId);
    const request = engagement?.handles.localRequest;
    if (!engagement || !request) return;
    inputs.openLocal(connectId, request, (stream) => {
      engagement.localStream = stream;
    });
  }

  return {
    state$: stateSubject.asObservable(),
    facts$: factSubject.asObservable(),
    steps$: stepSubject.asObservable(),
    state: () => stateSubject.value,
    dispatch,
    connect: (handles, call) =>
      enqueue((id) => {
        const event = call(id);
        if (event !== null) engagements.set(id, { handles, localStream: handles.localStream, videoTrack: null });
        return event;
      }),
    request: (handles, call) =>
      enqueue((id) => {
        const event = call(id);
        if (event !== null) requests.set(id, handles);
        return event;
      }),
    localStream: (connectId) => engagements.get(connectId)?.localStream ?? null,
    stream: rooms.stream,
    room: rooms.room,
    replaceVideoTrack(connectId, attempt, track) {
      const engagement = engagements.get(connectId);
      if (engagement) engagement.videoTrack = track;
      return rooms.room(attempt)?.replaceVideoTrack(track) ?? EMPTY;
    },
    close() {
      stateSubject.complete();
      factSubject.complete();
      stepSubject.complete();
    },
  };
}

/** The caller's own judgement; one that throws counts for the default. */
function askRetry(shouldRetry: ((error: DecartError) => boolean) | null, failure: Failure): boolean {
  const byDefault = failure.permanent !== true;
  if (shouldRetry === null) return byDefault;
  try {
    return shouldRetry(new DecartError(failure));
  } catch {
    return byDefault;
  }
}

// The only loop, and the only place where orders meet the outside. It decides nothing.
import {
  BehaviorSubject,
  defer,
  EMPTY,
  from,
  map,
  type Observable,
  of,
  type SchedulerLike,
  Subject,
  type Subscription,
  switchMap,
  take,
} from 'rxjs';
import { DecartError, type Failure, failureOf } from '../errors.js';
import type {
  ImageInput,
  LocalStreamRequest,
  MediaRoom,
  Platform,
  RoomEvent,
  SignalingSocket,
  SocketEvent,
} from '../ports.js';
import { decodeServerMessage, encodeClientMessage } from '../protocol/codec.js';
import { eventOf } from '../protocol/event-of.js';
import type { LocalStream, RemoteStream } from '../streams.js';
import type { SessionEffect, SocketOrder } from './effects.js';
import type { SessionHappening } from './events.js';
import type { Fact } from './facts.js';
import { readImage } from './image.js';
import { reduceSession } from './reduce.js';
import { initialSessionState, type SessionState } from './state.js';

/** A signaling URL, and the key in it, which is struck out of whatever the service sends back. */
export interface SocketAddress {
  readonly url: string;
  readonly secret: string;
}

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

export interface SessionLoop<L extends LocalStream, R extends RemoteStream> {
  /** Replays the present state. Completes on `close`. */
  readonly state$: Observable<SessionState>;
  readonly facts$: Observable<Fact>;
  /** Every event and what it led to, for recorders. */
  readonly steps$: Observable<SessionStep>;
  state(): SessionState;
  dispatch(happening: SessionHappening): void;
  /** Draws an id and tells the handles under it before the event is reduced. */
  connect(handles: EngagementHandles<L>, event: (connectId: number) => SessionHappening): void;
  request(handles: RequestHandles, event: (requestId: number) => SessionHappening): void;
  localStream(connectId: number): L | null;
  stream(streamId: number): R | null;
  room(attempt: number): MediaRoom<R> | null;
  /** From now on this track is published instead of the local stream's. */
  replaceVideoTrack(connectId: number, attempt: number, track: unknown): Observable<never>;
  close(): void;
}

export interface SessionStep {
  readonly event: SessionHappening & { readonly atMs: number };
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

interface OpenSocket {
  socket: SignalingSocket | null;
  subscription: Subscription | null;
}

interface OpenRoom<R extends RemoteStream> {
  readonly address: { readonly url: string; readonly token: string };
  room: MediaRoom<R> | null;
}

interface OpenEngagement<L extends LocalStream> {
  readonly handles: EngagementHandles<L>;
  localStream: L | null;
  videoTrack: unknown;
}

export function runSession<L extends LocalStream, R extends RemoteStream>(deps: LoopDeps<L, R>): SessionLoop<L, R> {
  const { platform, scheduler } = deps;
  const stateSubject = new BehaviorSubject<SessionState>(initialSessionState);
  const factSubject = new Subject<Fact>();
  const stepSubject = new Subject<SessionStep>();
  const sockets = new Map<number, OpenSocket>();
  const rooms = new Map<number, OpenRoom<R>>();
  const streams = new Map<number, { readonly attempt: number; readonly stream: R }>();
  const timers = new Map<string, Subscription>();
  const reads = new Map<number, Subscription>();
  const locals = new Map<number, Subscription>();
  const engagements = new Map<number, OpenEngagement<L>>();
  const requests = new Map<number, RequestHandles>();

  const waiting: ((id: number) => SessionHappening)[] = [];
  let running = false;

  /** Events that arise while one is being worked on wait for their turn. */
  function enqueue(make: (id: number) => SessionHappening): void {
    waiting.push(make);
    if (running) return;
    running = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        step(next(stateSubject.value.nextId));
    } finally {
      running = false;
    }
  }

  function step(happening: SessionHappening): void {
    const event = { ...happening, atMs: scheduler.now() };
    const [state, effects] = reduceSession(stateSubject.value, event);
    if (state !== stateSubject.value) stateSubject.next(state);
    if (stepSubject.observed) stepSubject.next({ event, state, effects });
    for (const effect of effects) perform(effect);
  }

  const dispatch = (happening: SessionHappening): void => enqueue(() => happening);

  function perform(effect: SessionEffect): void {
    switch (effect.type) {
      case 'socket.open':
        return openSocket(effect.attempt, effect.order);
      case 'socket.send':
        return sockets.get(effect.attempt)?.socket?.send(encodeClientMessage(effect.message));
      case 'socket.close':
        return closeSocket(effect.attempt, effect.code, effect.reason);
      case 'room.preload':
        return platform.media.preload?.();
      case 'room.prepare': {
        const { attempt, url, token } = effect;
        rooms.set(attempt, { address: { url, token }, room: null });
        return platform.media.preload?.({ url, token });
      }
      case 'room.join':
        return joinRoom(effect);
      case 'room.close': {
        const open = rooms.get(effect.attempt);
        if (open?.room) open.room.close();
        else rooms.delete(effect.attempt);
        return;
      }
      case 'room.resume':
        return rooms.get(effect.attempt)?.room?.resume();
      case 'local.open':
        return openLocal(effect.connectId);
      case 'local.close':
        return closeLocal(effect.connectId);
      case 'image.read':
        return startReading(effect.readId);
      case 'image.cancel':
        reads.get(effect.readId)?.unsubscribe();
        reads.delete(effect.readId);
        return;
      case 'timer.start': {
        const { key, delayMs } = effect;
        const fire = (): void => {
          timers.delete(key);
          dispatch({ type: 'timer.fired', key });
        };
        timers.set(key, scheduler.schedule(fire, delayMs));
        return;
      }
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
      case 'event.raise':
        return dispatch(effect.event);
    }
  }

  function openSocket(attempt: number, order: SocketOrder): void {
    const open: OpenSocket = { socket: null, subscription: null };
    sockets.set(attempt, open);
    const events$ = deps.addressOf(order).pipe(
      take(1),
      switchMap(({ url, secret }) => {
        open.socket = platform.signaling.open({ url });
        return open.socket.events$.pipe(map((event) => withoutSecret(event, secret)));
      }),
    );
    open.subscription = events$.subscribe({
      next: (event) => dispatch(happeningOf(event, attempt)),
      error: (error: unknown) => {
        sockets.delete(attempt);
        const fallback: Failure = { code: 'INVALID_API_KEY', message: 'The API key could not be had.' };
        dispatch({ type: 'socket.failed', attempt, failure: failureOf(error, fallback) });
      },
    });
  }

  function happeningOf(event: SocketEvent, attempt: number): SessionHappening {
    switch (event.type) {
      case 'opened':
        return { type: 'socket.opened', attempt };
      case 'message':
        return eventOf(decodeServerMessage(event.data, deps.maxFrameLength), attempt);
      case 'closed': {
        sockets.delete(attempt);
        const { code, reason, httpStatus } = event;
        return { type: 'socket.closed', attempt, code, reason, ...(httpStatus !== undefined && { httpStatus }) };
      }
    }
  }

  function closeSocket(attempt: number, code: number, reason: string): void {
    const open = sockets.get(attempt);
    if (open?.socket) return open.socket.close(code, reason);
    // Still waiting for the key: there is no socket that could say it has closed.
    open?.subscription?.unsubscribe();
    sockets.delete(attempt);
    dispatch({ type: 'socket.closed', attempt, code, reason });
  }

  function joinRoom({ attempt, connectId, publish }: Extract<SessionEffect, { type: 'room.join' }>): void {
    const open = rooms.get(attempt);
    if (open === undefined) return;
    const engagement = engagements.get(connectId);
    const room = platform.media.join({
      ...open.address,
      localStream: engagement?.localStream ?? null,
      videoTrack: engagement?.videoTrack ?? null,
      publish,
      onMarker: engagement?.handles.onMarker ?? null,
    });
    open.room = room;
    room.events$.subscribe((event) => roomHappened(event, attempt));
  }

  function roomHappened(event: RoomEvent<R>, attempt: number): void {
    switch (event.type) {
      case 'streamChanged': {
        const { stream } = event;
        return enqueue((id) => {
          if (stream !== null) streams.set(id, { attempt, stream });
          return { type: 'room.streamChanged', attempt, streamId: stream === null ? null : id };
        });
      }
      case 'transportState':
        return dispatch({ type: 'room.transportStateChanged', attempt, kind: event.kind, value: event.value });
      case 'firstFrame':
        return dispatch({ type: 'room.firstFrameReceived', attempt });
      case 'lost':
        return dispatch({ type: 'room.lost', attempt, failure: event.failure });
      case 'closed':
        rooms.delete(attempt);
        for (const [id, { attempt: owner }] of streams) if (owner === attempt) streams.delete(id);
        return dispatch({ type: 'room.closed', attempt });
      default:
        return dispatch({ type: `room.${event.type}`, attempt });
    }
  }

  function openLocal(connectId: number): void {
    const engagement = engagements.get(connectId);
    const request = engagement?.handles.localRequest;
    if (!engagement || !request) return;
    const opening = platform.createLocalStream(request).subscribe({
      next: (stream) => {
        engagement.localStream = stream;
        dispatch({ type: 'local.opened', connectId });
      },
      error: (error: unknown) => {
        const fallback: Failure = { code: 'INVALID_INPUT', message: 'The local stream could not be opened.' };
        dispatch({ type: 'local.failed', connectId, failure: { ...failureOf(error, fallback), permanent: true } });
      },
    });
    locals.set(connectId, opening);
  }

  function closeLocal(connectId: number): void {
    locals.get(connectId)?.unsubscribe();
    locals.delete(connectId);
    const stream = engagements.get(connectId)?.localStream;
    const closed = (): void => dispatch({ type: 'local.closed', connectId });
    // However the disposal ends, there is nothing more to be done about the stream.
    (stream ? defer(() => from(stream.dispose())) : EMPTY).subscribe({ complete: closed, error: closed });
  }

  function startReading(readId: number): void {
    const input = requests.get(readId)?.image ?? engagements.get(readId)?.handles.image;
    if (input === null || input === undefined) return;
    const fallback: Failure = { code: 'INVALID_INPUT', message: 'The image could not be read.', permanent: true };
    const reading = readImage(input, (url) => platform.fetchBytes(url)).subscribe({
      next: (image) => dispatch({ type: 'image.read', readId, image }),
      error: (error: unknown) => dispatch({ type: 'image.failed', readId, failure: failureOf(error, fallback) }),
      complete: () => reads.delete(readId),
    });
    if (!reading.closed) reads.set(readId, reading);
  }

  return {
    state$: stateSubject.asObservable(),
    facts$: factSubject.asObservable(),
    steps$: stepSubject.asObservable(),
    state: () => stateSubject.value,
    dispatch,
    connect(handles, event) {
      enqueue((id) => {
        engagements.set(id, { handles, localStream: handles.localStream, videoTrack: null });
        return event(id);
      });
    },
    request(handles, event) {
      enqueue((id) => {
        requests.set(id, handles);
        return event(id);
      });
    },
    localStream: (connectId) => engagements.get(connectId)?.localStream ?? null,
    stream: (streamId) => streams.get(streamId)?.stream ?? null,
    room: (attempt) => rooms.get(attempt)?.room ?? null,
    replaceVideoTrack(connectId, attempt, track) {
      const engagement = engagements.get(connectId);
      if (engagement) engagement.videoTrack = track;
      return rooms.get(attempt)?.room?.replaceVideoTrack(track) ?? EMPTY;
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

/** A service that echoes the key must not lead it into a message. */
function withoutSecret(event: SocketEvent, secret: string): SocketEvent {
  const strike = (text: string): string => (text.includes(secret) ? text.replaceAll(secret, '***') : text);
  if (event.type === 'message' && typeof event.data === 'string') return { ...event, data: strike(event.data) };
  if (event.type === 'closed') return { ...event, reason: strike(event.reason) };
  return event;
}

/** The address of a fixed key, for what needs no asking. */
export const addressOfKey = (url: (key: string) => string, key: string): Observable<SocketAddress> =>
  of({ url: url(key), secret: key });

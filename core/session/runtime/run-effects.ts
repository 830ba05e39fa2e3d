// The only place where orders meet the outside. It decides nothing.
import { EMPTY, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { DecartError, type Failure } from '../../errors.js';
import type { MediaRoom } from '../../ports/media.js';
import type { Platform } from '../../ports/platform.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { SessionEffect, SocketOrder } from '../machine/effects.js';
import type { SessionHappening } from '../machine/events.js';
import type { Fact } from '../machine/outputs.js';
import type { OpenEngagement, RequestHandles } from './connect-context.js';
import { createOpenInputs } from './inputs.js';
import { createOpenRooms } from './rooms.js';
import { createOpenSockets, type SocketAddress } from './sockets.js';

export interface PerformDeps<L extends LocalStream, R extends RemoteStream> {
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  /** Default: the codec's. */
  readonly maxFrameLength: number | undefined;
  /** Asks for the key anew each time. Errors when there is none. */
  addressOf(order: SocketOrder): Observable<SocketAddress>;
  /** By connect. */
  readonly engagements: Map<number, OpenEngagement<L>>;
  /** By request. */
  readonly requests: Map<number, RequestHandles>;
  dispatch(happening: SessionHappening): void;
  /** As `dispatch`, with a fresh id. */
  enqueue(make: (id: number) => SessionHappening): void;
  /** As `dispatch`, before whatever waits already. */
  raise(happening: SessionHappening): void;
  report(fact: Fact): void;
}

/** Carries orders out, and keeps what that opens: sockets, rooms, local media, images that are read, timers. */
export interface Performer<R extends RemoteStream> {
  perform(effect: SessionEffect): void;
  stream(streamId: number): R | null;
  room(attempt: number): MediaRoom<R> | null;
  /** From now on this track is published instead of the local stream's. */
  replaceVideoTrack(connectId: number, attempt: number, track: unknown): Observable<never>;
}

export function createPerformer<L extends LocalStream, R extends RemoteStream>(deps: PerformDeps<L, R>): Performer<R> {
  const { platform, scheduler, maxFrameLength, addressOf, engagements, requests } = deps;
  const { dispatch, enqueue, raise, report } = deps;
  const timers = new Map<string, Subscription>();
  const sockets = createOpenSockets({ signaling: platform.signaling, maxFrameLength, addressOf, dispatch });
  const rooms = createOpenRooms<L, R>({ media: platform.media, dispatch, enqueue });
  const inputs = createOpenInputs<L>({ platform, dispatch });

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
        return report(effect.fact);
      case 'event.raise':
        return raise(effect.event);
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
    perform,
    stream: rooms.stream,
    room: rooms.room,
    replaceVideoTrack(connectId, attempt, track) {
      const engagement = engagements.get(connectId);
      if (engagement) engagement.videoTrack = track;
      return rooms.room(attempt)?.replaceVideoTrack(track) ?? EMPTY;
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

// The only place where orders meet the outside. It decides nothing.
import { EMPTY, type Observable, type SchedulerLike, type Subscription, tap } from 'rxjs';
import { DecartError } from '../../errors.js';
import type { MediaRoom } from '../../ports/media.js';
import type { Platform } from '../../ports/platform.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { Secrets } from '../../secrets.js';
import type { SessionEffect } from '../machine/effects.js';
import type { UntimedEvent } from '../machine/events.js';
import type { SessionOutput } from '../machine/outputs.js';
import { askRetry } from '../machine/retry-policy.js';
import { type Timer, timerKey } from '../machine/timers.js';
import type { OpenConnection, RequestHandles } from './connect-context.js';
import { failedEffect } from './failed-effect.js';
import { createInputs } from './inputs.js';
import { createRooms } from './rooms.js';
import { createSockets, type SocketDeps } from './sockets.js';

export interface EffectDeps<L extends LocalStream, R extends RemoteStream>
  extends Pick<SocketDeps, 'maxFrameLength' | 'decodeEvent' | 'addressOf'> {
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  readonly secrets: Secrets;
  /** By connect. */
  readonly connections: Map<number, OpenConnection<L>>;
  /** By request. */
  readonly requests: Map<number, RequestHandles>;
  dispatch(event: UntimedEvent): void;
  /** As `dispatch`, with a fresh id. */
  enqueue(make: (id: number) => UntimedEvent): void;
  /** As `dispatch`, but before the events that wait already. */
  raise(event: UntimedEvent): void;
  report(output: SessionOutput): void;
}

/** Carries orders out, and keeps what that opens: sockets, rooms, local media, images that are read, timers. */
export interface EffectRunner<R extends RemoteStream> {
  runEffect(effect: SessionEffect): void;
  stream(streamId: number): R | null;
  room(attempt: number): MediaRoom<R> | null;
  /** From now on this track is published instead of the local stream's. */
  replaceVideoTrack(connectId: number, attempt: number, track: unknown): Observable<never>;
}

export function createEffectRunner<L extends LocalStream, R extends RemoteStream>(
  deps: EffectDeps<L, R>,
): EffectRunner<R> {
  const { platform, scheduler, connections, requests } = deps;
  const { dispatch, enqueue, raise, report } = deps;
  const timers = new Map<string, Subscription>();
  const sockets = createSockets({ ...deps, signaling: platform.signaling });
  const rooms = createRooms<L, R>({ media: platform.media, directMedia: platform.directMedia, dispatch, enqueue });
  const inputs = createInputs<L>({ platform, secrets: deps.secrets, dispatch });

  function runEffect(effect: SessionEffect): void {
    try {
      run(effect);
    } catch (error) {
      if (effect.type === 'socket.send' || effect.type === 'socket.close') sockets.drop(effect.attempt);
      const event = failedEffect(effect, error);
      if (event !== null) dispatch(event);
    }
  }

  function run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'socket.open':
        return sockets.open(effect.attempt, effect.options);
      case 'socket.send':
        return sockets.send(effect.attempt, effect.message);
      case 'socket.ping':
        return sockets.ping(effect.attempt);
      case 'socket.close':
        return sockets.close(effect.attempt, effect.code, effect.reason);
      case 'room.preload':
        return (effect.transport === 'webrtc' ? platform.directMedia : platform.media)?.preload?.();
      case 'room.prepare':
        return rooms.prepare(effect.attempt, effect.url, effect.token);
      case 'room.join':
        return rooms.join(effect.attempt, { ...localMedia(effect.connectId), publish: effect.publish });
      case 'room.joinDirect': {
        const { attempt, connectId, publish, playsAudio } = effect;
        const iceServers = connections.get(connectId)?.handles.iceServers ?? [];
        return rooms.joinDirect(attempt, { ...localMedia(connectId), publish, iceServers, playsAudio });
      }
      case 'room.signal':
        return rooms.room(effect.attempt)?.receive?.(effect.signal);
      case 'room.close':
        return rooms.close(effect.attempt);
      case 'room.resume':
        return rooms.room(effect.attempt)?.resume();
      case 'local.open':
        return openLocal(effect.connectId);
      case 'local.close':
        return inputs.closeLocal(effect.connectId, connections.get(effect.connectId)?.localStream ?? null);
      case 'image.read': {
        const image = requests.get(effect.readId)?.image ?? connections.get(effect.readId)?.handles.image;
        if (image !== null && image !== undefined) inputs.readImage(effect.readId, image);
        return;
      }
      case 'image.cancel':
        return inputs.cancelImage(effect.readId);
      case 'timer.start':
        return startTimer(effect.timer, effect.delayMs);
      case 'timer.cancel':
        return cancelTimer(effect.timer);
      case 'request.settle': {
        const handles = requests.get(effect.requestId);
        requests.delete(effect.requestId);
        return handles?.settle(effect.failure);
      }
      case 'connect.resolve':
        return connections.get(effect.connectId)?.handles.resolve();
      case 'connect.end': {
        const connection = connections.get(effect.connectId);
        connections.delete(effect.connectId);
        return connection?.handles.end(effect.failure);
      }
      case 'retry.ask': {
        const { connectId, failure } = effect;
        const retry = askRetry(connections.get(connectId)?.handles.shouldRetry, new DecartError(failure));
        return dispatch({ type: 'caller.retryDecided', connectId, failure, retry });
      }
      case 'output.emit':
        return report(effect.output);
      case 'event.raise':
        return raise(effect.event);
    }
  }

  function startTimer(timer: Timer, delayMs: number): void {
    const fire = (): void => {
      timers.delete(timerKey(timer));
      dispatch({ type: 'timer.fired', timer });
    };
    timers.set(timerKey(timer), scheduler.schedule(fire, delayMs));
  }

  function cancelTimer(timer: Timer): void {
    timers.get(timerKey(timer))?.unsubscribe();
    timers.delete(timerKey(timer));
  }

  function localMedia(connectId: number) {
    const connection = connections.get(connectId);
    return {
      localStream: connection?.localStream ?? null,
      videoTrack: connection?.videoTrack ?? null,
      onMarker: connection?.handles.onMarker ?? null,
      onLatency: connection?.handles.onLatency ?? null,
    };
  }

  function openLocal(connectId: number): void {
    const connection = connections.get(connectId);
    const request = connection?.handles.localRequest;
    if (!connection || !request) return;
    inputs.openLocal(connectId, request, (stream) => {
      connection.localStream = stream;
    });
  }

  return {
    runEffect,
    stream: rooms.stream,
    room: rooms.room,
    replaceVideoTrack(connectId, attempt, track) {
      const keep = (): void => {
        const connection = connections.get(connectId);
        if (connection) connection.videoTrack = track;
      };
      // A track that is refused is not kept: each reconnect would fail with it.
      return (
        rooms
          .room(attempt)
          ?.replaceVideoTrack(track)
          .pipe(tap({ complete: keep })) ?? EMPTY
      );
    },
  };
}

import { defer, Observable, type Subscriber } from 'rxjs';
import { DecartError, type Failure, failureOf } from '../../../core/errors.js';
import type { MediaRoom, RoomEvent, RoomRequest } from '../../../core/ports.js';
import { normaliseRtcNodeStats } from '../../../core/stats/rtc-node-stats.js';
import { notJoined } from '../room-failure.js';
import { type NodeLocalStream, requireNodeVideoTrack } from './local-stream.js';
import type { LiveKitNode } from './native.js';
import type { NodeRemoteStream } from './remote-stream.js';
import { type RoomSettings, RoomStay } from './room-stay.js';

/** A room as the port wants it: one stay, begun by subscribing and ended by closing. */
export function createRoom(
  load: () => Promise<LiveKitNode>,
  settings: RoomSettings,
  request: RoomRequest<NodeLocalStream>,
  onEnter: (stay: RoomStay) => void,
): MediaRoom<NodeRemoteStream> {
  let stay: RoomStay | null = null;
  let isClosed = false;

  const enter = (subscriber: Subscriber<RoomEvent<NodeRemoteStream>>): (() => void) | undefined => {
    if (isClosed || stay) {
      subscriber.next({ type: 'closed' });
      subscriber.complete();
      return undefined;
    }
    const entered = new RoomStay(load, settings, request, (event) => subscriber.next(event));
    stay = entered;
    onEnter(entered);
    entered.ended.then(() => subscriber.complete());
    return () => entered.end(null);
  };

  return {
    events$: new Observable<RoomEvent<NodeRemoteStream>>(enter),
    close() {
      isClosed = true;
      stay?.end(null);
    },
    replaceVideoTrack: (track) =>
      new Observable<never>((subscriber) => {
        try {
          requireNodeVideoTrack(track);
          if (!stay) throw notJoined();
          stay.replaceVideoTrack(track).then(
            () => subscriber.complete(),
            (error: unknown) => subscriber.error(asDecartError(error, 'The video track could not be replaced.')),
          );
        } catch (error) {
          subscriber.error(error);
        }
      }),
    readStats: () =>
      defer(async () => {
        const room = stay?.joinedRoom;
        if (!room) throw notJoined();
        try {
          const { publisherStats, subscriberStats } = await room.getRtcStats();
          return {
            publisher: normaliseRtcNodeStats(publisherStats),
            subscriber: normaliseRtcNodeStats(subscriberStats),
          };
        } catch (error) {
          throw asDecartError(error, 'The media statistics could not be read.');
        }
      }),
    resume() {
      stay?.resume();
    },
  };
}

function asDecartError(error: unknown, message: string): DecartError {
  const failure: Failure = { code: 'WEBRTC_ICE_ERROR', message };
  return new DecartError(failureOf(error, failure));
}

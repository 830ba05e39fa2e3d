import { defer, Observable, type Subscriber } from 'rxjs';
import { DecartError, type Failure, failureOf } from '../../../core/errors.js';
import type { MediaRoom, RoomEvent, RoomRequest } from '../../../core/ports.js';
import { type PublishableStream, requireVideoTrack } from './local-stream.js';
import type { BrowserRemoteStream } from './remote-stream.js';
import { notJoined } from './room-failure.js';
import type { RoomPool } from './room-pool.js';
import { type RoomSettings, RoomStay } from './room-stay.js';

/** A room as the port wants it: one stay, begun by subscribing and ended by closing. */
export function createRoom(
  pool: RoomPool,
  settings: RoomSettings,
  request: RoomRequest<PublishableStream>,
): MediaRoom<BrowserRemoteStream> {
  let stay: RoomStay | null = null;
  let isClosed = false;

  const enter = (subscriber: Subscriber<RoomEvent<BrowserRemoteStream>>): (() => void) | undefined => {
    if (isClosed || stay) {
      subscriber.next({ type: 'closed' });
      subscriber.complete();
      return undefined;
    }
    const entered = new RoomStay(pool, settings, request, (event) => subscriber.next(event));
    stay = entered;
    entered.ended.then(() => subscriber.complete());
    return () => entered.end(null);
  };

  return {
    events$: new Observable<RoomEvent<BrowserRemoteStream>>(enter),
    close() {
      isClosed = true;
      stay?.end(null);
    },
    replaceVideoTrack: (track) =>
      new Observable<never>((subscriber) => {
        const replace = async (): Promise<void> => {
          requireVideoTrack(track);
          if (!stay) throw notJoined();
          await stay.replaceVideoTrack(track);
        };
        replace().then(
          () => subscriber.complete(),
          (error: unknown) => subscriber.error(asDecartError(error, 'The video track could not be replaced.')),
        );
      }),
    readStats: () =>
      defer(async () => {
        if (!stay) throw notJoined();
        try {
          return await stay.readStats();
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

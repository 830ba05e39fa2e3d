import { defer, ignoreElements, Observable, type Subscriber } from 'rxjs';
import { DecartError, failureOf } from '../../core/errors.js';
import type { MediaRoom, RoomEvent } from '../../core/ports/media.js';
import type { RemoteStream } from '../../core/ports/streams.js';
import { notJoined } from './not-joined.js';
import { over, type RoomStay } from './room-stay.js';

/** A room as the port wants it: one stay, begun by subscribing and ended by closing. */
export function createRoom<R extends RemoteStream>(
  createStay: (emit: (event: RoomEvent<R>) => void) => RoomStay<R>,
  onEnter: (stay: RoomStay<R>, ended: Promise<void>) => void = () => undefined,
): MediaRoom<R> {
  let stay: RoomStay<R> | null = null;
  let isClosed = false;

  const enter = (subscriber: Subscriber<RoomEvent<R>>): (() => void) | undefined => {
    if (isClosed || stay) {
      subscriber.next({ type: 'closed' });
      subscriber.complete();
      return undefined;
    }
    const entered = createStay((event) => subscriber.next(event));
    stay = entered;
    const ended = entered.enter();
    onEnter(entered, ended);
    ended.then(() => subscriber.complete());
    return () => entered.end(null);
  };

  /** `message`: what to say when it fails for a reason of the library's own. */
  const inStay = <T>(message: string, call: (stay: RoomStay<R>) => Promise<T>): Observable<T> =>
    defer(async () => {
      if (!stay) throw notJoined();
      try {
        return await call(stay);
      } catch (error) {
        throw error === over ? notJoined() : new DecartError(failureOf(error, { code: 'WEBRTC_ICE_ERROR', message }));
      }
    });

  return {
    events$: new Observable<RoomEvent<R>>(enter),
    close() {
      isClosed = true;
      stay?.end(null);
    },
    replaceVideoTrack: (track) =>
      inStay('The video track could not be replaced.', (entered) => entered.replaceVideoTrack(track)).pipe(
        ignoreElements(),
      ),
    readStats: () => inStay('The media statistics could not be read.', (entered) => entered.readStats()),
    resume() {
      stay?.resume();
    },
    receive(signal) {
      stay?.receive(signal);
    },
    playAudio: (audio) =>
      new Observable<never>((subscriber) => {
        const stop = new AbortController();
        inStay('The sound could not be played.', (entered) => entered.playAudio(audio, stop.signal))
          .pipe(ignoreElements())
          .subscribe(subscriber);
        return () => stop.abort();
      }),
  };
}

import { defer, ignoreElements, Observable, type Subscriber } from 'rxjs';
import { DecartError, failureOf } from '../../core/errors.js';
import type { MediaRoom, RoomEvent } from '../../core/ports/media.js';
import type { RemoteStream } from '../../core/ports/streams.js';
import { notJoined } from './not-joined.js';
import { over, type RoomConnection } from './room-connection.js';

/** A room as the port wants it: one connection, begun by subscribing and ended by closing. */
export function createRoom<R extends RemoteStream>(
  createConnection: (emit: (event: RoomEvent<R>) => void) => RoomConnection<R>,
  onEnter: (connection: RoomConnection<R>, ended: Promise<void>) => void = () => undefined,
): MediaRoom<R> {
  let connection: RoomConnection<R> | null = null;
  let isClosed = false;

  const enter = (subscriber: Subscriber<RoomEvent<R>>): (() => void) | undefined => {
    if (isClosed || connection) {
      subscriber.next({ type: 'closed' });
      subscriber.complete();
      return undefined;
    }
    const entered = createConnection((event) => subscriber.next(event));
    connection = entered;
    const ended = entered.enter();
    onEnter(entered, ended);
    ended.then(() => subscriber.complete());
    return () => entered.end(null);
  };

  /** `message`: what to say when it fails for a reason of the library's own. */
  const whileConnected = <T>(message: string, call: (connection: RoomConnection<R>) => Promise<T>): Observable<T> =>
    defer(async () => {
      if (!connection) throw notJoined();
      try {
        return await call(connection);
      } catch (error) {
        throw error === over ? notJoined() : new DecartError(failureOf(error, { code: 'WEBRTC_ICE_ERROR', message }));
      }
    });

  return {
    events$: new Observable<RoomEvent<R>>(enter),
    close() {
      isClosed = true;
      connection?.end(null);
    },
    replaceVideoTrack: (track) =>
      whileConnected('The video track could not be replaced.', (entered) => entered.replaceVideoTrack(track)).pipe(
        ignoreElements(),
      ),
    readStats: () => whileConnected('The media statistics could not be read.', (entered) => entered.readStats()),
    resume() {
      connection?.resume();
    },
    receive(signal) {
      connection?.receive(signal);
    },
    playAudio: (audio) =>
      new Observable<never>((subscriber) => {
        const stop = new AbortController();
        whileConnected('The sound could not be played.', (entered) => entered.playAudio(audio, stop.signal))
          .pipe(ignoreElements())
          .subscribe(subscriber);
        return () => stop.abort();
      }),
  };
}

import { catchError, defer, type Observable, of, switchMap, throwError } from 'rxjs';
import { failureOf } from '../../../core/errors.js';
import type { MediaRequest, MediaRoom, MediaTransport, RoomEvent, RoomRequest } from '../../../core/ports/media.js';
import type { LocalStream, RemoteStream } from '../../../core/ports/streams.js';
import { notJoined } from '../not-joined.js';

type Load<L extends LocalStream, R extends RemoteStream, Q extends MediaRequest<L>> = () => Promise<
  MediaTransport<L, R, Q>
>;

/** A media transport whose code is loaded on the first `preload()` or join. A room that cannot load it is lost. */
export function mediaLater<L extends LocalStream, R extends RemoteStream, Q extends MediaRequest<L> = RoomRequest<L>>(
  load: Load<L, R, Q>,
): MediaTransport<L, R, Q> {
  return {
    join: (request) => roomLater(load, request),
    preload(room) {
      // The join that needs it tries again, and says what is wrong.
      load().then(
        (transport) => transport.preload?.(room),
        () => undefined,
      );
    },
  };
}

function roomLater<L extends LocalStream, R extends RemoteStream, Q extends MediaRequest<L>>(
  load: Load<L, R, Q>,
  request: Q,
): MediaRoom<R> {
  let room: MediaRoom<R> | null = null;
  let isEntered = false;
  let isClosed = false;
  let closeEarly: () => void = () => undefined;
  const closedEarly = new Promise<null>((resolve) => {
    closeEarly = () => resolve(null);
  });
  const enter = (): Promise<MediaTransport<L, R, Q> | null> => {
    // For one subscriber, and not once it is closed.
    if (isEntered || isClosed) return Promise.resolve(null);
    isEntered = true;
    return Promise.race([load(), closedEarly]);
  };
  const inRoom = <T>(call: (room: MediaRoom<R>) => Observable<T>): Observable<T> =>
    defer(() => (room === null ? throwError(notJoined) : call(room)));
  const lost = (error: unknown): Observable<RoomEvent<R>> => {
    const failure = failureOf(error, { code: 'WEBRTC_ICE_ERROR', message: 'The media transport failed in the room.' });
    return of<RoomEvent<R>[]>({ type: 'lost', failure }, { type: 'closed' });
  };
  return {
    events$: defer(enter).pipe(
      switchMap((transport) => {
        if (transport === null || isClosed) return of<RoomEvent<R>>({ type: 'closed' });
        room = transport.join(request);
        return room.events$;
      }),
      catchError(lost),
    ),
    close() {
      isClosed = true;
      closeEarly();
      room?.close();
    },
    replaceVideoTrack: (track) => inRoom((joined) => joined.replaceVideoTrack(track)),
    readStats: () => inRoom((joined) => joined.readStats()),
    resume: () => room?.resume(),
    receive: (signal) => room?.receive?.(signal),
    playAudio: (audio) => inRoom((joined) => joined.playAudio?.(audio) ?? throwError(notJoined)),
  };
}

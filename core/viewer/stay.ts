// A viewer's stay in a LiveKit room. The one in a peer connection of its own is in direct-stay.ts.
import { Observable } from 'rxjs';
import type { MediaRoom, MediaTransport, RoomEvent } from '../ports/media.js';
import type { LocalStream, RemoteStream } from '../ports/streams.js';
import type { Secrets } from '../secrets.js';
import { defaultPublishOptions } from '../session/machine/connect-plan.js';
import type { ViewerCredentials } from './credentials.js';

/** What a viewer asks every transport for: it sends nothing. */
export const nothingToSend = {
  localStream: null,
  videoTrack: null,
  publish: defaultPublishOptions,
  onMarker: null,
} as const;

/** What every stay needs. */
export interface StayDeps {
  readonly secrets: Secrets;
  /** Counts something as open, until the function that it returns is called. */
  opened(): () => void;
}

/** Unsubscribing closes the room, which stays counted until it is closed. */
export const roomStay$ = <R extends RemoteStream>(
  media: MediaTransport<LocalStream, R>,
  { url, token }: ViewerCredentials,
  { secrets, opened }: StayDeps,
): Observable<RoomEvent<R>> =>
  new Observable((subscriber) => {
    secrets.keep(token);
    const room: MediaRoom<R> = media.join({ url, token, ...nothingToSend });
    const closed = opened();
    room.events$.subscribe({
      next: (event) => subscriber.next(event),
      complete: () => {
        closed();
        subscriber.complete();
      },
    });
    return () => room.close();
  });

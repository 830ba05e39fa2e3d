// The two pictures.
import type { BrowserLocalStream, BrowserRemoteStream, DecartClient } from 'decart-rx/browser';
import { distinctUntilChanged, filter, fromEvent, map, merge, NEVER, Observable, of, switchMap, take, tap } from 'rxjs';
import { clicks, element, showText } from './dom.js';
import type { LocalVideo } from './local-video.js';

/** Shows what goes in and what comes back for as long as it is subscribed to. */
export function showVideo({ realtime }: DecartClient, localVideo$: Observable<LocalVideo | null>): Observable<unknown> {
  const local = element('local', HTMLVideoElement);
  const remote = element('remote', HTMLVideoElement);
  const play = element('play', HTMLButtonElement);
  const placeholder = element('placeholder', HTMLElement);
  // Attached once per session: after a reconnect the element goes on by itself.
  const isOver$ = realtime.connectionState$.pipe(
    map((state) => state === 'disconnected'),
    distinctUntilChanged(),
  );
  const firstStream$ = realtime.remoteStream$.pipe(
    filter((stream) => stream !== null),
    take(1),
  );
  return merge(
    localVideo$.pipe(switchMap((video) => attached(video?.stream ?? null, local))),
    isOver$.pipe(
      switchMap((isOver) => {
        if (isOver) play.hidden = true;
        return isOver ? of(null) : firstStream$;
      }),
      switchMap((stream) => attached(stream, remote, play)),
    ),
    clicks(play).pipe(
      tap(() => {
        play.hidden = true;
        // It was asked for by a click: an error here shows in the picture.
        remote.play().catch(() => undefined);
      }),
    ),
    fromEvent(remote, 'playing').pipe(tap(() => placeholder.toggleAttribute('hidden', true))),
    fromEvent(remote, 'emptied').pipe(tap(() => placeholder.toggleAttribute('hidden', false))),
    showText(element('local-size', HTMLElement), sizes(local)),
    showText(element('remote-size', HTMLElement), sizes(remote)),
  );
}

/** Attaches on subscribing, detaches on unsubscribing. */
const attached = (
  stream: BrowserLocalStream | BrowserRemoteStream | null,
  video: HTMLVideoElement,
  play?: HTMLButtonElement,
): Observable<never> =>
  stream === null
    ? NEVER
    : new Observable(() =>
        stream.attach(video, {
          onPlaybackRefused: () => {
            if (play) play.hidden = false;
          },
        }),
      );

const sizes = (video: HTMLVideoElement): Observable<string> =>
  merge(fromEvent(video, 'resize'), fromEvent(video, 'emptied')).pipe(
    map(() => (video.videoWidth > 0 ? `${video.videoWidth}×${video.videoHeight}` : '')),
  );

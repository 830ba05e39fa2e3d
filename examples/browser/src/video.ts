// The two pictures.
import type { BrowserLocalStream, BrowserRemoteStream, DecartClient } from 'decart-rx/browser';
import { filter, fromEvent, map, merge, NEVER, Observable, pairwise, share, startWith, switchMap, tap } from 'rxjs';
import { clicks, element, showText } from './dom.js';
import type { LocalVideo } from './local-video.js';

/** Shows what goes in and what comes back for as long as it is subscribed to. */
export function showVideo({ realtime }: DecartClient, localVideo$: Observable<LocalVideo | null>): Observable<unknown> {
  const local = element('local', HTMLVideoElement);
  const remote = element('remote', HTMLVideoElement);
  const play = element('play', HTMLButtonElement);
  const placeholder = element('placeholder', HTMLElement);
  const remote$ = realtime.remoteStream$.pipe(share());
  return merge(
    localVideo$.pipe(switchMap((video) => attached(video?.stream ?? null, local))),
    // What is attached goes on by itself after a reconnect: only the first stream of a session is news.
    remote$.pipe(
      startWith(null),
      pairwise(),
      filter(([before, stream]) => before === null && stream !== null),
      switchMap(([, stream]) => attached(stream, remote, play)),
    ),
    clicks(play).pipe(
      tap(() => {
        play.hidden = true;
        // It was asked for by a click: whatever is wrong now, the picture shows.
        remote.play().catch(() => undefined);
      }),
    ),
    realtime.connectionState$.pipe(
      map((state) => state === 'disconnected'),
      tap((isOver) => {
        if (isOver) play.hidden = true;
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

// What goes into the session: a camera, a clip or a test pattern, in the size of the model.
import { asyncDispose, type BrowserLocalStream, type BrowserVideoSource, type DecartClient } from 'decart-rx/browser';
import {
  catchError,
  combineLatest,
  concatMap,
  distinctUntilChanged,
  EMPTY,
  from,
  fromEvent,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  skip,
  startWith,
  switchMap,
  tap,
} from 'rxjs';
import { choiceOf, chosenFiles, element } from './dom.js';
import { owned } from './owned.js';
import type { Format } from './settings.js';

export interface LocalVideo {
  readonly format: Format;
  readonly stream: BrowserLocalStream;
}

type Mirror = 'auto' | 'on' | 'off';
type Facing = 'front' | 'back';

/**
 * State-like: `null` while nothing is open. Another format or source opens a new stream; mirror and facing change in
 * place.
 */
export function localVideo(
  { realtime }: DecartClient,
  format$: Observable<Format>,
  onError: (error: unknown) => void,
): Observable<LocalVideo | null> {
  const mirror = element('mirror', HTMLSelectElement);
  const facing = element('facing', HTMLSelectElement);
  /** A change that fails is reported, and ends nothing. */
  const carriedOut = (change: Promise<void>): Observable<void> =>
    from(change).pipe(
      catchError((error: unknown) => {
        onError(error);
        return EMPTY;
      }),
    );

  return combineLatest([format$, chosenSource(onError)]).pipe(
    switchMap(([format, source]) => {
      const isCamera = source === 'camera';
      const options = {
        source,
        debugQuality: format.debugQuality,
        mirror: mirror.value as Mirror,
        // A clip or a pattern has no facing mode: it is not mirrored by itself.
        facing: isCamera ? (facing.value as Facing) : 'back',
      } as const;
      const opened$ = owned(
        () => realtime.createLocalVideoStream({ model: format.model }, options),
        (stream) => stream[asyncDispose](),
      );
      const mirrored = (stream: BrowserLocalStream): Observable<void> =>
        laterChoices(mirror).pipe(concatMap((choice) => carriedOut(stream.setMirror(choice as Mirror))));
      const turned = (stream: BrowserLocalStream): Observable<void> =>
        laterChoices(facing).pipe(concatMap((choice) => carriedOut(stream.switchCamera({ facing: choice as Facing }))));
      const unplugged = (stream: BrowserLocalStream): Observable<unknown> => stream.errors$.pipe(tap(onError));

      return opened$.pipe(
        switchMap((stream) => {
          const changes$ = isCamera ? merge(mirrored(stream), turned(stream), unplugged(stream)) : mirrored(stream);
          return merge(of<LocalVideo>({ format, stream }), changes$.pipe(ignoreElements()));
        }),
        startWith(null),
        catchError((error: unknown) => {
          onError(error);
          return of(null);
        }),
      );
    }),
  );
}

const laterChoices = (select: HTMLSelectElement): Observable<string> => choiceOf(select).pipe(skip(1));

function chosenSource(onError: (error: unknown) => void): Observable<BrowserVideoSource> {
  const clipLabel = element('clip-label', HTMLElement);
  const clip = element('clip', HTMLInputElement);
  const facing = element('facing', HTMLSelectElement);
  const radios = [...document.querySelectorAll<HTMLInputElement>('input[name="source"]')];
  const kind$ = merge(...radios.map((radio) => fromEvent(radio, 'change'))).pipe(
    startWith(null),
    map(() => radios.find(({ checked }) => checked)?.value ?? 'test-pattern'),
    distinctUntilChanged(),
  );
  return kind$.pipe(
    switchMap((kind) => {
      clipLabel.hidden = kind !== 'clip';
      facing.disabled = kind !== 'camera';
      if (kind !== 'clip') return of(kind as 'camera' | 'test-pattern');
      return chosenFiles(clip).pipe(
        switchMap((file) =>
          playing(file).pipe(
            catchError(() => {
              onError(new Error(`${file.name} is no video that this browser plays.`));
              return EMPTY;
            }),
          ),
        ),
      );
    }),
  );
}

/** Plays a clip over and over, unseen, for as long as it is subscribed to. */
const playing = (file: File): Observable<HTMLVideoElement> =>
  new Observable((subscriber) => {
    const video = document.createElement('video');
    Object.assign(video, { muted: true, loop: true, playsInline: true, src: URL.createObjectURL(file) });
    video.play().then(
      () => subscriber.next(video),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      URL.revokeObjectURL(video.src);
      video.removeAttribute('src');
      video.load();
    };
  });

// What goes into the session: a camera, a clip or a test pattern, in the size of the model.
import { asyncDispose, type BrowserLocalStream, type BrowserVideoSource, type DecartClient } from 'decart-rx/browser';
import {
  catchError,
  combineLatest,
  concat,
  distinctUntilChanged,
  EMPTY,
  from,
  fromEvent,
  map,
  merge,
  NEVER,
  Observable,
  type OperatorFunction,
  of,
  skip,
  startWith,
  switchMap,
  take,
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

/** State-like: `null` while nothing is open. Another format or source opens anew; mirror and facing change in place. */
export function localVideo(
  { realtime }: DecartClient,
  format$: Observable<Format>,
  onError: (error: unknown) => void,
): Observable<LocalVideo | null> {
  const mirror = element('mirror', HTMLSelectElement);
  const facing = element('facing', HTMLSelectElement);
  return combineLatest([format$, chosenSource()]).pipe(
    switchMap(([format, source]) => {
      const { model, debugQuality } = format;
      const options = { source, debugQuality, mirror: mirror.value as Mirror, facing: facingOf(source, facing) };
      const opened$ = owned(
        () => realtime.createLocalVideoStream({ model }, options),
        (stream) => stream[asyncDispose](),
      );
      return opened$.pipe(
        withChanges(
          (stream) => merge(mirrored(stream, mirror), turned(stream, facing, source), troubles(stream)),
          onError,
        ),
        map((stream): LocalVideo => ({ format, stream })),
        startWith(null),
        catchError((error: unknown) => {
          onError(error);
          return of(null);
        }),
      );
    }),
  );
}

/** A clip or a pattern faces nobody: it is not mirrored by itself. */
const facingOf = (source: BrowserVideoSource, facing: HTMLSelectElement): Facing =>
  source === 'camera' ? (facing.value as Facing) : 'back';

const mirrored = (stream: BrowserLocalStream, mirror: HTMLSelectElement): Observable<Promise<void>> =>
  choiceOf(mirror).pipe(
    skip(1),
    map((choice) => stream.setMirror(choice as Mirror)),
  );

const turned = (
  stream: BrowserLocalStream,
  facing: HTMLSelectElement,
  source: BrowserVideoSource,
): Observable<Promise<void>> =>
  choiceOf(facing).pipe(
    skip(1),
    map((choice) => (source === 'camera' ? stream.switchCamera({ facing: choice as Facing }) : Promise.resolve())),
  );

const troubles = (stream: BrowserLocalStream): Observable<Promise<never>> =>
  stream.errors$.pipe(map((error) => Promise.reject(error)));

/** Runs changes of what was emitted for as long as it is the latest. A change that fails is told, and ends nothing. */
const withChanges =
  <T>(changes: (value: T) => Observable<Promise<unknown>>, onError: (error: unknown) => void): OperatorFunction<T, T> =>
  (source$) =>
    source$.pipe(
      switchMap((value) =>
        merge(
          of(value),
          changes(value).pipe(
            switchMap((change) =>
              from(change).pipe(
                catchError((error: unknown) => {
                  onError(error);
                  return EMPTY;
                }),
              ),
            ),
            switchMap(() => EMPTY),
          ),
          NEVER,
        ),
      ),
    );

function chosenSource(): Observable<BrowserVideoSource> {
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
      return kind === 'clip' ? chosenFiles(clip).pipe(switchMap(playing)) : of(kind as 'camera' | 'test-pattern');
    }),
  );
}

/** Plays a clip over and over, unseen, for as long as it is subscribed to. */
const playing = (file: File): Observable<HTMLVideoElement> =>
  new Observable((subscriber) => {
    const video = document.createElement('video');
    Object.assign(video, { muted: true, loop: true, playsInline: true, src: URL.createObjectURL(file) });
    const ready$ = concat(from(video.play()), fromEvent(video, 'loadeddata')).pipe(
      take(1),
      map(() => video),
    );
    subscriber.add(merge(ready$, NEVER).subscribe(subscriber));
    subscriber.add(() => {
      URL.revokeObjectURL(video.src);
      video.removeAttribute('src');
      video.load();
    });
  });

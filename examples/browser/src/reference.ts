// The reference image: dropped, pasted or chosen.
import type { DecartClient } from 'decart-rx/browser';
import {
  concat,
  filter,
  fromEvent,
  map,
  merge,
  NEVER,
  Observable,
  of,
  share,
  switchMap,
  tap,
  withLatestFrom,
} from 'rxjs';
import { chosenFiles, clicks, element, showText } from './dom.js';
import { sent } from './prompt.js';

/** State-like: the image that is wished for. */
export function referenceImage(): Observable<File | null> {
  const area = element('reference', HTMLFieldSetElement);
  const dropped$ = merge(fromEvent<DragEvent>(area, 'dragover'), fromEvent<DragEvent>(area, 'drop')).pipe(
    // Or the browser would leave the page for the image.
    tap((event) => event.preventDefault()),
    filter(({ type }) => type === 'drop'),
    map(({ dataTransfer }) => dataTransfer),
  );
  const pasted$ = fromEvent<ClipboardEvent>(document, 'paste').pipe(map(({ clipboardData }) => clipboardData));
  const transferred$ = merge(dropped$, pasted$).pipe(
    map((data) => [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'))),
    filter((file) => file !== undefined),
  );
  const input = element('reference-file', HTMLInputElement);
  const removed$ = clicks(element('reference-clear', HTMLButtonElement)).pipe(
    map(() => {
      // Or choosing the same one again would be no change.
      input.value = '';
      return null;
    }),
  );
  return concat(of(null), merge<(File | null)[]>(transferred$, chosenFiles(input), removed$));
}

/** Shows the image, sends it when there is a session, and shows the outcome. */
export function references({ realtime }: DecartClient, image$: Observable<File | null>): Observable<unknown> {
  const shared$ = image$.pipe(share());
  const status$ = shared$.pipe(
    withLatestFrom(realtime.connectionState$),
    switchMap(([image, state]) => {
      if (state === 'connected' || state === 'generating') return sent(realtime.setImage$(image));
      return of(image ? 'Goes out with the next session.' : '');
    }),
  );
  // Listening to the status comes first: `shared$` starts with the last one.
  return merge(
    showText(element('reference-status', HTMLElement), status$),
    shared$.pipe(switchMap(shown)),
    highlighted(),
  );
}

const shown = (image: File | null): Observable<never> =>
  new Observable(() => {
    const picture = element('reference-image', HTMLImageElement);
    picture.hidden = image === null;
    element('reference-hint', HTMLElement).hidden = image !== null;
    element('reference-clear', HTMLButtonElement).hidden = image === null;
    if (!image) return;
    picture.src = URL.createObjectURL(image);
    return () => URL.revokeObjectURL(picture.src);
  });

/** Marks the area while something is held over it. */
function highlighted(): Observable<unknown> {
  const area = element('reference', HTMLFieldSetElement);
  const over$ = fromEvent(area, 'dragover').pipe(map(() => true));
  const out$ = merge(fromEvent(area, 'dragleave'), fromEvent(area, 'drop')).pipe(map(() => false));
  return concat(merge(over$, out$), NEVER).pipe(tap((isOver) => area.classList.toggle('dropping', isOver)));
}

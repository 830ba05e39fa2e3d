// The prompt box: the last prompt wins.
import type { DecartClient } from 'decart-rx/browser';
import {
  catchError,
  concat,
  debounceTime,
  defer,
  filter,
  fromEvent,
  map,
  merge,
  type Observable,
  of,
  startWith,
  switchMap,
  tap,
  withLatestFrom,
} from 'rxjs';
import { clicks, element, isChecked, showText } from './dom.js';

const TYPING_PAUSE_MS = 300;

export interface Prompt {
  readonly text: string;
  readonly enhance: boolean;
}

/** What the box says, for the next session to start with. */
export function presentPrompt(): Prompt | null {
  const text = element('prompt', HTMLInputElement).value.trim();
  return text === '' ? null : { text, enhance: element('enhance', HTMLInputElement).checked };
}

/** Sends prompts and shows their outcome. */
export function prompts({ realtime }: DecartClient): Observable<unknown> {
  const status$ = askedFor().pipe(
    withLatestFrom(realtime.connectionState$),
    // `switchMap` makes the latest win: it unsubscribes from the previous request, in whatever state that is.
    switchMap(([prompt, state]) =>
      state === 'connected' || state === 'generating'
        ? sent(realtime.setPrompt$(prompt.text, { enhance: prompt.enhance }))
        : of('Goes out with the next session.'),
    ),
  );
  return showText(element('prompt-status', HTMLElement), status$.pipe(startWith('')));
}

/** The course of a request, in words. */
export const sent = (request$: Observable<never>): Observable<string> =>
  defer(() => {
    const startedMs = performance.now();
    return concat(
      of('Sending …'),
      request$,
      defer(() => of(`Acknowledged after ${Math.round(performance.now() - startedMs)} ms.`)),
    );
  }).pipe(catchError((error: unknown) => of(`Not accepted: ${error instanceof Error ? error.message : error}`)));

function askedFor(): Observable<Prompt> {
  const box = element('prompt', HTMLInputElement);
  const chips = [...document.querySelectorAll<HTMLButtonElement>('#suggestions button')];
  const submitted$ = fromEvent(element('prompt-form', HTMLFormElement), 'submit').pipe(
    tap((event) => event.preventDefault()),
  );
  const suggested$ = merge(...chips.map((chip) => clicks(chip).pipe(map(() => chip.textContent)))).pipe(
    tap((text) => {
      box.value = text ?? '';
    }),
  );
  const typed$ = isChecked(element('live', HTMLInputElement)).pipe(
    switchMap((isLive) =>
      fromEvent(box, 'input').pipe(
        filter(() => isLive),
        debounceTime(TYPING_PAUSE_MS),
      ),
    ),
  );
  const toggled$ = fromEvent(element('enhance', HTMLInputElement), 'change');
  return merge(submitted$, suggested$, typed$, toggled$).pipe(
    map(presentPrompt),
    filter((prompt) => prompt !== null),
  );
}

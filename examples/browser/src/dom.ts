// The few things of the DOM that a page needs, as functions to and from streams.
import { filter, fromEvent, map, type Observable, startWith, tap } from 'rxjs';

/** The element with this id. A page without it is broken, and says so at once. */
export function element<E extends Element>(id: string, kind: abstract new (...args: never[]) => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`There is no ${kind.name} with the id "${id}".`);
}

export const clicks = (target: EventTarget): Observable<Event> => fromEvent(target, 'click');

/** What a form control says: now, and whenever it is changed. */
export const choiceOf = (control: HTMLSelectElement | HTMLInputElement): Observable<string> =>
  fromEvent(control, 'change').pipe(
    startWith(null),
    map(() => control.value),
  );

export const isChecked = (box: HTMLInputElement): Observable<boolean> =>
  fromEvent(box, 'change').pipe(
    startWith(null),
    map(() => box.checked),
  );

/** The file that is chosen, each time one is. */
export const chosenFiles = (input: HTMLInputElement): Observable<File> =>
  fromEvent(input, 'change').pipe(
    map(() => input.files?.[0]),
    filter((file) => file !== undefined),
  );

/** Shows text, and hides the element where there is none. */
export const showText = (target: HTMLElement, text$: Observable<string | null>): Observable<unknown> =>
  text$.pipe(
    tap((text) => {
      target.hidden = text === null;
      // Setting the same again would have a screen reader say it again.
      if (target.textContent !== (text ?? '')) target.textContent = text;
    }),
  );

/** Sets a `data-` attribute, which the style sheet knows. */
export const showData = (target: HTMLElement, name: string, value$: Observable<string>): Observable<unknown> =>
  value$.pipe(
    tap((value) => {
      target.dataset[name] = value;
    }),
  );

export function create<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text = '',
  data: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  Object.assign(made.dataset, data);
  return made;
}

/** An element of a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

import { defer, distinctUntilChanged, fromEvent, map, merge, type Observable, of, startWith } from 'rxjs';

/** State-like: whether the browser has a network at all. `true` says little; `false` can be believed. */
export const online$: Observable<boolean> = defer(() =>
  typeof window === 'object'
    ? merge(fromEvent(window, 'online'), fromEvent(window, 'offline')).pipe(
        startWith(null),
        map(() => navigator.onLine !== false),
        distinctUntilChanged(),
      )
    : of(true),
);

import { defer, map, type Observable, type ObservableInput, of, switchMap } from 'rxjs';
import { abortable } from './rest/abortable.js';

/** What may have to be loaded first: emitted once, at once where it is at hand. After a failure the next one asks again. */
export type Lazy<T> = () => Observable<T>;

/** What `call` gives once it is loaded. Cold; errors with ABORTED when the signal fires before that. */
export const withLazy = <T, A>(
  lazy: Lazy<T>,
  signal: AbortSignal | undefined,
  call: (loaded: T) => ObservableInput<A>,
): Observable<A> => defer(lazy).pipe(abortable({}, signal), switchMap(call));

/** What is made of something lazy, once, however many ask for it meanwhile. */
export interface LazyOnce<M> {
  /** `null`: it has not been made yet. */
  readonly present: M | null;
  readonly load: Lazy<M>;
}

export function lazyOnce<T, M extends object>(lazy: Lazy<T>, make: (loaded: T) => M): LazyOnce<M> {
  let present: M | null = null;
  return {
    get present() {
      return present;
    },
    load: () =>
      present !== null
        ? of(present)
        : lazy().pipe(
            map((loaded) => {
              present ??= make(loaded);
              return present;
            }),
          ),
  };
}

import { defer, map, type Observable, type ObservableInput, of, switchMap } from 'rxjs';
import { abortable } from './rest/abortable.js';

/** A piece of the package: emitted once, at once where it is at hand, or when it has been loaded. */
export type Part<T> = () => Observable<T>;

/** What `call` gives once the part is there. Cold; errors with ABORTED when the signal fires before that. */
export const withPart = <T, A>(
  part: Part<T>,
  signal: AbortSignal | undefined,
  call: (part: T) => ObservableInput<A>,
): Observable<A> => defer(part).pipe(abortable({}, signal), switchMap(call));

/** What is made of a part when it is first asked for. */
export interface MadeOfPart<M> {
  /** `null`: it has not been made yet. */
  readonly present: M | null;
  /** Makes it, once. A part that could not be loaded is asked for anew by the next one who comes. */
  made(): Observable<M>;
}

/** Makes something of a part when it is first needed, and once, however many ask meanwhile. */
export function madeOf<T, M extends object>(part: Part<T>, make: (part: T) => M): MadeOfPart<M> {
  let present: M | null = null;
  return {
    get present() {
      return present;
    },
    made: () =>
      present !== null
        ? of(present)
        : part().pipe(
            map((loaded) => {
              present ??= make(loaded);
              return present;
            }),
          ),
  };
}

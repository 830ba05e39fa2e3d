import { lastValueFrom, type MonoTypeOperatorFunction, map, merge, NEVER, type Observable, takeUntil } from 'rxjs';
import { aborts } from '../abort.js';
import type { DecartError } from '../errors.js';

/** What ends calls besides their own signals. */
export interface Releasable {
  /** Emits, now or later, when the client is released. @default never */
  readonly released$?: Observable<DecartError>;
}

/** Errors with `ABORTED` when the signal fires or the client is released, and cancels the source; see {@link aborts}. */
export function abortable<T>(
  { released$ = NEVER }: Releasable,
  signal: AbortSignal | undefined,
): MonoTypeOperatorFunction<T> {
  const ended$ = merge(released$, aborts(signal)).pipe(
    map((error): never => {
      throw error;
    }),
  );
  return takeUntil(ended$);
}

/** Settles with the last value of a call; an abort of the signal, and a release, reject with `ABORTED`. */
export const promised = <T>(deps: Releasable, call$: Observable<T>, signal: AbortSignal | undefined): Promise<T> =>
  lastValueFrom(call$.pipe(abortable(deps, signal)));

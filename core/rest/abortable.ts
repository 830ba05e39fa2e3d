import { lastValueFrom, type MonoTypeOperatorFunction, map, type Observable, takeUntil } from 'rxjs';
import { aborts } from '../abort.js';

/** Errors with `ABORTED` when the signal fires, and cancels the source; without a signal it changes nothing. */
export function abortable<T>(signal: AbortSignal | undefined): MonoTypeOperatorFunction<T> {
  if (signal === undefined) return (source$) => source$;
  const aborted$ = aborts(signal).pipe(
    map((error): never => {
      throw error;
    }),
  );
  return takeUntil(aborted$);
}

/** Settles with the last value of a call; an abort of the signal rejects with `ABORTED`. */
export const promised = <T>(call$: Observable<T>, signal: AbortSignal | undefined): Promise<T> =>
  lastValueFrom(call$.pipe(abortable(signal)));

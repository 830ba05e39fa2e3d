import { lastValueFrom, type MonoTypeOperatorFunction, Observable, takeUntil } from 'rxjs';
import { DecartError } from '../errors.js';

/** Errors with `ABORTED` when the signal fires, and cancels the source; without a signal it changes nothing. */
export const abortable = <T>(signal: AbortSignal | undefined): MonoTypeOperatorFunction<T> =>
  signal === undefined ? (source$) => source$ : takeUntil(aborted$(signal));

/** Settles with the last value of a call; an abort of the signal rejects with `ABORTED`. */
export const promised = <T>(call$: Observable<T>, signal: AbortSignal | undefined): Promise<T> =>
  lastValueFrom(call$.pipe(abortable(signal)));

const aborted$ = (signal: AbortSignal): Observable<never> =>
  new Observable((subscriber) => {
    const abort = (): void =>
      subscriber.error(new DecartError({ code: 'ABORTED', message: 'The call was aborted.', cause: signal.reason }));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });

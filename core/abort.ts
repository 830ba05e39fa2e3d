import { Observable } from 'rxjs';
import { DecartError } from './errors.js';

export const abortedBy = (signal: AbortSignal): DecartError =>
  new DecartError({ code: 'ABORTED', message: 'The call was aborted.', cause: signal.reason });

/** Emits once when the signal aborts, or at once when it already has; never completes, and leaves no listener behind. */
export const aborts = (signal: AbortSignal): Observable<DecartError> =>
  new Observable((subscriber) => {
    const abort = (): void => subscriber.next(abortedBy(signal));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });

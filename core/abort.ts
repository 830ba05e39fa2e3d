import { NEVER, Observable } from 'rxjs';
import { invalidInput } from './check.js';
import { DecartError } from './errors.js';

export const abortedBy = (signal: AbortSignal): DecartError =>
  new DecartError({ code: 'ABORTED', message: 'The call was aborted.', cause: signal.reason });

/**
 * What a call ends with: emits once when the signal aborts, or at once when it already has, or is no signal. Never
 * completes or errors, and leaves no listener behind.
 */
export const aborts = (signal: AbortSignal | null | undefined): Observable<DecartError> =>
  signal === undefined || signal === null
    ? NEVER
    : new Observable((subscriber) => {
        if (typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function')
          return subscriber.next(invalidInput('signal', "expected an AbortController's signal"));
        const abort = (): void => subscriber.next(abortedBy(signal));
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        return () => signal.removeEventListener('abort', abort);
      });

import { catchError, defer, from, map, type Observable, of, tap, throwError } from 'rxjs';
import { checkApiKey } from '../check.js';
import { DecartError, isDecartError } from '../errors.js';
import type { Secrets } from '../secrets.js';

/** The key, or a function that is asked before every request and every connect try (ephemeral keys expire). */
export type ApiKeySource = string | ((() => string | Promise<string>) & Partial<KeepsKeys>);

/** Of a source that hands the same key out more than once. */
export interface KeepsKeys {
  /**
   * The service has refused this key: it is not handed out again. Gives `false` when it was made for that very use:
   * another one would be refused as well.
   */
  forget(key: string): boolean;
}

/** Whether there may be a better key than this one, which the service has refused. */
export const forgetKey = (source: ApiKeySource, key: string): boolean =>
  typeof source === 'function' && source.forget?.(key) === true;

/**
 * Asks for the key once per subscription, and has it struck out of all responses. A key given as text is emitted at
 * once, a function's when it resolves. Errors with INVALID_API_KEY.
 */
export const apiKey$ = (source: ApiKeySource, secrets: Pick<Secrets, 'keep'>): Observable<string> =>
  defer(() => {
    const key = typeof source === 'function' ? source() : source;
    return typeof key === 'string' ? of(key) : from(Promise.resolve(key));
  }).pipe(
    catchError((error: unknown) => throwError(() => (isDecartError(error) ? error : functionFailed(error)))),
    map(checkApiKey),
    tap((key) => secrets.keep(key)),
  );

const functionFailed = (cause: unknown): DecartError =>
  new DecartError({ code: 'INVALID_API_KEY', message: 'The apiKey function failed.', cause });

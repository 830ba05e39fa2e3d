import { catchError, defer, from, map, type Observable, of, throwError } from 'rxjs';
import { DecartError, isDecartError } from '../errors.js';

/** The key, or a function that is asked anew before every request (ephemeral keys expire). */
export type ApiKeySource = string | (() => string | Promise<string>);

const invalid = (message: string, cause?: unknown): DecartError =>
  new DecartError({ code: 'INVALID_API_KEY', message, permanent: cause === undefined, cause });

/**
 * @throws DecartError INVALID_API_KEY for a blank key, and for one that no HTTP header can carry: the platform would
 * refuse it with an error that quotes the key.
 */
export function checkApiKey(key: unknown): string {
  const trimmed = typeof key === 'string' ? key.trim() : '';
  if (trimmed === '') throw invalid('The API key is blank.');
  if (!/^[\x21-\x7e]+$/.test(trimmed)) throw invalid('The API key holds characters that no key has.');
  return trimmed;
}

/** Asks for the key once per subscription. A key given as text is there at once, a function's in its own time. */
export const apiKey$ = (source: ApiKeySource): Observable<string> =>
  defer(() => {
    const key = typeof source === 'function' ? source() : source;
    return typeof key === 'string' ? of(key) : from(Promise.resolve(key));
  }).pipe(
    catchError((error: unknown) =>
      throwError(() => (isDecartError(error) ? error : invalid('The apiKey function failed.', error))),
    ),
    map(checkApiKey),
  );

const HIDDEN = '[redacted]';

/** The text without the key, in any of the forms in which a server may echo it. */
export const withoutKey = (text: string, key: string): string =>
  text.replaceAll(key, HIDDEN).replaceAll(encodeURIComponent(key), HIDDEN);

/** The cause of an error, unless the key stands anywhere in it. */
export function causeWithoutKey(cause: unknown, key: string): unknown {
  let link = cause;
  // Told by shape, not by class: errors of the platform may come from another realm. A circle ends too.
  for (let depth = 0; depth < 8 && link !== undefined; depth++) {
    const { message, stack, cause: deeper } = (link ?? {}) as { message?: unknown; stack?: unknown; cause?: unknown };
    if (`${typeof link === 'string' ? link : ''}${message}${stack}`.includes(key)) return undefined;
    link = deeper;
  }
  return cause;
}

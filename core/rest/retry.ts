import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';
import type { Some } from '../check.js';
import { type DecartError, isDecartError } from '../errors.js';
import { type Backoff, reconnectPolicyOf, retryDelayMs } from '../session/machine/retry-policy.js';
import type { RestDeps } from './call.js';

/** How often and how soon a poll that failed for a passing reason is tried again. */
export type RetryOptions = Some<Backoff>;

/** In full; what is left out, or `undefined`, is the session's default. @throws DecartError INVALID_INPUT */
export const retryPolicyOf = (options?: RetryOptions): Backoff => reconnectPolicyOf(options, 'retry');

/** A server that asks for a longer wait than this does not get it. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Before the first and the second further try of a submit that never arrived. */
const SUBMIT_BACKOFF: Backoff = { retries: 2, initialDelayMs: 250, factor: 2, maxDelayMs: 500, jitter: 0 };

const TRANSIENT_STATUSES: readonly unknown[] = [429, 502, 503, 504];

const reasonOf = (error: unknown): unknown => (isDecartError(error) ? error.data?.reason : undefined);

/** A failure that may well be gone at the next try: an overloaded or restarting server, a broken connection, silence. */
const isTransient = (error: unknown): error is DecartError => {
  const reason = reasonOf(error);
  if (reason === 'status') return TRANSIENT_STATUSES.includes((error as DecartError).data?.status);
  return reason === 'unreachable' || reason === 'interrupted' || reason === 'timeout';
};

const retried = <T>(deps: RestDeps, backoff: Backoff, isWorthIt: (error: unknown) => boolean) =>
  retry<T>({
    count: backoff.retries,
    delay: (error: unknown, tries) => {
      if (!isWorthIt(error)) return throwError(() => error);
      const asked = isDecartError(error) ? error.data?.retryAfterMs : null;
      const delayMs =
        typeof asked === 'number'
          ? Math.min(asked, MAX_RETRY_AFTER_MS)
          : retryDelayMs(backoff, tries - 1, deps.random?.() ?? 0);
      return timer(delayMs, deps.scheduler);
    },
  });

/**
 * Repeats a request that may be repeated (a GET) while its failure is a passing one: 429, 502, 503, 504, a broken
 * connection, silence. `Retry-After` wins over the backoff, up to a minute.
 */
export const retryTransient = <T>(deps: RestDeps, options?: RetryOptions): MonoTypeOperatorFunction<T> =>
  retried(deps, retryPolicyOf(options), isTransient);

/** Repeats a request only if it surely never arrived: no connection was made. */
export const retryUnsent = <T>(deps: RestDeps): MonoTypeOperatorFunction<T> =>
  retried(deps, SUBMIT_BACKOFF, (error) => reasonOf(error) === 'unreachable');

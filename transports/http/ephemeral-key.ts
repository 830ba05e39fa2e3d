import { invalidInput } from '../../core/check.js';
import type { KeepsKeys } from '../../core/rest/api-key.js';
import { createEphemeralKey } from '../../core/rest/ephemeral-key.js';

/**
 * For `apiKey` of a client in a browser: keys from your own server, which makes them with `tokens.create()` and answers
 * with what that gives. A key is kept until shortly before it expires, and a request in flight is shared. When the
 * service refuses a key that was kept, the client asks for another one, once.
 *
 * @param url where your server hands out keys; absolute where there is no page, as in Node.
 * @param init as for `fetch` (method, headers, credentials); the answer is never taken from a cache.
 *
 * @example
 * ```ts
 * import { createDecartClient, ephemeralKey } from 'decart-rx/browser';
 *
 * const client = createDecartClient({ apiKey: ephemeralKey('/api/decart-token', { method: 'POST' }) });
 * ```
 */
export const ephemeralKey = (url: string, init?: RequestInit): (() => Promise<string>) & KeepsKeys =>
  createEphemeralKey<RequestInit>(
    {
      fetch(input, options) {
        checkUrl(input);
        return fetch(input, options);
      },
      now: () => Date.now(),
    },
    url,
    { cache: 'no-store', ...init },
  );

/** @throws DecartError INVALID_INPUT: to try again would not help */
function checkUrl(url: string): void {
  try {
    new Request(url);
  } catch {
    throw invalidInput('url', 'expected a URL that fetch() takes; in Node an absolute one');
  }
}

import * as t from 'io-ts';
import { checkApiKey } from '../check.js';
import { DecartError, isDecartError } from '../errors.js';
import { isPermanentStatus } from '../http-status.js';
import type { KeepsKeys } from './api-key.js';
import { parseInstant } from './expiry.js';

/** The part of a platform's `fetch` that is used. */
export type FetchLike<Init> = (
  url: string,
  init?: Init,
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  json(): Promise<unknown>;
}>;

/** What the function takes from the platform. */
export interface EphemeralKeyDeps<Init> {
  /** Asks the app’s own server. */
  readonly fetch: FetchLike<Init>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A key is not handed out in this last stretch of its life, or in its last fifth if that is shorter. */
const MARGIN_MS = 10_000;

const answer = t.intersection([
  t.type({ apiKey: t.string }),
  t.partial({ expiresAt: t.union([t.string, t.number, t.null, t.undefined]) }),
]);

/** The longest life of a key. It bounds the error of a wrong clock. */
const MAX_LIFE_MS = 3_600_000;

interface HeldKey {
  readonly key: string;
  readonly goodUntilMs: number;
  uses: number;
}

/**
 * A source of short-lived keys for a client in a browser: asks your own server, which makes them with `tokens.create()`
 * and answers with what that gives (`{ apiKey, expiresAt }`).
 *
 * The key is kept until shortly before it expires, or until the service refuses it; who asks while a request is under
 * way shares it; a failure is not kept. The server's `Date` header, where it can be seen, takes the place of a clock
 * that may be wrong. Errors: TOKEN_CREATE_ERROR.
 */
export function createEphemeralKey<Init>(
  { fetch, now }: EphemeralKeyDeps<Init>,
  url: string,
  init?: Init,
): (() => Promise<string>) & KeepsKeys {
  let held: HeldKey | null = null;
  let inFlight: Promise<HeldKey> | null = null;

  const ask = async (): Promise<HeldKey> => {
    const askedMs = now();
    const response = await fetch(url, init);
    if (!response.ok)
      throw failed(
        `HTTP ${response.status}`,
        { status: response.status },
        undefined,
        isPermanentStatus(response.status),
      );
    const json = await response.json().catch(() => {
      // The parser's message quotes the answer, and with it the key.
      throw failed('the response is not JSON', { status: response.status });
    });
    const decoded = answer.decode(json);
    if (decoded._tag === 'Left') throw failed('the response has no apiKey', { status: response.status });
    const { apiKey, expiresAt } = decoded.right;
    const expiryMs = typeof expiresAt === 'string' ? parseInstant(expiresAt) : null;
    // Without an end that can be read the key is good for those who wait for it now.
    const serverMs = parseInstant(response.headers.get('date') ?? '') ?? askedMs;
    const lifeMs = expiryMs === null ? 0 : Math.min(expiryMs - serverMs, MAX_LIFE_MS);
    return { key: checkApiKey(apiKey), goodUntilMs: askedMs + lifeMs - Math.min(MARGIN_MS, lifeMs / 5), uses: 0 };
  };

  const give = async (): Promise<string> => {
    if (held === null || now() >= held.goodUntilMs) {
      held = null;
      inFlight ??= ask().finally(() => {
        inFlight = null;
      });
      try {
        held = await inFlight;
      } catch (error) {
        throw isDecartError(error) ? error : failed('the request failed', {}, error);
      }
    }
    held.uses += 1;
    return held.key;
  };
  const forget = (key: string): boolean => {
    if (held?.key !== key) return true;
    const wasKept = held.uses > 1;
    held = null;
    return wasKept;
  };
  return Object.assign(give, { forget });
}

const failed = (
  why: string,
  data: Readonly<Record<string, unknown>>,
  cause?: unknown,
  permanent = false,
): DecartError =>
  new DecartError({
    permanent,
    code: 'TOKEN_CREATE_ERROR',
    message: `ephemeralKey() got no key from your server: ${why}.`,
    data,
    cause,
  });

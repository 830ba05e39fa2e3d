import type { DecartError, ErrorCode, Failure } from '../../errors.js';
import { accountFailureOf, accountFull, FULL_CLOSE_CODE } from './refusals.js';

/**
 * How often, and how soon, to try again. The first try after a loss is immediate; try `n` (from 0) after that waits
 * `initialDelayMs × factor^n`, at most `maxDelayMs`. A first connect that fails waits likewise before each retry.
 */
export interface ReconnectPolicy {
  /** Tries after a loss, and retries of a first connect, before giving up. Default 5; 0 never tries again. */
  readonly retries: number;
  /** Default 1000. */
  readonly initialDelayMs: number;
  /** Default 2. */
  readonly factor: number;
  /** Default 10000. */
  readonly maxDelayMs: number;
  /** Part of each delay that is left to chance, 0..1: 0.5 makes a delay of 1 s one of 0.5 to 1 s. Default 0. */
  readonly jitter: number;
  /**
   * Connect again after the service has ended the session, for a reason after which that can help: `timeout`, `error`
   * or an unknown one. Default `false`: a session that the service has ended stays ended, and is not billed again.
   */
  readonly afterEnd: boolean;
  /** Overrides which errors are worth another try. Default: all that are not permanent. */
  readonly shouldRetry?: (error: DecartError) => boolean;
}

export const defaultReconnectPolicy: ReconnectPolicy = Object.freeze({
  retries: 5,
  initialDelayMs: 1000,
  factor: 2,
  maxDelayMs: 10_000,
  jitter: 0,
  afterEnd: false,
});

/** The delays of a {@link ReconnectPolicy}, without its function: what the reducer needs. */
export type Backoff = Omit<ReconnectPolicy, 'shouldRetry' | 'afterEnd'>;

/** The delay before the `n`th delayed try (from 0). `random` is in 0..1 and only matters with jitter. */
export function retryDelayMs(backoff: Backoff, n: number, random: number): number {
  const full = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * backoff.factor ** n);
  return Math.round(full * (1 - backoff.jitter * random));
}

/** One step of a small generator (mulberry32): the number in 0..1 and the next seed. Chance that can be replayed. */
export function nextRandom(seed: number): readonly [value: number, seed: number] {
  const next = (seed + 0x6d2b79f5) | 0;
  let bits = Math.imul(next ^ (next >>> 15), next | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return [((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000, next];
}

/** Server texts that say the key is refused. `401` counts as a word only: ids have digits, too. */
const KEY_TEXT = /invalid[ _]api[ _]key|unauthorized|\b401\b/i;
/** Server texts after which no retry can help. */
const PERMANENT_TEXT = /permission denied|not allowed|invalid session|401/i;

/** Close codes registered or customary for a refused key: 3000 Unauthorized (IANA), 4001 and 4401. */
const KEY_CLOSE_CODES = [3000, 4001, 4401];

/**
 * The failure behind a text of the server's: the only place where text is searched, because text is all the server sends.
 */
export function failureOfServerText(text: string, fallback: ErrorCode): Failure {
  if (KEY_TEXT.test(text))
    return { code: 'INVALID_API_KEY', message: `The API key was refused: ${text}`, permanent: true };
  const accountFailure = accountFailureOf(text);
  if (accountFailure !== null) return accountFailure;
  return {
    code: fallback,
    message: text === '' ? 'The server reported an error.' : text,
    permanent: PERMANENT_TEXT.test(text),
  };
}

/** The failure behind a closed socket. `isJoining`: no session is live on it, so that the service may refuse one. */
export function failureOfClose(
  closed: { code: number; reason: string; httpStatus?: number },
  isJoining: boolean,
): Failure {
  const { code, reason, httpStatus } = closed;
  if (httpStatus === 401 || httpStatus === 403) {
    return {
      code: 'INVALID_API_KEY',
      message: `The API key was refused (HTTP ${httpStatus}).`,
      permanent: true,
      data: { httpStatus },
    };
  }
  const where = httpStatus === undefined ? `code ${code}` : `HTTP ${httpStatus}`;
  const data = { closeCode: code, ...(httpStatus !== undefined && { httpStatus }) };
  if (KEY_CLOSE_CODES.includes(code)) {
    return { code: 'INVALID_API_KEY', message: `The API key was refused (${where}).`, permanent: true, data };
  }
  if (code === FULL_CLOSE_CODE && isJoining) return { ...accountFull, data };
  const failure = failureOfServerText(reason, 'WEBRTC_WEBSOCKET_ERROR');
  if (failure.code !== 'WEBRTC_WEBSOCKET_ERROR') return { ...failure, data };
  return { ...failure, message: `The signaling socket closed (${where}${reason === '' ? '' : `: ${reason}`}).`, data };
}

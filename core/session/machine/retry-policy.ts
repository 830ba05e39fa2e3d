import { checkNumber, checkObject, type Some, withDefaults } from '../../check.js';
import type { DecartError, ErrorCode, Failure } from '../../errors.js';
import { isPermanentStatus } from '../../http-status.js';
import { accountFailureOf, accountFull, FULL_CLOSE_CODE } from './refusals.js';

/**
 * How often, and how soon, to try again. The first try after a loss is immediate; try `n` (from 0) after that waits
 * `initialDelayMs × factor^n`, at most `maxDelayMs`. A first connect that fails waits likewise before each retry.
 */
export interface ReconnectPolicy {
  /** Tries after a loss, and retries of a first connect, before giving up; 0 never tries again. @default 5 */
  readonly retries: number;
  /** The first delay, milliseconds. @default 1000 */
  readonly initialDelayMs: number;
  /** Each delay is this many times the one before. @default 2 */
  readonly factor: number;
  /** The longest delay, milliseconds. @default 10000 */
  readonly maxDelayMs: number;
  /** Random part of each delay, 0..1: 0.5 turns a delay of 1 s into one of 0.5 to 1 s. @default 0 */
  readonly jitter: number;
  /**
   * Connect again after the service has ended the session, for a reason after which that can help: `timeout`, `error`
   * or an unknown one. `false`: a session that the service has ended stays ended, and is not billed again.
   * @default false
   */
  readonly afterEnd: boolean;
  /** Overrides which errors are worth another try. @default all that are not permanent */
  readonly shouldRetry?: ((error: DecartError) => boolean) | undefined;
}

/** The policy where none is given: 5 tries after a loss, the first at once, the others after 1, 2, 4 and 8 s. */
export const defaultReconnectPolicy: ReconnectPolicy = Object.freeze({
  retries: 5,
  initialDelayMs: 1000,
  factor: 2,
  maxDelayMs: 10_000,
  jitter: 0,
  afterEnd: false,
});

/**
 * A complete policy; what is left out, or `undefined`, has its default.
 *
 * @param name how errors call it
 * @throws DecartError INVALID_INPUT
 */
export function reconnectPolicyOf(some: Some<ReconnectPolicy> = {}, name = 'reconnect'): ReconnectPolicy {
  checkObject(some, name, '{ retries: 0 }');
  const policy = withDefaults(defaultReconnectPolicy, some);
  const ranges = {
    retries: [0, 1000],
    initialDelayMs: [0, 3_600_000],
    factor: [1, 100],
    maxDelayMs: [0, 3_600_000],
    jitter: [0, 1],
  } as const;
  for (const [field, [low, high]] of Object.entries(ranges)) {
    checkNumber(policy[field as keyof typeof ranges], `${name}.${field}`, low, high);
  }
  return policy;
}

/** The caller's own judgement; one that throws counts for the default. */
export function askRetry(shouldRetry: ReconnectPolicy['shouldRetry'] | null, error: DecartError): boolean {
  try {
    if (shouldRetry) return shouldRetry(error);
  } catch {
    // As if there were no rule.
  }
  return !error.permanent;
}

/** The delays of a {@link ReconnectPolicy}, without its function: what the reducer needs. */
export type Backoff = Omit<ReconnectPolicy, 'shouldRetry' | 'afterEnd'>;

/** The delay before the `n`th delayed try (from 0). `random` is in 0..1 and only matters with jitter. */
export function retryDelayMs(backoff: Backoff, n: number, random: number): number {
  const full = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * backoff.factor ** n);
  return Math.round(full * (1 - backoff.jitter * random));
}

/** One step of a small generator (mulberry32): the number in 0..1 and the next seed. Randomness that can be replayed. */
export function nextRandom(seed: number): readonly [value: number, seed: number] {
  const next = (seed + 0x6d2b79f5) | 0;
  let bits = Math.imul(next ^ (next >>> 15), next | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return [((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000, next];
}

/** A status code that is named as one: digits alone may be part of an id. */
const statusCode = (code: number): RegExp =>
  new RegExp(
    `\\b(?:http|status|code|error|response)[^\\w\\d]*${code}\\b|^${code}\\b|\\b${code} (?:unauthorized|forbidden)`,
    'i',
  );

/** Server texts that say the key is refused. */
const KEY_TEXTS = [/\b(?:invalid|unknown|expired|revoked)[ _]api[ _]key\b/i, /\bunauthorized\b/i, statusCode(401)];
/** Server texts that say there is no such model. */
const MODEL_TEXTS = [
  /\bmodel\b.*\b(?:not found|does not exist|not supported|not available)\b/i,
  /\b(?:unknown|invalid|unsupported|no such) model\b/i,
];
/** Server texts after which no retry can help. */
const PERMANENT_TEXTS = [
  /\bpermission denied\b/i,
  /\bnot allowed\b/i,
  /\bforbidden\b/i,
  /\binvalid session\b/i,
  statusCode(403),
];
/** Words for a passing condition: a retry may help, whatever else the text says. */
const PASSING_TEXT = /\b(?:again|later|temporar\w*|unavailable|busy|overload\w*|time[sd]?[- ]?out|capacity)\b/i;

const matches = (text: string, patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(text));

/** Words that speak of a request's content. */
const REQUEST_TEXTS = {
  prompt: [/\bprompts?\b/i, /\bmoderat\w+\b/i, /\bcontent policy\b/i],
  image: [/\bimages?\b/i, /\bprompts?\b/i, /\bmoderat\w+\b/i, /\bcontent policy\b/i],
} as const;

/** Whether a text of the server's speaks of the request of this kind that is on the wire, for good. */
export const namesRequest = (text: string, kind: 'prompt' | 'image'): boolean =>
  matches(text, REQUEST_TEXTS[kind]) && !PASSING_TEXT.test(text);

/** Close codes registered or customary for a refused key: 3000 Unauthorized (IANA), 4001 and 4401. */
const KEY_CLOSE_CODES = [3000, 4001, 4401];
/** The same for a key that is known and may not do this: 3003 Forbidden (IANA) and 4403. */
const FORBIDDEN_CLOSE_CODES = [3003, 4403];

/**
 * The failure behind a text of the server's: the only place where text is searched, because text is all the server
 * sends. Words decide, and codes that are named as such; never digits alone.
 */
export function failureOfServerText(text: string, fallback: ErrorCode): Failure {
  if (matches(text, KEY_TEXTS))
    return { code: 'INVALID_API_KEY', message: `The API key was refused: ${text}`, permanent: true };
  const accountFailure = accountFailureOf(text);
  if (accountFailure !== null) return accountFailure;
  const isPassing = PASSING_TEXT.test(text);
  if (matches(text, MODEL_TEXTS) && !isPassing)
    return { code: 'MODEL_NOT_FOUND', message: `The service does not know the model: ${text}`, permanent: true };
  return {
    code: fallback,
    message: text === '' ? 'The service reported an error without a description.' : text,
    permanent: matches(text, PERMANENT_TEXTS),
  };
}

/**
 * The failure behind a closed socket. `isJoining`: no session is live on it, so that the service may refuse one.
 * `isOpening`: it has not been open at all.
 */
export function failureOfClose(
  closed: { code: number; reason: string; httpStatus?: number },
  isJoining: boolean,
  isOpening = false,
): Failure {
  const { code, reason, httpStatus } = closed;
  if (httpStatus !== undefined) return failureOfStatus(httpStatus, code);
  const data = { closeCode: code };
  if (KEY_CLOSE_CODES.includes(code))
    return { code: 'INVALID_API_KEY', message: `The API key was refused (code ${code}).`, permanent: true, data };
  if (code === FULL_CLOSE_CODE && isJoining) return { ...accountFull, data };
  const failure = failureOfServerText(reason, 'WEBRTC_WEBSOCKET_ERROR');
  if (failure.code !== 'WEBRTC_WEBSOCKET_ERROR') return { ...failure, data };
  const why = `code ${code}${reason === '' ? '' : `: ${reason}`}`;
  const message = `The signaling socket ${isOpening ? 'could not be opened' : 'closed'} (${why}).${isOpening ? ' Check baseUrl.' : ''}`;
  return { ...failure, message, data, permanent: failure.permanent === true || FORBIDDEN_CLOSE_CODES.includes(code) };
}

/** The failure behind an upgrade that was refused. */
function failureOfStatus(httpStatus: number, closeCode: number): Failure {
  const where = `HTTP ${httpStatus}`;
  if (httpStatus === 401)
    return {
      code: 'INVALID_API_KEY',
      message: `The API key was refused (${where}).`,
      permanent: true,
      data: { httpStatus },
    };
  const data = { closeCode, httpStatus };
  if (httpStatus === 403) {
    const message = `The service refused the connection (${where}): this API key may not use the model, or not from here.`;
    return { code: 'WEBRTC_SERVER_ERROR', message, permanent: true, data };
  }
  const permanent = isPermanentStatus(httpStatus);
  return { code: 'WEBRTC_WEBSOCKET_ERROR', message: `The signaling socket closed (${where}).`, permanent, data };
}

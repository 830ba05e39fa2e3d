import type * as t from 'io-ts';
import { catchError, map, type Observable, type SchedulerLike, switchMap } from 'rxjs';
import { DecartError, type ErrorCode, isDecartError } from '../errors.js';
import type { HttpBody, HttpEvent, HttpFailed, HttpRequest, HttpResponse, HttpTransport } from '../ports/http.js';
import { wrongFields } from '../protocol/codec.js';
import { createSecrets, type Secrets } from '../secrets.js';
import { timeLimit } from '../time-limit.js';
import { type ApiKeySource, apiKey$, forgetKey } from './api-key.js';
import { retryAfterMs } from './expiry.js';
import { readsOnce } from './form.js';
import { type ValidationDetail, validationDetails } from './validation.js';

/** What every REST client of this package is made from. */
export interface RestDeps {
  /** The platform’s HTTP. */
  readonly http: HttpTransport;
  /** Already checked, without a slash at its end. */
  readonly baseUrl: string;
  /** Sent with each request, as `X-API-KEY`. */
  readonly apiKey: ApiKeySource;
  /** Sent where the platform allows it: browsers keep their own. */
  readonly userAgent: string;
  /** The clock of waits and limits. */
  readonly scheduler: SchedulerLike;
  /** Emits, now or later, when the client is released: every call ends with this error. @default never */
  readonly released$?: Observable<DecartError>;
  /** What is struck out of errors. @default the key alone */
  readonly secrets?: Secrets;
  /** Called with a deprecated model name that was given, and with the name that replaces it. @default not called */
  readonly onRenamed?: (name: string, current: string) => void;
  /** Random numbers, 0..1, for the jitter of retries. @default no jitter */
  readonly random?: () => number;
}

/** What every call takes. */
export interface CallOptions {
  /** Aborts the call: it rejects with ABORTED, and its connection is closed. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest silence of the connection, in ms: from the start to the first progress or the answer, and between
   * progress and progress. A long transfer that moves does not time out. Default 60,000.
   */
  readonly timeoutMs?: number | undefined;
}

/** The longest silence of a connection, unless a call says otherwise. */
export const DEFAULT_TIMEOUT_MS = 60_000;

/** The server's words in an error are cut here, in UTF-16 code units. */
const MAX_TEXT = 500;

/** One call of the service, as plain data. */
export interface RestCall {
  /** What could not be done, should it fail: "The job could not be submitted". */
  readonly failure: string;
  /** The code of its errors. */
  readonly code: ErrorCode;
  /** Of the HTTP request. */
  readonly method: HttpRequest['method'];
  /** Under the base URL, with its leading slash. */
  readonly path: string;
  /** @default none */
  readonly body?: HttpBody;
  /** How the body of the answer is wanted. @default 'text' */
  readonly accept?: HttpRequest['accept'];
  /** The longest silence, in ms. @default 60_000 */
  readonly timeoutMs?: number;
  /** Goes into the data of errors (a job's id, say). */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Statuses with a code of their own. */
  readonly codes?: Readonly<Record<number, ErrorCode>>;
}

/** Why a call failed, as `data.reason` of its error. */
export type CallFailureReason = 'status' | 'unreachable' | 'interrupted' | 'timeout' | 'malformed';

/** What a call emits: progress, and then its answer. */
export type CallEvent = Exclude<HttpEvent, HttpFailed>;

/**
 * One request, as progress and then a 2xx response. Cold.
 *
 * Errors with a DecartError whose `data` holds `reason` ({@link CallFailureReason}), `status` (`null` without an answer),
 * `text` (the server's own, at most 500 characters), `retryAfterMs` (`null` unless the server asked for a wait) and, of
 * a 422, `details` ({@link ValidationDetail}).
 * A 401 is INVALID_API_KEY, an unreadable upload INVALID_INPUT, anything else the call's own code. The key is in none.
 */
export const restCall$ = (deps: RestDeps, call: RestCall): Observable<CallEvent> => {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, body = null } = call;
  const { secrets = createSecrets() } = deps;
  for (const part of body?.type === 'form' ? body.parts : []) {
    if (part.type === 'file' && part.source.type === 'url') secrets.keepUrl(part.source.url);
  }
  const { http, baseUrl, apiKey, userAgent, scheduler } = deps;
  const tried$ = (renewsKey: boolean): Observable<CallEvent> =>
    apiKey$(apiKey, secrets).pipe(
      switchMap((key) => {
        const headers = { 'X-API-KEY': key, 'User-Agent': userAgent };
        const { method, accept = 'text' } = call;
        return http.request({ method, url: baseUrl + call.path, headers, body, accept }).pipe(
          map((event) => answered(event, call, secrets, scheduler.now())),
          catchError((error: unknown) => {
            if (renewsKey && isDecartError(error) && error.code === 'INVALID_API_KEY' && forgetKey(apiKey, key)) {
              return tried$(false);
            }
            throw error;
          }),
        );
      }),
    );
  const isReadOnce = body?.type === 'form' && body.parts.some(readsOnce);
  const late = (): DecartError => failed(call, 'timeout', `no data arrived for ${timeoutMs} ms (timeoutMs)`);
  return tried$(!isReadOnce).pipe(timeLimit({ limitMs: timeoutMs, scheduler, each: true, late }));
};

function answered(event: HttpEvent, call: RestCall, secrets: Secrets, nowMs: number): CallEvent {
  if (event.type === 'failed') throw unanswered(event, call, secrets);
  if (event.type !== 'response' || (event.status >= 200 && event.status < 300)) return event;
  const { status } = event;
  const text = event.body.type === 'text' ? cut(secrets.strike(event.body.text)) : '';
  const wait = retryAfterMs(event.headers['retry-after'], nowMs);
  if (status === 401) {
    throw failed(call, 'status', 'the API key was refused', { status, text }, { code: 'INVALID_API_KEY' });
  }
  const code = call.codes?.[status] ?? call.code;
  const details = status === 422 && event.body.type === 'text' ? validationDetails(event.body.text, secrets) : [];
  const said = details.length > 0 ? details.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ') : text;
  const why = `HTTP ${status}${said && `: ${cut(said)}`}`;
  throw failed(call, 'status', why, { status, text, retryAfterMs: wait, details }, { code });
}

function unanswered({ reason, message, part, cause }: HttpFailed, call: RestCall, secrets: Secrets): DecartError {
  const said = secrets.strike(message);
  const safe = secrets.clean(cause);
  if (reason !== 'source') return failed(call, reason, said, {}, { cause: safe });
  const field = secrets.strike(part ?? 'data').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new DecartError({ code: 'INVALID_INPUT', message: `${field}: ${said}`, data: { field }, cause: safe });
}

function failed(
  call: RestCall,
  reason: CallFailureReason,
  why: string,
  answer: { status?: number; text?: string; retryAfterMs?: number | null; details?: readonly ValidationDetail[] } = {},
  more: { code?: ErrorCode; cause?: unknown } = {},
): DecartError {
  const { status = null, text = '', retryAfterMs: wait = null, details = [] } = answer;
  return new DecartError({
    code: more.code ?? call.code,
    message: `${call.failure}: ${why}.`,
    // Another try of the same request cannot help, unless the server or the way to it is what failed.
    permanent: status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429,
    data: { ...call.data, reason, status, text, retryAfterMs: wait, ...(details.length > 0 && { details }) },
    cause: more.cause,
  });
}

/** Cut without leaving half a character. */
const cut = (text: string): string => text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '');

/** The bytes of an answer, of which there are some. */
export function blobOf({ body, status }: HttpResponse, { code, failure, data }: RestCall): Blob {
  if (body.type === 'blob' && body.blob.size > 0) return body.blob;
  throw new DecartError({ code, message: `${failure}: the response is empty.`, data: { ...data, status } });
}

/** The JSON of an answer, checked. Its text is quoted in no error: it may hold a fresh key. */
export function decodeAnswer<A>(codec: t.Type<A, unknown>, response: HttpResponse, call: RestCall): A {
  const malformed = (why: string): DecartError =>
    failed(call, 'malformed', `the answer is malformed (${why})`, { status: response.status });
  let json: unknown;
  try {
    json = JSON.parse(response.body.type === 'text' ? response.body.text : '');
  } catch {
    // The parser's message quotes the answer.
    throw malformed('not JSON');
  }
  const decoded = codec.decode(json);
  if (decoded._tag === 'Left') throw malformed(wrongFields(decoded.left));
  return decoded.right;
}

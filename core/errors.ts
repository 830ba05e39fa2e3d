import type { ErrorData } from './error-data.js';
import { VERSION } from './version.js';

/** Where the page of each code is, as it was when this version was made: the package's own files. */
const HELP_BASE = `https://unpkg.com/decart-rx@${VERSION}/docs/errors/`;

/** Every code a {@link DecartError} can carry. The names are shared with Decart's other SDKs; the last four are our own. */
export const ErrorCodes = {
  INVALID_API_KEY: 'INVALID_API_KEY',
  INVALID_BASE_URL: 'INVALID_BASE_URL',
  INVALID_INPUT: 'INVALID_INPUT',
  MODEL_NOT_FOUND: 'MODEL_NOT_FOUND',
  WEBRTC_WEBSOCKET_ERROR: 'WEBRTC_WEBSOCKET_ERROR',
  WEBRTC_ICE_ERROR: 'WEBRTC_ICE_ERROR',
  WEBRTC_TIMEOUT_ERROR: 'WEBRTC_TIMEOUT_ERROR',
  WEBRTC_SERVER_ERROR: 'WEBRTC_SERVER_ERROR',
  WEBRTC_SIGNALING_ERROR: 'WEBRTC_SIGNALING_ERROR',
  QUEUE_SUBMIT_ERROR: 'QUEUE_SUBMIT_ERROR',
  QUEUE_STATUS_ERROR: 'QUEUE_STATUS_ERROR',
  QUEUE_RESULT_ERROR: 'QUEUE_RESULT_ERROR',
  JOB_NOT_COMPLETED: 'JOB_NOT_COMPLETED',
  TOKEN_CREATE_ERROR: 'TOKEN_CREATE_ERROR',
  IMAGE_EDIT_ERROR: 'IMAGE_EDIT_ERROR',
  MODEL_RESOLVE_ERROR: 'MODEL_RESOLVE_ERROR',
  FILES_UPLOAD_ERROR: 'FILES_UPLOAD_ERROR',
  FILES_GET_ERROR: 'FILES_GET_ERROR',
  FILES_DELETE_ERROR: 'FILES_DELETE_ERROR',
  /** The account is at its limit of concurrent sessions: a connect was refused. See `whenFull`. */
  SESSION_LIMIT_REACHED: 'SESSION_LIMIT_REACHED',
  /** The service ended the session after the longest duration that its key allows. */
  SESSION_TIME_LIMIT: 'SESSION_TIME_LIMIT',
  /** The account has no credits: a connect was refused, or the service ended the session. */
  INSUFFICIENT_CREDITS: 'INSUFFICIENT_CREDITS',
  /** The service ended the session because of what it was asked to show. */
  MODERATION_VIOLATION: 'MODERATION_VIOLATION',
  /** A camera or microphone could not be opened; `data.reason` says why. */
  MEDIA_DEVICE_ERROR: 'MEDIA_DEVICE_ERROR',
  /** The browser does not play before the user has interacted with the page. */
  PLAYBACK_REFUSED: 'PLAYBACK_REFUSED',
  /**
   * A piece that is loaded when it is needed, of this package or `livekit-client` in a page, could not be fetched.
   * It is not retried by itself: the next call loads it again.
   */
  LOAD_ERROR: 'LOAD_ERROR',
  /** A callback of yours, such as `onRemoteStream`, threw. The session continues. */
  CALLBACK_ERROR: 'CALLBACK_ERROR',
  ABORTED: 'ABORTED',
} as const;

/** A name in {@link ErrorCodes}. */
export type ErrorCode = keyof typeof ErrorCodes;

/**
 * What went wrong, as plain data: the form in which errors travel through events, state and
 * effects. A port that fails says so with a `Failure`; the code is decided there, where the cause is known.
 */
export interface Failure {
  /** What went wrong. */
  readonly code: ErrorCode;
  /** One sentence for a developer. Never holds a key, a token or a signaling URL. */
  readonly message: string;
  /** `true` when another try cannot help (a refused key, a refused permission). @default false */
  readonly permanent?: boolean | undefined;
  /** Details by code. Never a key or a token. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** The underlying error, if any. Becomes the `cause` of the {@link DecartError}. */
  readonly cause?: unknown;
}

const BRAND = 'decart-rx/DecartError';

/**
 * The one error type of this package.
 *
 * `code` is one of {@link ErrorCodes}; `data` holds details by code; `cause` the underlying error, if any.
 * An aborted call rejects with code `ABORTED` and `name` `'AbortError'`, as the platform's own calls do.
 *
 * @example
 * ```ts
 * import type { DecartClient } from 'decart-rx';
 *
 * export const onRefusedKey = (client: DecartClient, signIn: () => void) =>
 *   client.realtime.errors$.subscribe((error) => {
 *     if (error.code === 'INVALID_API_KEY') signIn();
 *   });
 * ```
 */
export class DecartError extends Error {
  /** What went wrong: branch on this, never on `message`. */
  readonly code: ErrorCode;
  /** Details by code, such as `field` (INVALID_INPUT), `httpStatus` or `closeCode`. Never holds a key or a token. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  /** `true` when another try cannot help: a refused key, an unknown model. */
  readonly permanent: boolean;
  /** Recognises the errors of the other half of the package (ES module or CommonJS) too; see {@link isDecartError}. */
  readonly brand = BRAND;

  /** The errors of the other half of the package (ES module or CommonJS) are instances, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isDecartError(value);
  }

  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = failure.code === 'ABORTED' ? 'AbortError' : 'DecartError';
    this.code = failure.code;
    this.data = failure.data;
    this.permanent = failure.permanent ?? false;
    Object.defineProperty(this, 'brand', { enumerable: false });
  }

  /** The address of a page about this code: causes, what to do, and how to catch it. Ends in `${code}.md`. */
  get helpUrl(): string {
    return `${HELP_BASE}${this.code}.md`;
  }

  /** What `JSON.stringify` shows: no stack, no cause. */
  toJSON(): { name: string; code: ErrorCode; message: string; data?: Readonly<Record<string, unknown>> } {
    const { name, code, message, data } = this;
    return data === undefined ? { name, code, message } : { name, code, message, data };
  }
}

/** INVALID_INPUT: what was asked for cannot be done as it was asked. `data.field` names the field, if there is one. */
export const invalid = (message: string, data?: Failure['data']): DecartError =>
  new DecartError({ code: 'INVALID_INPUT', message, permanent: true, ...(data && { data }) });

/** A {@link DecartError} of one code: its `data` has the details of {@link ErrorData}. */
export type DecartErrorOf<C extends ErrorCode> = DecartError & {
  readonly code: C;
  readonly data: (C extends keyof ErrorData ? ErrorData[C] : unknown) | undefined;
};

/**
 * Recognises a {@link DecartError} by its tag, not by its class: the ES-module and CommonJS builds have a class each.
 * With a code it recognises those alone, and `data` is typed for it.
 *
 * @example
 * ```ts
 * import { isDecartError } from 'decart-rx';
 *
 * export const wrongField = (error: unknown): string | undefined =>
 *   isDecartError(error, 'INVALID_INPUT') ? error.data?.field : undefined;
 * ```
 */
export function isDecartError(value: unknown): value is DecartError;
export function isDecartError<C extends ErrorCode>(value: unknown, code: C): value is DecartErrorOf<C>;
export function isDecartError(value: unknown, code?: unknown): boolean {
  if (!(value instanceof Error) || (value as { brand?: unknown }).brand !== BRAND) return false;
  // A number is the index that `filter` and `map` pass.
  return typeof code !== 'string' || (value as { code?: unknown }).code === code;
}

/** The plain form of an error: a {@link DecartError}'s own, else `fallback` with the error as its cause. */
export function failureOf(error: unknown, fallback: Failure): Failure {
  if (!isDecartError(error)) return { ...fallback, cause: error };
  const { code, message, permanent, data, cause } = error;
  return { code, message, permanent, ...(data && { data }), ...(cause !== undefined && { cause }) };
}

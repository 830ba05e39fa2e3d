import * as t from 'io-ts';
import { defer, filter, map } from 'rxjs';
import { checkDurations, checkFields, checkObject, checkWhole, invalidInput } from '../check.js';
import { promised } from './abortable.js';
import { type CallOptions, decodeAnswer, type RestCall, type RestDeps, restCall$ } from './call.js';

/** What a client token may do, and for how long. */
export interface TokenOptions extends CallOptions {
  /** Seconds, 1 to 3600. A session that is up outlives its token. @default the service's, 60 */
  readonly expiresIn?: number | undefined;
  /** Names of the models it opens, at most 20. @default all */
  readonly allowedModels?: readonly string[] | undefined;
  /** Origins of the pages it works on (`https://app.example.com`), at most 20. @default all */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Plain JSON, kept with the token. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Limits of what is done with it. @default none */
  readonly constraints?:
    | {
        /** `maxSessionDuration`: seconds. */
        readonly realtime?: { readonly maxSessionDuration?: number | undefined } | undefined;
      }
    | undefined;
}

/** A client token: a short-lived key that may be handed to a browser. */
export interface ClientToken {
  /** `ek_…`: what a client takes for its `apiKey`. */
  readonly apiKey: string;
  /** The same permission as a signed token (JWT), which opens sessions and uploads files; older servers leave it out. */
  readonly token?: string | null;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** What it allows, as the service says it. */
  readonly permissions?: unknown;
  /** Its limits, as the service says them. */
  readonly constraints?: unknown;
}

/** Makes short-lived keys for pages. */
export interface TokensClient {
  /**
   * Makes a client token. For servers: it takes a permanent key.
   *
   * @throws DecartError INVALID_INPUT, INVALID_API_KEY, TOKEN_CREATE_ERROR, ABORTED
   *
   * @example The answer of your own server to a page that asks for a key:
   * ```ts
   * import { createDecartClient } from 'decart-rx/node';
   *
   * const client = createDecartClient({ apiKey: process.env['DECART_API_KEY'] ?? '' });
   * export const token = () =>
   *   client.tokens.create({ expiresIn: 60, constraints: { realtime: { maxSessionDuration: 300 } } });
   * ```
   */
  create(options?: TokenOptions): Promise<ClientToken>;
}

const FIELDS = ['expiresIn', 'allowedModels', 'allowedOrigins', 'metadata', 'constraints', 'signal', 'timeoutMs'];
const MAX_EXPIRES_IN = 3600;
const MAX_LIST = 20;
const ORIGIN = /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;

const tokenAnswer: t.Type<ClientToken, unknown> = t.intersection([
  t.type({ apiKey: t.string, expiresAt: t.string }),
  t.partial({ token: t.union([t.string, t.null]), permissions: t.unknown, constraints: t.unknown }),
]);

/** @throws DecartError INVALID_INPUT naming the field. */
function checkTokenOptions(options: TokenOptions): void {
  checkFields(options, 'options', FIELDS);
  const { expiresIn, allowedModels, allowedOrigins, metadata, constraints, timeoutMs } = options;
  checkDurations({ timeoutMs });
  if (expiresIn !== undefined) checkWhole(expiresIn, 'expiresIn', 1, MAX_EXPIRES_IN);
  checkList(allowedModels, 'allowedModels', 'the name of a model', (name) => name.trim() !== '');
  checkList(allowedOrigins, 'allowedOrigins', 'a full origin, like https://app.example.com', (o) => ORIGIN.test(o));
  if (metadata !== undefined) {
    checkObject(metadata, 'metadata');
    try {
      JSON.stringify(metadata);
    } catch {
      // A circle, or a bigint: the reason is in what is said to the caller.
      throw invalidInput('metadata', 'it cannot be written as JSON');
    }
  }
  if (constraints === undefined) return;
  checkFields(constraints, 'constraints', ['realtime']);
  if (constraints.realtime === undefined) return;
  checkFields(constraints.realtime, 'constraints.realtime', ['maxSessionDuration']);
  const seconds = constraints.realtime.maxSessionDuration;
  if (seconds === undefined) return;
  checkWhole(seconds, 'constraints.realtime.maxSessionDuration', 1, Number.MAX_SAFE_INTEGER);
}

function checkList(list: unknown, field: string, what: string, isFit: (entry: string) => boolean): void {
  if (list === undefined) return;
  // An empty list would read as "none", and a service may well take it for "all".
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_LIST) {
    throw invalidInput(field, `expected 1 to ${MAX_LIST} entries`);
  }
  list.forEach((entry: unknown, index) => {
    if (typeof entry !== 'string' || !isFit(entry)) throw invalidInput(`${field}[${index}]`, `expected ${what}`);
  });
}

/** The tokens client over an HTTP port. */
export function createTokensClient(deps: RestDeps): TokensClient {
  return {
    create: (options = {}) => {
      const token$ = defer(() => {
        checkTokenOptions(options);
        const { signal: _, timeoutMs, ...wanted } = options;
        const call: RestCall = {
          failure: 'The client token could not be made',
          code: 'TOKEN_CREATE_ERROR',
          method: 'POST',
          path: '/v1/client/tokens',
          body: { type: 'text', text: JSON.stringify(wanted), contentType: 'application/json' },
          timeoutMs,
        };
        return restCall$(deps, call).pipe(
          filter((event) => event.type === 'response'),
          map((response) => decodeAnswer(tokenAnswer, response, call)),
        );
      });
      return promised(deps, token$, options?.signal);
    },
  };
}

import type * as t from 'io-ts';
import { clientMessageCodecs, isClientMessageType } from './client-messages.js';
import { isServerMessageType, type ServerMessage, serverMessageCodecs } from './server-messages.js';

/**
 * What a frame turned out to be. `unknown`: well formed, of a type this version does not know (to be ignored).
 * `malformed`: not a message at all, or one whose fields are wrong; `reason` is one phrase without the content.
 */
export type Decoded<M> =
  | { readonly _tag: 'message'; readonly message: M }
  | { readonly _tag: 'unknown'; readonly type: string }
  | { readonly _tag: 'malformed'; readonly reason: string };

/** Text frames longer than this are not parsed. 1 MiB, counted in UTF-16 code units. */
export const DEFAULT_MAX_FRAME_LENGTH = 1_048_576;

const malformed = (reason: string): Decoded<never> => ({ _tag: 'malformed', reason });

/** Names of unknown types are shown to people: keep them short. */
const MAX_SHOWN_TYPE = 64;

function decodeWith<K extends string, M>(
  codecs: Readonly<Record<K, t.Mixed>>,
  isKnown: (type: string) => type is K,
  input: unknown,
  maxLength: number,
): Decoded<M> {
  let value = input;
  if (typeof input === 'string') {
    if (input.length > maxLength) return malformed(`frame of ${input.length} characters, limit ${maxLength}`);
    try {
      value = JSON.parse(input);
    } catch {
      // The parser's message quotes the frame, which may hold anything; what matters is that it is not JSON.
      return malformed('not JSON');
    }
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return malformed('binary frame');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('not a JSON object');
  if (!Object.hasOwn(value, 'type')) return malformed('no type');
  const { type } = value as { type: unknown };
  if (typeof type !== 'string') return malformed('type is not a string');
  if (!isKnown(type)) return { _tag: 'unknown', type: type.slice(0, MAX_SHOWN_TYPE) };
  const result = codecs[type].decode(value);
  if (result._tag === 'Left') return malformed(`${type}: ${wrongFields(result.left)}`);
  return { _tag: 'message', message: result.right as M };
}

/** An object with accessors of its own (no JSON has any) may throw when it is looked at. */
function total<M>(decode: () => Decoded<M>): Decoded<M> {
  try {
    return decode();
  } catch {
    return malformed('unreadable object');
  }
}

/** The names of the fields that are wrong, without their values. */
export function wrongFields(errors: t.Errors): string {
  // Steps into unions and intersections are keyed by number and carry no name.
  const names = errors.map(({ context }) =>
    context
      .map(({ key }) => key)
      .filter((key) => !/^\d*$/.test(key))
      .join('.'),
  );
  return `wrong or missing ${[...new Set(names)].join(', ')}`;
}

/**
 * Decodes one frame from the service: a text frame as received, or an already parsed value. Total: never throws.
 *
 * @param frame text, parsed JSON, or anything else (which is `malformed`).
 * @param maxLength longest text that is parsed; default {@link DEFAULT_MAX_FRAME_LENGTH}.
 *
 * @example
 * ```ts
 * import { decodeServerMessage } from 'decart-rx';
 *
 * const decoded = decodeServerMessage('{"type":"generation_tick","seconds":3}');
 * if (decoded._tag === 'message' && decoded.message.type === 'generation_tick') console.log(decoded.message.seconds);
 * ```
 */
export const decodeServerMessage = (frame: unknown, maxLength = DEFAULT_MAX_FRAME_LENGTH): Decoded<ServerMessage> =>
  total(() => decodeWith(serverMessageCodecs, isServerMessageType, frame, maxLength));

/**
 * The other direction, for servers and simulators. Total: never throws. Images are large: there is no default limit.
 */
export const decodeClientMessage = (
  frame: unknown,
  maxLength = Number.POSITIVE_INFINITY,
): Decoded<t.TypeOf<(typeof clientMessageCodecs)[keyof typeof clientMessageCodecs]>> =>
  total(() => decodeWith(clientMessageCodecs, isClientMessageType, frame, maxLength));

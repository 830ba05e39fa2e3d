import * as t from 'io-ts';
import { DecartError } from '../errors.js';
import { base64ToBytes, bytesToBase64 } from './base64.js';

const tokenContent = t.type({ room_name: t.string });

/** The token that lets viewers watch a room: base64 of UTF-8 JSON. */
export const encodeSubscribeToken = (roomName: string): string =>
  bytesToBase64(new TextEncoder().encode(JSON.stringify({ room_name: roomName })));

/**
 * The room a subscribe token names.
 * @throws DecartError INVALID_INPUT when it is no such token.
 */
export function decodeSubscribeToken(token: string): { roomName: string } {
  const bytes = base64ToBytes(token);
  try {
    const content: unknown = bytes && JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (tokenContent.is(content) && content.room_name !== '') return { roomName: content.room_name };
  } catch {
    // Neither UTF-8 nor JSON: the same answer as for a token without a room.
  }
  throw new DecartError({
    code: 'INVALID_INPUT',
    message: 'Not a subscribe token.',
    data: { field: 'token' },
    permanent: true,
  });
}

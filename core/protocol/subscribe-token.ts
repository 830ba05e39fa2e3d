import { invalid } from '../errors.js';
import { base64ToBytes, bytesToBase64 } from './base64.js';

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
    const { room_name: roomName } = Object(content) as { room_name?: unknown };
    if (typeof roomName === 'string' && roomName !== '') return { roomName };
  } catch {
    // Neither UTF-8 nor JSON: the same answer as for a token without a room.
  }
  throw invalid('Not a subscribe token.', { field: 'token' });
}

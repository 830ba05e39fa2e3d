import { invalid } from '../errors.js';
import { isBase64 } from './base64.js';

/** The token that lets viewers watch a room: base64 of UTF-8 JSON. */
export const encodeSubscribeToken = (roomName: string): string => btoa(utf8(JSON.stringify({ room_name: roomName })));

// By the URI functions: test runners that imitate a page (jsdom) have no TextEncoder.
const utf8 = (text: string): string =>
  encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Throws when it is not UTF-8. */
const textOf = (bytes: string): string =>
  decodeURIComponent(bytes.replace(/./gs, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`));

/**
 * The room a subscribe token names.
 * @throws DecartError INVALID_INPUT when it is no such token.
 */
export function decodeSubscribeToken(token: string): { roomName: string } {
  try {
    const content: unknown = isBase64(token) && JSON.parse(textOf(atob(token)));
    const { room_name: roomName } = Object(content) as { room_name?: unknown };
    if (typeof roomName === 'string' && roomName !== '') return { roomName };
  } catch {
    // Neither UTF-8 nor JSON: the same answer as for a token without a room.
  }
  throw invalid('Not a subscribe token.', { field: 'token' });
}

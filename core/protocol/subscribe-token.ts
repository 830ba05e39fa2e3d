import { invalid } from '../errors.js';
import { isBase64 } from './base64.js';

/** A session in direct WebRTC mode: its id, and the server that it runs on. */
export interface DirectSession {
  /** It has no room. */
  readonly roomName?: undefined;
  /** As the service calls it. */
  readonly sessionId: string;
  /** Of the server that runs it. */
  readonly serverIp: string;
  /** Of the server that runs it. */
  readonly serverPort: number;
}

/** A session that viewers can watch: by its LiveKit room, or in direct WebRTC mode by its server. */
export type WatchedSession = { readonly roomName: string } | DirectSession;

/** The token that lets viewers watch a session, or the room of this name: base64 of UTF-8 JSON. */
export const encodeSubscribeToken = (session: string | WatchedSession): string =>
  btoa(utf8(JSON.stringify(contentOf(session))));

function contentOf(session: string | WatchedSession): object {
  if (typeof session === 'string') return { room_name: session };
  if (session.roomName !== undefined) return { room_name: session.roomName };
  return { sid: session.sessionId, ip: session.serverIp, port: session.serverPort };
}

// By the URI functions: test runners that imitate a page (jsdom) have no TextEncoder.
const utf8 = (text: string): string =>
  encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Throws when it is not UTF-8. */
const textOf = (bytes: string): string =>
  decodeURIComponent(bytes.replace(/./gs, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`));

/**
 * The session that a subscribe token names.
 * @throws DecartError INVALID_INPUT when it is no such token.
 */
export function decodeSubscribeToken(token: string): WatchedSession {
  try {
    const content: unknown = isBase64(token) && JSON.parse(textOf(atob(token)));
    const {
      room_name: roomName,
      sid: sessionId,
      ip: serverIp,
      port: serverPort,
    } = Object(content) as Partial<Record<'room_name' | 'sid' | 'ip' | 'port', unknown>>;
    if (isName(roomName)) return { roomName };
    if (isName(sessionId) && isName(serverIp) && typeof serverPort === 'number') {
      return { sessionId, serverIp, serverPort };
    }
  } catch {
    // Neither UTF-8 nor JSON: the same answer as for a token without a session.
  }
  throw invalid('This is not a subscribe token. Pass the subscribeToken of a session unchanged.', { field: 'token' });
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

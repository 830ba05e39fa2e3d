import { redactUrl } from '../protocol/url.js';

/** Distinguishes strings in a recording without storing them: each distinct one has a number. */
interface Placeholders {
  of(text: string): string;
  /** Every known text in this one, replaced. */
  strike(text: string): string;
}

/** Too short to be struck out of other texts: they would become unreadable. */
const MIN_STRUCK = 3;

function createPlaceholders(kind: string, limit: number): Placeholders {
  const known = new Map<string, string>();
  let count = 0;
  return {
    of(text) {
      const before = known.get(text);
      if (before !== undefined) return before;
      count += 1;
      const placeholder = `<${kind} ${count}>`;
      known.set(text, placeholder);
      const [oldest] = known.keys();
      if (known.size > limit && oldest !== undefined) known.delete(oldest);
      return placeholder;
    },
    strike(text) {
      let struck = text;
      for (const [secret, placeholder] of known) {
        if (secret.length >= MIN_STRUCK) struck = struck.replaceAll(secret, placeholder);
      }
      return struck;
    },
  };
}

const SAMPLES = 4096;

/** Distinguishes images without keeping them: their length and a hash (FNV-1a) of some thousand of their characters. */
function fingerprintOf(image: string): string {
  const step = Math.max(1, Math.floor(image.length / SAMPLES));
  let hash = 0x811c9dc5;
  for (let i = 0; i < image.length; i += step) hash = Math.imul(hash ^ image.charCodeAt(i), 0x01000193);
  return `${image.length}:${hash >>> 0}`;
}

/** Texts of the service and of errors: free, and so they may quote anything. A session's id may hold its room's name. */
const FREE_TEXTS: ReadonlySet<string> = new Set(['message', 'error', 'reason', 'messageType', 'sessionId']);

/** Takes out what must not be recorded. */
export interface Redactor {
  /** A copy as JSON has it: without secrets, without causes, without what is undefined. */
  redact<T>(value: T): T;
}

/**
 * Takes out of events, effects and states what must not be recorded: tokens, names of rooms (knowing one is enough to
 * watch), image bytes, query values, and prompts unless they are allowed. The same text has the same placeholder
 * throughout, so that a replay matches acks as the
 * session did.
 */
export function createRedactor(options: { readonly prompts: boolean; readonly limit: number }): Redactor {
  const tokens = createPlaceholders('token', 100);
  const rooms = createPlaceholders('room', 100);
  const images = createPlaceholders('image', options.limit);
  const prompts = createPlaceholders('prompt', options.limit);
  const strike = (text: string): string => rooms.strike(tokens.strike(options.prompts ? text : prompts.strike(text)));

  function redactText(text: string, key: string, owner: Readonly<Record<string, unknown>>): string {
    switch (key) {
      case 'token':
        return tokens.of(text);
      case 'roomName':
        return rooms.of(text);
      case 'url':
      case 'livekitUrl':
        return rooms.strike(redactUrl(text));
      case 'data':
      case 'image_data':
        return images.of(fingerprintOf(text));
      case 'prompt':
      case 'text':
        return options.prompts ? text : prompts.of(text);
      case 'status':
        // Of a service's message; elsewhere it is the session's own.
        return owner.type === 'server.statusReported' || owner.name === 'status' ? strike(text) : text;
      default:
        return FREE_TEXTS.has(key) ? strike(text) : text;
    }
  }

  function redact(value: unknown, key: string, owner: Readonly<Record<string, unknown>>): unknown {
    if (typeof value === 'string') return redactText(value, key, owner);
    if (Array.isArray(value)) return value.map((item) => redact(item, key, owner));
    if (typeof value !== 'object' || value === null) return value;
    const record = value as Readonly<Record<string, unknown>>;
    const copy: Record<string, unknown> = {};
    // Known before the fields that may repeat it.
    if (typeof record.roomName === 'string') rooms.of(record.roomName);
    for (const [name, content] of Object.entries(record)) {
      // A cause may be anything at all, and the logic of a session does not look at it.
      if (content === undefined || name === 'cause') continue;
      copy[name] = key === 'queryParams' ? '***' : redact(content, name, record);
    }
    return copy;
  }

  return { redact: <T>(value: T): T => redact(value, '', {}) as T };
}

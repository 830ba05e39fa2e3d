// Keys, tokens and the credentials in URLs must not come out again, wherever they are repeated: a service in an error,
// a proxy in a page, a library in the cause of a failure. What comes in from outside goes through here.
import { encodeSubscribeToken } from './protocol/subscribe-token.js';
import { redactUrl } from './protocol/url.js';
import type { UntimedEvent } from './session/machine/events.js';

/** Parts of this length give a secret away; shorter ones are found in any text. */
const PART_LENGTH = 8;
/** Shorter secrets protect nothing, and striking them out would make every message unreadable. */
const MIN_LENGTH = 4;
/** How many are remembered of each kind; the oldest is forgotten first. A session has two tokens for each connect. */
const MAX_KEPT = 64;
/** Longer texts are cut, in UTF-16 code units: searching them takes time, and the rest is rarely read. */
const MAX_TEXT = 16_384;
const STRUCK = '***';
/** Of causes in causes; a circle ends here. */
const MAX_DEPTH = 8;

/** What must not come out, and how it is struck out of all that comes in. */
export interface Secrets {
  /** From now on this is struck out. Text of fewer than four characters is not. */
  keep(secret: string): void;
  /** The same for the credentials and the query of a URL. */
  keepUrl(url: string): void;
  /** The text without any eight characters in a row of a secret, and without the credentials and queries of URLs. */
  strike(text: string): string;
  /** A copy of plain data, struck throughout. Errors that repeat a secret are replaced, others stay what they are. */
  clean<T>(value: T): T;
  /** What happened, fit for the state, for diagnostics and for recordings. */
  cleanEvent(event: UntimedEvent): UntimedEvent;
}

/** One for each client: it knows the keys and tokens of all that the client does. */
export function createSecrets(): Secrets {
  /** Each with its parts. */
  const keys = new Map<string, readonly string[]>();
  /** What URLs hold, apart: however many images there are, no key is forgotten for them. */
  const inUrls = new Map<string, readonly string[]>();
  /** Those of all. */
  let parts = new Set<string>();
  /** How long they are, the longest first: where one begins, the shorter ones are within it. */
  let lengths: readonly number[] = [];

  function keep(secret: string, kept = keys): void {
    if (secret.length < MIN_LENGTH) return;
    const known = kept.get(secret);
    // The latest goes to the end.
    kept.delete(secret);
    kept.set(secret, known ?? partsOf(secret));
    if (known !== undefined) return;
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    parts = new Set([...keys.values(), ...inUrls.values()].flat());
    lengths = [...new Set([...parts].map(({ length }) => length))].sort((a, b) => b - a);
  }

  function withoutParts(text: string): string {
    const searched = lower(text);
    let struck = '';
    let hiddenTo = 0;
    for (let at = 0; at < searched.length; at += 1) {
      const length = lengths.find((each) => parts.has(searched.slice(at, at + each)));
      if (length === undefined) continue;
      if (at > hiddenTo || hiddenTo === 0) struck += text.slice(hiddenTo, at) + STRUCK;
      hiddenTo = Math.max(hiddenTo, at + length);
    }
    return struck + text.slice(hiddenTo);
  }

  function strike(text: string): string {
    const whole = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
    const shown = whole.replace(URL_IN_TEXT, redactUrl);
    return parts.size === 0 ? shown : withoutParts(shown);
  }

  /** For names that the session works with: only the whole secret is no name. */
  function strikeWhole(text: string): string {
    return [...keys.keys(), ...inUrls.keys()]
      .flatMap(formsOf)
      .reduce((left, form) => left.replaceAll(form, STRUCK), text);
  }

  function clean(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return strike(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return undefined;
    if (isErrorLike(value)) return repeats(value) ? cleanError(value, depth) : value;
    if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
    // Of anything else, an event of the platform say, the kind alone.
    return isPlain(value) ? mapped(value, (content) => clean(content, depth + 1)) : tagOf(value);
  }

  function cleanError({ name, message, stack, cause, ...details }: Error, depth: number): Error {
    const error = new Error(strike(message), cause === undefined ? undefined : { cause: clean(cause, depth + 1) });
    return Object.assign(error, clean(details, depth + 1), { name, stack: strike(stack ?? '') });
  }

  /** Whether there is something to strike in an error, or in what it holds. */
  function repeats(value: unknown, depth = 0): boolean {
    if (typeof value === 'string') return strike(value) !== value;
    if (typeof value !== 'object' || value === null) return false;
    if (depth > MAX_DEPTH || !(isErrorLike(value) || Array.isArray(value) || isPlain(value))) return true;
    const names = new Set([...Object.getOwnPropertyNames(value), ...(isErrorLike(value) ? ['message'] : [])]);
    return [...names].some((name) => {
      const content = (value as Record<string, unknown>)[name];
      // A stack's own URLs are those of scripts.
      return name === 'stack' ? withoutParts(String(content)) !== content : repeats(content, depth + 1);
    });
  }

  return {
    keep: (secret) => keep(secret),
    keepUrl(url) {
      const [, userInfo = ''] = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(url) ?? [];
      const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
      const [user = '', ...password] = userInfo.split(':');
      const values = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
      // A short user name is a name, a short value of a query a size or a format.
      const long = [user, ...values].filter(({ length }) => length >= PART_LENGTH);
      for (const secret of [password.join(':'), ...long])
        for (const form of [secret, decoded(secret)]) keep(form, inUrls);
    },
    strike,
    clean: <T>(value: T) => clean(value) as T,
    cleanEvent(event) {
      switch (event.type) {
        case 'server.roomInfoReceived': {
          const { livekitUrl, roomName, sessionId } = event;
          const names = mapped({ livekitUrl, roomName, sessionId }, strikeWhole);
          keep(event.token);
          keep(encodeSubscribeToken(roomName));
          return { ...event, ...names };
        }
        case 'server.promptAcked':
          // Its prompt is matched against what was sent, and goes no further.
          return { ...event, error: clean(event.error) as string | null };
        case 'image.read':
        case 'timer.fired':
          return event;
        default:
          return event.type.startsWith('caller.')
            ? event
            : mapped(event, (value, name) => (VERBATIM.has(name) ? value : clean(value)));
      }
    },
  };
}

/** What is no text, but is worked with as it is. */
const VERBATIM: ReadonlySet<string> = new Set(['type', 'signal']);

const URL_IN_TEXT = /\b(?:wss?|https?):\/\/[^\s"'<>]+/gi;

/** The ways in which text is written where text goes: as it is, in a URL, in a form, in JSON, in JSON in JSON, in a page. */
const forms: readonly ((text: string) => string)[] = [
  (text) => text,
  percent,
  (text) =>
    percent(text)
      .replaceAll('%20', '+')
      .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
  json,
  (text) => json(text).replaceAll('/', '\\/'),
  (text) => json(text).replace(/[<>&']/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  (text) => json(json(text)),
  (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
];

/** Half a character has no percent form. */
function percent(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''));
}

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Written alike everywhere: keys and tokens as a rule are made of these. */
const AS_IT_IS = /^[\w.-]*$/;

const formsOf = (text: string): readonly string[] =>
  AS_IT_IS.test(text) ? [text] : [...new Set(forms.map((form) => form(text)))];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Case is left aside: it changes in percent escapes and in header values. Other letters than these change their length. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Every part of a secret in every form; of one that is no longer than a part, the whole. */
function partsOf(secret: string): readonly string[] {
  const characters = [...secret];
  const count = Math.max(1, characters.length - PART_LENGTH + 1);
  const parts = Array.from({ length: count }, (_, at) => characters.slice(at, at + PART_LENGTH).join(''));
  return parts.flatMap(formsOf).map(lower);
}

/** Recognised by its tag, not by its class: errors of the platform may come from another realm. */
const isErrorLike = (value: object): value is Error => /Error|Exception/.test(tagOf(value)) && 'message' in value;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const tagOf = (value: object): string => Object.prototype.toString.call(value);

/** An object's contents, changed one by one. */
const mapped = <T extends object>(value: T, change: (content: never, name: string) => unknown): T =>
  Object.fromEntries(Object.entries(value).map(([name, content]) => [name, change(content as never, name)])) as T;

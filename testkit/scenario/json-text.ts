// JSON that knows on which line things stand. The platform's parser does not tell, and its messages differ by version.

export class JsonError extends Error {
  override readonly name = 'JsonError';

  constructor(
    /** From 1. */
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

export interface ParsedJson {
  readonly value: unknown;
  /** The line, from 1, on which an object or array begins. */
  lineOf(part: object): number | undefined;
}

const TOKEN = /[{}[\],:]|"(?:[^"\\\p{Cc}]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/uy;
/** Far more than a script has, far less than the stack can take. */
const DEEPEST = 100;
const SPACE = /[ \t\r\n]*/y;

/** @throws JsonError naming the line */
export function parseJson(text: string): ParsedJson {
  const lines = new Map<object, number>();
  let at = 0;
  let line = 1;
  let depth = 0;

  const fail = (expected: string): never => {
    const found = at >= text.length ? 'the end' : JSON.stringify(text.slice(at, at + 1));
    throw new JsonError(line, `expected ${expected}, found ${found}`);
  };
  const skipSpace = (): void => {
    SPACE.lastIndex = at;
    const [space = ''] = SPACE.exec(text) ?? [];
    line += space.split('\n').length - 1;
    at += space.length;
  };
  const peek = (): string | undefined => {
    skipSpace();
    TOKEN.lastIndex = at;
    return TOKEN.exec(text)?.[0];
  };
  const accept = (token: string): boolean => {
    if (peek() !== token) return false;
    at += token.length;
    return true;
  };
  const expectToken = (token: string): void => {
    if (!accept(token)) fail(`"${token}"`);
  };
  const literal = (expected: string, pattern: RegExp): unknown => {
    const token = peek();
    if (token === undefined || !pattern.test(token)) return fail(expected);
    try {
      const value: unknown = JSON.parse(token);
      at += token.length;
      return value;
    } catch {
      // A number like 1.2.3, or an escape that is none.
      return fail(expected);
    }
  };
  const members = (close: string, member: () => void): void => {
    if (accept(close)) return;
    depth += 1;
    if (depth > DEEPEST) throw new JsonError(line, `more than ${DEEPEST} levels`);
    do member();
    while (accept(','));
    expectToken(close);
    depth -= 1;
  };
  const value = (): unknown => {
    if (accept('{')) {
      const entries: [string, unknown][] = [];
      const began = line;
      members('}', () => {
        const key = String(literal('a name in quotes', /^"/));
        expectToken(':');
        entries.push([key, value()]);
      });
      const object = Object.fromEntries(entries);
      lines.set(object, began);
      return object;
    }
    if (accept('[')) {
      const array: unknown[] = [];
      lines.set(array, line);
      members(']', () => array.push(value()));
      return array;
    }
    return literal('a value', /^["\-\dtfn]/);
  };

  const parsed = value();
  skipSpace();
  if (at < text.length) fail('the end');
  return { value: parsed, lineOf: (part) => lines.get(part) };
}

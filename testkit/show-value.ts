const DEEPEST = 6;
const LONGEST_TEXT = 200;
const MOST_MEMBERS = 100;

/** A value on one line, as a reader of a failing test wants to see it. Long texts, lists and depths are cut. */
export function showValue(value: unknown, around: readonly object[] = []): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `[Function: ${value.name || 'anonymous'}]`;
    case 'object':
      if (value === null) return 'null';
      if (around.includes(value)) return '[Circular]';
      return around.length > DEEPEST ? `[${className(value) || 'Object'}]` : showObject(value, [...around, value]);
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

const quoted = (text: string): string => {
  const cut = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
  const rest = text.length > LONGEST_TEXT ? `... ${text.length - LONGEST_TEXT} more characters` : '';
  return `'${JSON.stringify(cut).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'${rest}`;
};

const className = (value: object): string => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null ? '[Object: null prototype]' : String(prototype.constructor?.name ?? '');
};

function showObject(value: object, around: readonly object[]): string {
  const show = (member: unknown) => showValue(member, around);
  if (value instanceof Error) {
    const fields = Object.keys(value).length > 0 ? ` ${braces(fieldsOf(value, show))}` : '';
    return `${value.name}: ${value.message}${fields}`;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  const name = className(value);
  if (Array.isArray(value)) return brackets(members(value, show));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as unknown as ArrayLike<unknown>;
    return `${name}(${numbers.length}) ${brackets(members(numbers, show))}`;
  }
  if (value instanceof Map) {
    const pairs = [...value].map(([key, member]) => `${show(key)} => ${show(member)}`);
    return `Map(${value.size}) ${braces(pairs)}`;
  }
  if (value instanceof Set) return `Set(${value.size}) ${braces(members([...value], show))}`;
  const fields = braces(fieldsOf(value, show));
  return name === 'Object' || name === '' ? fields : `${name} ${fields}`;
}

const fieldsOf = (value: object, show: (member: unknown) => string): string[] =>
  Object.entries(value).map(
    ([key, member]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)}: ${show(member)}`,
  );

function members(list: ArrayLike<unknown>, show: (member: unknown) => string): string[] {
  const shown = Array.from({ length: Math.min(list.length, MOST_MEMBERS) }, (_, index) => show(list[index]));
  return list.length > MOST_MEMBERS ? [...shown, `... ${list.length - MOST_MEMBERS} more items`] : shown;
}

const braces = (parts: readonly string[]): string => (parts.length > 0 ? `{ ${parts.join(', ')} }` : '{}');
const brackets = (parts: readonly string[]): string => (parts.length > 0 ? `[ ${parts.join(', ')} ]` : '[]');

// What a caller passes in, checked before anything is done with it. Every error names the field.
import { DecartError, invalid } from './errors.js';

/** Bad input: which field, and what is wrong with it. */
export const invalidInput = (field: string, why: string): DecartError =>
  invalid(`Invalid ${field}: ${why}.`, { field });

/** What timers can count to; a longer one would fire at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** `true` for a finite number above zero. */
export const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

/** Some fields of a whole: what is left out, or `undefined`, keeps its default. */
export type Some<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** @throws DecartError INVALID_INPUT unless it is a size and a rate of video; `path`: before the names of the fields */
export function checkVideoSize(size: Readonly<Record<'width' | 'height' | 'fps', unknown>>, path = ''): void {
  for (const field of ['width', 'height', 'fps'] as const) {
    if (!isPositive(size[field])) throw invalidInput(path + field, 'expected a positive number');
  }
}

/** What was given, over the defaults: `undefined` means the default, as if it had been left out. */
export const withDefaults = <T extends object>(defaults: T, given: Some<T> = {}): T => ({
  ...defaults,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
});

/** @throws DecartError INVALID_INPUT unless `value` is an object that is no list; `example` shows one */
export function checkObject(value: unknown, field: string, example?: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidInput(field, `expected an object${example ? ` like ${example}` : ''}`);
}

/** @throws DecartError INVALID_INPUT unless `value` is a number in the range */
export function checkNumber(value: unknown, field: string, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw invalidInput(field, `expected a number from ${min} to ${max}`);
}

/** @throws DecartError INVALID_INPUT unless `value` is a whole number in the range */
export function checkWhole(value: unknown, field: string, min: number, max: number): number {
  if (Number.isInteger(checkNumber(value, field, min, max))) return value as number;
  throw invalidInput(field, `expected a whole number from ${min} to ${max}`);
}

/** A time fit for a timer. @throws DecartError INVALID_INPUT */
export function checkDurationMs(value: unknown, field: string): number {
  if (isPositive(value) && value <= MAX_DURATION_MS) return value;
  throw invalidInput(field, `expected milliseconds, more than 0 and at most ${MAX_DURATION_MS}`);
}

/** @throws DecartError INVALID_INPUT unless each is absent or a time fit for a timer; a delay may be zero */
export function checkDurations(durations: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(durations)) {
    if (value !== undefined && !(value === 0 && /delay|interval/i.test(field))) checkDurationMs(value, field);
  }
}

/** @throws DecartError INVALID_INPUT for a field that is there and of another type; `undefined` means the default. */
export function checkTypes<T extends object>(
  options: T,
  fields: readonly (keyof T & string)[],
  type: 'boolean' | 'function' | 'string',
  path = '',
): void {
  for (const field of fields) {
    const value: unknown = options[field];
    if (value !== undefined && typeof value !== type) throw invalidInput(path + field, `expected a ${type}`);
  }
}

/** @throws DecartError INVALID_INPUT unless `value` is one of the given texts */
export function checkOneOf<T extends string>(value: unknown, allowed: readonly T[], field: string): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw invalidInput(field, `expected ${allowed.map((each) => `'${each}'`).join(' or ')}`);
}

/** @throws DecartError INVALID_INPUT unless `value` is text of at least one character */
export function checkText(value: unknown, field: string): string {
  if (typeof value === 'string' && value.length > 0) return value;
  throw invalidInput(field, 'expected text of at least one character');
}

/** @throws DecartError INVALID_INPUT for a name that is not among the known ones: a typing mistake would be ignored */
export function checkFields(value: unknown, what: string, known: readonly string[]): void {
  for (const field of Object.keys(checkObject(value, what))) {
    const path = what === 'options' || what === 'input' ? field : `${what}.${field}`;
    if (!known.includes(field)) throw invalidInput(path, `no such field; there are ${known.join(', ')}`);
  }
}

/** A family of models, as far as a check needs it. */
export interface ModelCatalogue<M> {
  /** Those that are not deprecated. */
  readonly all: readonly M[];
  /** The one with this name on the wire. */
  fromName(name: string): M | undefined;
}

/**
 * A model that was given by its name, or as an object.
 * @throws DecartError MODEL_NOT_FOUND for a name that the catalogue does not have, and for nothing at all
 */
export function checkModel<M extends { readonly name: string }>(
  model: unknown,
  kind: string,
  catalogue: ModelCatalogue<M>,
): M {
  if (typeof model === 'object' && model !== null) {
    checkText((model as Partial<M>).name, 'model.name');
    return model as M;
  }
  const found = typeof model === 'string' ? catalogue.fromName(model) : undefined;
  if (found !== undefined) return found;
  throw modelNotFound(model, kind, catalogue.all.map(({ name }) => name).join(', '));
}

/** There is no such model. `known`: names of those that there are. */
export function modelNotFound(model: unknown, kind: string, known: string): DecartError {
  const name = typeof model === 'string' ? model.slice(0, 64) : null;
  return new DecartError({
    code: 'MODEL_NOT_FOUND',
    message: `There is no ${kind} model ${name === null ? 'without a name' : JSON.stringify(name)}. Known: ${known}.`,
    permanent: true,
    data: { field: 'model', ...(name !== null && { model: name }) },
  });
}

/** @throws DecartError INVALID_INPUT unless `path` is an absolute path without a query */
export function checkPath(path: unknown, field: string): void {
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path))
    throw invalidInput(field, 'expected a path like /v1/stream');
}

/**
 * A key fit for a URL and for an HTTP header, without the space around it.
 * @throws DecartError INVALID_API_KEY; the key is not in it
 */
export function checkApiKey(key: unknown): string {
  const trimmed = typeof key === 'string' ? key.trim() : '';
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  const message =
    trimmed === ''
      ? 'The API key is blank. Pass the key of your account as apiKey.'
      : 'The API key holds spaces or characters outside of ASCII, which no key has. Check how it was copied.';
  throw new DecartError({ code: 'INVALID_API_KEY', message, permanent: true });
}

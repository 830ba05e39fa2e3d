import { type DecartError, invalid } from './errors.js';

/** Bad input: which field, and what is wrong with it. */
export const invalidInput = (field: string, why: string): DecartError => invalid(`${field}: ${why}.`, { field });

/** @throws DecartError INVALID_INPUT unless `value` is absent or a whole number in the range. */
export function checkWhole(value: unknown, field: string, min: number, max: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalidInput(field, `expected a whole number from ${min} to ${max}`);
  }
}

/** @throws DecartError INVALID_INPUT unless each value is absent or a finite number that is not negative. */
export function checkDurations(durations: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(durations)) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw invalidInput(field, 'expected milliseconds, zero or more');
    }
  }
}

/** @throws DecartError INVALID_INPUT for a name that is not among the known ones: a typing mistake would be ignored. */
export function checkFields(value: unknown, what: string, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidInput(what, 'expected an object');
  }
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw invalidInput(field, `no such field; there are ${known.join(', ')}`);
  }
}

/**
 * Deep equality: of one prototype, with the same enumerable properties. `NaN` is the same as itself, `0` is not `-0`;
 * maps, sets, dates, regular expressions, errors and bytes are compared by content.
 */
export function sameValue(a: unknown, b: unknown, compared = new Map<object, object>()): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  // A circle is the same as another one unless something along it differs.
  if (compared.get(a) === b) return true;
  compared.set(a, b);
  return sameContent(a, b, compared) && sameProperties(a, b, compared);
}

function sameContent(a: object, b: object, compared: Map<object, object>): boolean {
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b);
  if (a instanceof Error && b instanceof Error) {
    return a.name === b.name && a.message === b.message && sameValue(a.cause, b.cause, compared);
  }
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) return sameBytes(new Uint8Array(a), new Uint8Array(b));
  if (a instanceof DataView && b instanceof DataView) return sameBytes(bytesOf(a), bytesOf(b));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length;
  if (a instanceof Map && b instanceof Map) return sameMembers([...a], [...b], compared);
  if (a instanceof Set && b instanceof Set) return sameMembers([...a], [...b], compared);
  return true;
}

function sameProperties(a: object, b: object, compared: Map<object, object>): boolean {
  const keys = enumerableKeys(a);
  if (keys.length !== enumerableKeys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(Reflect.get(a, key), Reflect.get(b, key), compared));
}

const enumerableKeys = (value: object): PropertyKey[] =>
  Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));

/** In any order, as maps and sets have none that counts. */
function sameMembers(a: readonly unknown[], b: readonly unknown[], compared: Map<object, object>): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((member) => {
    // What a comparison that fails has assumed of circles holds for no other one.
    const at = left.findIndex((other) => sameValue(member, other, new Map(compared)));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/** FNV-1a over bytes, 32 bits. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

export const hashText = (text: string): number => hashBytes(new TextEncoder().encode(text));

/** The n-th number, 0 to below 1, that belongs to a hash. Neighbouring hashes give unrelated numbers. */
export function fractionOf(hash: number, n: number): number {
  let mixed = (hash + Math.imul(n + 1, 0x9e3779b9)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
}

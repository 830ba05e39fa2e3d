/** Characters are made from bytes in pieces: an argument list has a limit. */
const PIECE = 0x8000;

/** Standard base64 with padding. */
export function bytesToBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += PIECE) {
    binary += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  }
  return btoa(binary);
}

/** The bytes of standard base64 text; `null` for any other text. */
export function base64ToBytes(text: string): Uint8Array | null {
  if (!isBase64(text)) return null;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Standard alphabet, padded to whole groups. */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);

import { defer, from, map, type Observable, of, throwError } from 'rxjs';
import { type DecartError, invalid } from '../../errors.js';
import type { BlobLike, ImageInput } from '../../ports/platform.js';
import { bytesToBase64, isBase64 } from '../../protocol/base64.js';
import type { EncodedImage } from '../machine/connect-plan.js';

const FILE_ID = /^file_[A-Za-z0-9_-]+$/;

/**
 * A reference image in its wire form. Blobs, bytes and http(s) URLs are read; `data:` URLs and base64 are checked;
 * a `file_…` id stands for itself. Emits once; unsubscribing gives up.
 *
 * Errors with a DecartError INVALID_INPUT when it is none of these, or empty.
 */
export function readImage(
  input: ImageInput,
  fetchBytes: (url: string) => Observable<Uint8Array>,
): Observable<EncodedImage> {
  if (typeof input === 'string') return readText(input, fetchBytes);
  if (input instanceof Uint8Array) return ofBytes(input);
  if (input instanceof ArrayBuffer) return ofBytes(new Uint8Array(input));
  if (isBlobLike(input)) {
    return defer(() => from(input.arrayBuffer())).pipe(map((buffer) => encode(new Uint8Array(buffer))));
  }
  return refused('not a Blob, bytes, data: URL, http(s) URL, base64 text or file_… id');
}

function readText(text: string, fetchBytes: (url: string) => Observable<Uint8Array>): Observable<EncodedImage> {
  if (FILE_ID.test(text)) return of({ ref: text });
  if (/^https?:\/\//i.test(text)) return fetchBytes(text).pipe(map(encode));
  if (/^data:/i.test(text)) {
    const comma = text.indexOf(',');
    if (comma < 0 || !/;base64$/i.test(text.slice(0, comma))) return refused('a data: URL must be base64');
    return readBase64(text.slice(comma + 1));
  }
  return readBase64(text);
}

const readBase64 = (text: string): Observable<EncodedImage> =>
  isBase64(text) ? of({ data: text }) : refused('the text is neither a URL, nor a file_… id, nor base64');

const ofBytes = (bytes: Uint8Array): Observable<EncodedImage> => defer(() => of(encode(bytes)));

function encode(bytes: Uint8Array): EncodedImage {
  if (bytes.length === 0) throw invalidImage('it is empty');
  return { data: bytesToBase64(bytes) };
}

const isBlobLike = (input: unknown): input is BlobLike =>
  typeof input === 'object' && input !== null && typeof (input as { arrayBuffer?: unknown }).arrayBuffer === 'function';

const invalidImage = (why: string): DecartError => invalid(`Invalid image: ${why}.`, { field: 'image' });

const refused = (why: string): Observable<never> => throwError(() => invalidImage(why));

import { invalidInput } from '../check.js';
import type { UploadSource } from '../ports/http.js';
import { base64ToBytes, isBase64 } from '../protocol/base64.js';

/**
 * What can be uploaded: a `Blob` or `File`, bytes, an http(s) URL (fetched and sent on), a `data:` URL, a path or
 * `file:` URL (Node), a stream of bytes (a Node `Readable`, any async iterable; can be sent once), or a function that
 * opens such a stream (can be sent again and again). In Node none of them is read into memory as a whole.
 */
export type UploadInput =
  | Blob
  | Uint8Array
  | ArrayBuffer
  | string
  | { readonly href: string }
  | AsyncIterable<Uint8Array>
  | (() => AsyncIterable<Uint8Array>);

const has = (value: object, name: string | symbol, type: string): boolean =>
  typeof (value as Record<string | symbol, unknown>)[name] === type;

/** Told by its tag: an ArrayBuffer of another realm fails `instanceof`. */
const isArrayBuffer = (value: unknown): value is ArrayBuffer =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';

const isBlob = (value: object): value is Blob => has(value, 'size', 'number') && has(value, 'arrayBuffer', 'function');

const isStream = (value: object): value is AsyncIterable<Uint8Array> => has(value, Symbol.asyncIterator, 'function');

const isUrl = (value: object): value is { readonly href: string } => has(value, 'href', 'string');

/**
 * What to read for an input. Nothing is read or opened yet.
 * @throws DecartError INVALID_INPUT naming the field.
 */
export function uploadSource(input: unknown, field: string): UploadSource {
  if (typeof input === 'string') return textSource(input, field);
  if (typeof input === 'function') {
    const open = (): AsyncIterable<Uint8Array> => {
      const stream: unknown = input();
      if (typeof stream !== 'object' || stream === null || !isStream(stream)) {
        throw invalidInput(field, 'the function did not give a stream of bytes');
      }
      return stream;
    };
    return { type: 'stream', open, once: false };
  }
  if (isArrayBuffer(input)) return bytesSource(new Uint8Array(input), field);
  if (ArrayBuffer.isView(input)) {
    return bytesSource(new Uint8Array(input.buffer, input.byteOffset, input.byteLength), field);
  }
  if (typeof input !== 'object' || input === null) throw invalidInput(field, 'expected something to upload');
  if (isBlob(input)) {
    if (input.size === 0) throw invalidInput(field, 'there is nothing in it');
    return { type: 'blob', blob: input };
  }
  if (isStream(input)) return { type: 'stream', open: () => input, once: true };
  if (isUrl(input)) return textSource(input.href, field);
  throw invalidInput(field, 'expected a Blob, bytes, a stream, a path or a URL');
}

function textSource(text: string, field: string): UploadSource {
  if (text.trim() === '') throw invalidInput(field, 'there is nothing in it');
  if (/^https?:\/\//i.test(text)) return { type: 'url', url: text };
  if (/^data:/i.test(text)) return bytesSource(dataUrlBytes(text, field), field);
  return { type: 'path', path: text };
}

function bytesSource(bytes: Uint8Array, field: string): UploadSource {
  if (bytes.length === 0) throw invalidInput(field, 'there is nothing in it');
  return { type: 'bytes', bytes };
}

function dataUrlBytes(url: string, field: string): Uint8Array {
  const match = /^data:[^,]*?(;base64)?,(.*)$/is.exec(url);
  try {
    const content = decodeURIComponent(match?.[2] ?? '');
    const bytes = match?.[1] === undefined ? new TextEncoder().encode(content) : base64ToBytes(content);
    if (match && bytes) return bytes;
  } catch {
    // A broken percent escape: the same answer as for broken base64.
  }
  throw invalidInput(field, 'the data: URL is malformed');
}

/** The id of an uploaded file, as `files.upload` gives it. */
export const isFileId = (value: unknown): value is string =>
  typeof value === 'string' && /^file_[A-Za-z0-9_-]+$/.test(value);

/** The first characters of PNG, JPEG, GIF, WebP and of the ISO formats (AVIF, HEIC), as base64. */
const IMAGE_AS_BASE64 = /^(iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|AAAA[A-Za-z0-9+/]{2}Z0eX)/;

/**
 * What to read for an image: as {@link uploadSource}, and base64 text too. Base64 and a path can look alike: text that
 * starts as an image does is base64.
 * @throws DecartError INVALID_INPUT naming the field.
 */
export function imageSource(input: unknown, field: string): UploadSource {
  if (typeof input === 'string' && IMAGE_AS_BASE64.test(input)) {
    const compact = input.replace(/\s+/g, '');
    const bytes = isBase64(compact) ? base64ToBytes(compact) : null;
    if (bytes) return bytesSource(bytes, field);
  }
  return uploadSource(input, field);
}

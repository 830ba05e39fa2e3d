// What a caller passes as an image or as a file to upload: classified here, read elsewhere.
import { invalidInput } from './check.js';
import type { UploadSource } from './ports/http.js';
import { base64ToBytes, isBase64 } from './protocol/base64.js';

/**
 * What can be uploaded: a `Blob` or `File`, bytes in any form, an http(s) URL (fetched and sent on), a `data:` URL, a
 * path or `file:` URL (Node), a stream of bytes (a Node `Readable`, any async iterable; can be sent once), or a function
 * that opens such a stream (can be sent again and again). In Node none of them is read into memory as a whole.
 */
export type UploadInput =
  | Blob
  | ArrayBufferView
  | ArrayBuffer
  | string
  | { readonly href: string }
  | AsyncIterable<Uint8Array>
  | (() => AsyncIterable<Uint8Array>);

/** An image that needs no upload: one that the service has, or one that is base64 already. */
export type ImageSource =
  | UploadSource
  | { readonly type: 'fileId'; readonly id: string }
  | { readonly type: 'base64'; readonly data: string };

const has = (value: object, name: string | symbol, type: string): boolean =>
  typeof (value as Record<string | symbol, unknown>)[name] === type;

const isBlob = (value: object): value is Blob => has(value, 'size', 'number') && has(value, 'arrayBuffer', 'function');

const isStream = (value: object): value is AsyncIterable<Uint8Array> => has(value, Symbol.asyncIterator, 'function');

/** The id of an uploaded file, as `files.upload` gives it. */
export const isFileId = (value: unknown): value is string =>
  typeof value === 'string' && /^file_[A-Za-z0-9_-]+$/.test(value);

/**
 * The bytes in any buffer or view of one; `null` for anything else. Buffers are recognised by their
 * tag: those of another realm (a frame, a `vm` context) are no instances of this one's classes.
 */
export function bytesOf(value: unknown): Uint8Array | null {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const tag = Object.prototype.toString.call(value);
  return /^\[object (Shared)?ArrayBuffer\]$/.test(tag) ? new Uint8Array(value as ArrayBuffer) : null;
}

/**
 * What to read for an upload. Nothing is read or opened yet.
 * @throws DecartError INVALID_INPUT naming the field
 */
export function uploadSource(input: unknown, field: string): UploadSource {
  if (typeof input === 'string') return textSource(input, field);
  if (typeof input === 'function') {
    const open = (): AsyncIterable<Uint8Array> => {
      const stream: unknown = input();
      if (typeof stream === 'object' && stream !== null && isStream(stream)) return stream;
      throw invalidInput(field, 'the function did not return a stream of bytes');
    };
    return { type: 'stream', open, once: false };
  }
  const bytes = bytesOf(input);
  if (bytes !== null) return bytesSource(bytes, field);
  if (typeof input !== 'object' || input === null) throw invalidInput(field, 'expected something to upload');
  if (isBlob(input)) {
    if (input.size === 0) throw invalidInput(field, 'it is empty');
    return { type: 'blob', blob: input };
  }
  if (isStream(input)) return { type: 'stream', open: () => input, once: true };
  const { href } = input as { href?: unknown };
  if (typeof href === 'string') return textSource(href, field);
  throw invalidInput(field, 'expected a Blob, bytes, a stream, a path or a URL');
}

function textSource(text: string, field: string): UploadSource {
  if (text.trim() === '') throw invalidInput(field, 'it is empty');
  if (/^https?:\/\//i.test(text)) return { type: 'url', url: text };
  if (/^data:/i.test(text)) return bytesSource(dataUrlBytes(text, field), field);
  return { type: 'path', path: text };
}

function bytesSource(bytes: Uint8Array, field: string): UploadSource {
  if (bytes.length === 0) throw invalidInput(field, 'it is empty');
  return { type: 'bytes', bytes };
}

function dataUrlBytes(url: string, field: string): Uint8Array {
  const match = /^data:[^,]*?(;base64)?,(.*)$/is.exec(url);
  try {
    const content = decodeURIComponent(match?.[2] ?? '');
    const bytes = match?.[1] === undefined ? new TextEncoder().encode(content) : base64ToBytes(withoutSpace(content));
    if (match && bytes) return bytes;
  } catch {
    // A broken percent escape: the same answer as for broken base64.
  }
  throw invalidInput(field, 'the data: URL is malformed');
}

/** Base64 often comes in lines. */
const withoutSpace = (text: string): string => text.replace(/\s+/g, '');

/** The first characters of PNG, JPEG, GIF, WebP and of the ISO formats (AVIF, HEIC), as base64. */
const IMAGE_AS_BASE64 = /^(iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|AAAA[A-Za-z0-9+/]{2}Z0eX)/;

/**
 * What to read for an image: as {@link uploadSource}, and also the id of an uploaded file, and base64.
 *
 * @param paths where paths can be read: base64 and a path look alike, and only text that starts as an image does is
 * base64 then. `false`: text that is nothing else has to be base64.
 * @throws DecartError INVALID_INPUT naming the field
 */
export function imageSource(input: unknown, field: string, { paths }: { readonly paths: boolean }): ImageSource {
  if (isFileId(input)) return { type: 'fileId', id: input };
  if (typeof input === 'string') {
    const data = withoutSpace(input);
    if ((!paths || IMAGE_AS_BASE64.test(data)) && isBase64(data)) return { type: 'base64', data };
  }
  const source = uploadSource(input, field);
  if (source.type !== 'path' || paths) return source;
  throw invalidInput(field, 'the text is neither a URL, nor the id of a file (file_…), nor base64');
}

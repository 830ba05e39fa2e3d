import { imageSource, uploadSource } from '../input.js';
import type { FormPart, UploadSource } from '../ports/http.js';
import { base64ToBytes } from '../protocol/base64.js';

/** A field, or nothing when its value is left out. */
export const field = (name: string, value: string | number | boolean | undefined): readonly FormPart[] =>
  value === undefined ? [] : [{ type: 'field', name, value: String(value) }];

const filePart = (name: string, source: UploadSource, filename?: string): FormPart => ({
  type: 'file',
  name,
  source,
  filename: filename ?? null,
  contentType: null,
});

/** A file that a caller gave as `field`. @throws DecartError INVALID_INPUT */
export const uploadPart = (name: string, field: string, input: unknown): FormPart =>
  filePart(name, uploadSource(input, field));

/** A part that cannot be read a second time. */
export const readsOnce = (part: FormPart): boolean =>
  part.type === 'file' && part.source.type === 'stream' && part.source.once;

/** An image that a caller gave as `field`: a file, or the id of one. @throws DecartError INVALID_INPUT */
export function imagePart(name: string, field: string, input: unknown, filename?: string): FormPart {
  const source = imageSource(input, field, { paths: true });
  if (source.type === 'fileId') return { type: 'field', name, value: source.id };
  if (source.type !== 'base64') return filePart(name, source, filename);
  return filePart(name, { type: 'bytes', bytes: base64ToBytes(source.data) ?? new Uint8Array() }, filename);
}

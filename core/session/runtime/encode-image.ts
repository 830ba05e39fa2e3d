import { defer, from, map, type Observable, of } from 'rxjs';
import { invalidInput } from '../../check.js';
import { bytesOf, imageSource } from '../../input.js';
import type { ImageInput } from '../../ports/platform.js';
import { bytesToBase64 } from '../../protocol/base64.js';
import type { EncodedImage } from '../machine/connect-plan.js';

/**
 * A reference image in its wire form: what is to be read is read; a `file_…` id stands for itself. Emits once;
 * unsubscribing gives up. Errors with a DecartError INVALID_INPUT when it is no image, or empty.
 */
export const readImage = (
  input: ImageInput,
  fetchBytes: (url: string) => Observable<Uint8Array>,
): Observable<EncodedImage> =>
  defer(() => {
    const source = imageSource(input, 'image', { paths: false });
    switch (source.type) {
      case 'fileId':
        return of({ ref: source.id });
      case 'base64':
        return of({ data: source.data });
      case 'bytes':
        return of(encode(source.bytes));
      case 'blob':
        return from(source.blob.arrayBuffer()).pipe(map(encode));
      case 'url':
        return fetchBytes(source.url).pipe(map(encode));
      default:
        throw invalidInput('image', 'a stream is not taken here; pass a Blob, bytes, a URL, base64 or a file_… id');
    }
  });

function encode(read: unknown): EncodedImage {
  const bytes = bytesOf(read);
  if (bytes === null || bytes.length === 0) throw invalidInput('image', 'it is empty');
  return { data: bytesToBase64(bytes) };
}

import { map, NEVER, type Observable, type SchedulerLike, throwError, timer } from 'rxjs';
import type { ImageInput } from '../../core/ports/platform.js';
import type { ImageKind } from './schedule.js';

/** Bytes as another realm makes them: of the same kind, and no instance of this realm's class. */
function foreignBytes(): Uint8Array {
  const bytes = new Uint8Array([7, 7, 7]);
  const shared = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const prototype = Object.create(Object.prototype, {
    ...Object.getOwnPropertyDescriptors(shared),
    ...Object.getOwnPropertyDescriptors(Uint8Array.prototype),
  });
  return Object.setPrototypeOf(bytes, prototype);
}

const inputs: Readonly<Record<ImageKind, ImageInput | null>> = {
  none: null,
  base64: 'FRST',
  other: 'SCND',
  file: 'file_1',
  foreign: foreignBytes(),
  slow: 'https://images.test/slow',
  crawling: 'https://images.test/crawling',
  endless: 'https://images.test/endless',
  missing: 'https://images.test/missing',
};

export const inputOf = (kind: ImageKind): ImageInput | null => inputs[kind];

/** Reads the images of URLs: in 2 s, in 20 s, never, or not at all. */
export const createImageHost =
  (scheduler: SchedulerLike) =>
  (url: string): Observable<Uint8Array> => {
    if (url.endsWith('missing')) return throwError(() => new Error('Not found.'));
    if (url.endsWith('endless')) return NEVER;
    const isSlow = url.endsWith('slow');
    return timer(isSlow ? 2000 : 20_000, scheduler).pipe(map(() => new Uint8Array(isSlow ? [9, 9, 9] : [8, 8, 8])));
  };

import { Observable } from 'rxjs';
import { invalid } from '../../../core/errors.js';
import type { LocalStreamRequest } from '../../../core/ports/platform.js';
import type { BrowserLocalStream } from './browser-local-stream.js';
import { LocalMedia } from './local-media.js';

/**
 * Opens local media. Emits the stream and completes; it is then the subscriber's to dispose of. Unsubscribing before
 * that gives back what was opened, also when a prompt is answered later.
 */
export function openLocalStream(
  request: LocalStreamRequest,
  createWorker?: () => Worker,
): Observable<BrowserLocalStream> {
  return new Observable((subscriber) => {
    if (typeof document === 'undefined') throw invalid('Only a page has local video. On a server, use decart-rx/node.');
    const media = new LocalMedia(request, createWorker ?? null);
    let isDelivered = false;
    media.open().then(
      () => {
        if (subscriber.closed) return;
        isDelivered = true;
        subscriber.next(media.stream);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      if (!isDelivered) void media.dispose();
    };
  });
}

import { type Signal, signal } from '@angular/core';
import { Subscription } from 'rxjs';
import type { DecartError } from '../../core/errors.js';
import type { LocalStreamOptions, LocalStreamSize } from '../../core/session/client/realtime-client.js';
import type { BrowserLocalStream, BrowserVideoSource } from '../browser/index.js';
import { type InjectorOption, injectorOf, Wanted } from './wanted.js';

/** As for `realtime.createLocalVideoStream()`. */
export interface DecartCameraOptions extends LocalStreamOptions<BrowserVideoSource>, InjectorOption {}

/** Local video as signals. */
export interface DecartCamera {
  /** `null` while there is none. Switching or mirroring the camera keeps the stream; another size makes a new one. */
  readonly stream: Signal<BrowserLocalStream | null>;
  /** Whether it is being opened: the user may be looking at the browser's question. */
  readonly isOpening: Signal<boolean>;
  /** Why there is none, or what happened to it in use; `null` again with the next try. */
  readonly error: Signal<DecartError | null>;
  /** Opens it again after that has failed, when the user has given permission say. */
  retry(): void;
}

/**
 * Local video that follows a signal: a camera, or another source. It is closed when `size` gives `null` and with the
 * component or service that asked for it. Signals that are read in `size` are followed; each new object opens it again.
 *
 * Call it in an injection context, or give it an `injector`. On a server nothing is opened.
 *
 * @throws Error when there is no `provideDecart()`
 *
 * @example
 * ```ts
 * import { signal } from '@angular/core';
 * import { injectDecartCamera, injectDecartSession } from 'decart-rx/angular';
 *
 * export class Studio {
 *   readonly on = signal(false);
 *   readonly camera = injectDecartCamera(() => (this.on() ? { model: 'lucy-2.1' } : null), { facing: 'front' });
 *   readonly session = injectDecartSession({
 *     connect: () => {
 *       const localStream = this.camera.stream();
 *       return localStream && { model: 'lucy-2.1', localStream };
 *     },
 *   });
 * }
 * ```
 */
export function injectDecartCamera(
  size: () => LocalStreamSize | null,
  { injector: given, ...options }: DecartCameraOptions = {},
): DecartCamera {
  const injector = injectorOf(injectDecartCamera, given && { injector: given });
  const stream = signal<BrowserLocalStream | null>(null);
  const isOpening = signal(false);

  const run = (wantedSize: LocalStreamSize): Subscription => {
    const running = new Subscription(() => {
      isOpening.set(false);
      stream.set(null);
    });
    isOpening.set(true);
    wanted.context.client.realtime.createLocalVideoStream(wantedSize, options).then(
      (opened) => {
        // It is not wanted any more.
        if (running.closed) return opened.dispose();
        running.add(() => void opened.dispose());
        running.add(opened.errors$?.subscribe((error) => wanted.fail(error)));
        isOpening.set(false);
        stream.set(opened);
      },
      (error: unknown) => {
        if (!running.closed) wanted.fail(error);
        running.unsubscribe();
      },
    );
    return running;
  };

  const wanted: Wanted<LocalStreamSize> = new Wanted(injector, 'injectDecartCamera()', size, run);
  return {
    stream: stream.asReadonly(),
    isOpening: isOpening.asReadonly(),
    error: wanted.error,
    retry: () => wanted.retry(),
  };
}

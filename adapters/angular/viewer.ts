import { type Signal, signal } from '@angular/core';
import { Subscription } from 'rxjs';
import type { DecartError } from '../../core/errors.js';
import type { ViewerConnectionState, ViewerSession } from '../../core/viewer/viewer.js';
import type { BrowserRemoteStream } from '../browser/index.js';
import { type InjectorOption, injectorOf, Wanted } from './wanted.js';

/** Someone else's session, watched, as signals. */
export interface DecartViewer {
  /** `connecting` from the moment a token is there. */
  readonly status: Signal<ViewerConnectionState>;
  /** `null` while there is nothing to see, over a reconnect too. `video[decartStream]` takes the whole viewer. */
  readonly remoteStream: Signal<BrowserRemoteStream | null>;
  /** Why the watching ended; `null` again with the next try. */
  readonly error: Signal<DecartError | null>;
  /** The viewer itself, for its observables; `null` while there is none. */
  readonly viewer: Signal<ViewerSession<BrowserRemoteStream> | null>;
  /** Watches again after that has ended or failed. */
  retry(): void;
}

/**
 * Watches someone else's session, receive-only, by its subscribe token; `null`: none. It ends with the component or
 * service that asked for it.
 *
 * Call it in an injection context, or give it an `injector`. On a server it stays `disconnected`.
 *
 * @throws Error when there is no `provideDecart()`
 *
 * @example
 * ```ts
 * import { input } from '@angular/core';
 * import { injectDecartViewer } from 'decart-rx/angular';
 *
 * // In its template: <video [decartStream]="viewer"></video>
 * export class Screening {
 *   readonly token = input.required<string>();
 *   readonly viewer = injectDecartViewer(this.token);
 * }
 * ```
 */
export function injectDecartViewer(token: () => string | null, options: InjectorOption = {}): DecartViewer {
  const injector = injectorOf(injectDecartViewer, options);
  const status = signal<ViewerConnectionState>('disconnected');
  const remoteStream = signal<BrowserRemoteStream | null>(null);
  const viewer = signal<ViewerSession<BrowserRemoteStream> | null>(null);

  const run = (wantedToken: string): Subscription => {
    const aborting = new AbortController();
    const running = new Subscription(() => {
      aborting.abort();
      status.set('disconnected');
      remoteStream.set(null);
      viewer.set(null);
    });
    const follow = (watched: ViewerSession<BrowserRemoteStream>): void => {
      running.add(() => void watched.disconnect());
      if (running.closed) return;
      viewer.set(watched);
      running.add(watched.errors$.subscribe((error) => wanted.fail(error)));
      running.add(watched.remoteStream$.subscribe(remoteStream.set));
      running.add(watched.connectionState$.subscribe({ next: status.set, complete: () => running.unsubscribe() }));
    };
    status.set('connecting');
    wanted.context.client.realtime.subscribe({ token: wantedToken, signal: aborting.signal }).then(follow, (error) => {
      if (!running.closed) wanted.fail(error);
      running.unsubscribe();
    });
    return running;
  };

  const wanted: Wanted<string> = new Wanted(injector, 'injectDecartViewer()', token, run);
  return {
    status: status.asReadonly(),
    remoteStream: remoteStream.asReadonly(),
    error: wanted.error,
    viewer: viewer.asReadonly(),
    retry: () => wanted.retry(),
  };
}

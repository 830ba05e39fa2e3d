import { DestroyRef, type Signal, signal } from '@angular/core';
import type { RealtimeStats } from '../../core/stats/webrtc-stats.js';
import { injectContext } from './context.js';
import { type InjectorOption, injectorOf } from './wanted.js';

/**
 * The latest statistics of the session, about one a second while it is live; `null` before the first. They are measured
 * for as long as the component or service that asked for them lives.
 *
 * Call it in an injection context, or give it an `injector`.
 *
 * @throws Error when there is no `provideDecart()`
 */
export function injectDecartStats(options: InjectorOption = {}): Signal<RealtimeStats | null> {
  const injector = injectorOf(injectDecartStats, options);
  const { client, outsideZone } = injectContext('injectDecartStats()', injector);
  const stats = signal<RealtimeStats | null>(null);
  const subscription = outsideZone(() => client.realtime.stats$.subscribe(stats.set));
  injector.get(DestroyRef).onDestroy(() => subscription.unsubscribe());
  return stats.asReadonly();
}

// Only live sessions are sampled: a page loads the code for that when its first connect begins.
import { catchError, distinctUntilChanged, EMPTY, exhaustMap, filter, map, of, switchMap, take } from 'rxjs';
import { failureOf } from '../../errors.js';
import type { Lazy } from '../../lazy.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { StateSubject } from '../../state-subject.js';
import { selectConnectId } from '../machine/select.js';
import type { createSampling, Sampling, SamplingDeps } from './sampling.js';

const notYet: Sampling = { stats$: EMPTY, quality$: of(null), latestQuality: () => null };

/**
 * The sampling of a session, loaded when a connect begins. Until then `quality$` is `null` and `stats$` is silent. A load
 * that fails is reported, the session goes on without statistics, and the next connect tries again.
 */
export function samplingOnceLoaded<L extends LocalStream, R extends RemoteStream>(
  lazy: Lazy<typeof createSampling>,
  deps: SamplingDeps<L, R>,
): Sampling {
  const { loop } = deps;
  const present = new StateSubject(notYet);
  const load = () =>
    lazy().pipe(
      catchError((cause: unknown) => {
        const message =
          'The code that measures sessions failed to load: there are no statistics until the next connect.';
        loop.report({ type: 'error', failure: failureOf(cause, { code: 'LOAD_ERROR', message }) });
        return EMPTY;
      }),
    );
  // Behind what a connect does itself: its socket comes first.
  const loading = loop.settled$
    .pipe(
      map(selectConnectId),
      distinctUntilChanged(),
      filter((connectId) => connectId !== null),
      exhaustMap(load),
      take(1),
    )
    .subscribe((create) => present.next(create(deps)));
  loop.state$.subscribe({
    complete: () => {
      loading.unsubscribe();
      present.complete();
    },
  });
  return {
    stats$: present.pipe(switchMap(({ stats$ }) => stats$)),
    quality$: present.pipe(switchMap(({ quality$ }) => quality$)),
    latestQuality: () => present.value.latestQuality(),
  };
}

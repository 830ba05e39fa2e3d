import type { SchedulerLike, Subscription } from 'rxjs';
import type { LatencyTracker } from '../../latency/tracker.js';
import type { Lazy } from '../../lazy.js';
import type { MediaTransport } from '../../ports/media.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { selectAttemptId } from '../machine/select.js';
import { isLive } from '../machine/state.js';
import type { SessionLoop } from '../runtime/loop.js';
import { samplingOnceLoaded } from './lazy-sampling.js';
import type { createSampling, Sampling } from './sampling.js';

export interface MeasureDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly media: Pick<MediaTransport<L, R>, 'readsMarkers'>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
  readonly createSampling: Lazy<typeof createSampling>;
}

/** Keeps the times that a session is measured against, and samples it while there is a subscriber or stall recovery. */
export function measureSession<L extends LocalStream, R extends RemoteStream>(deps: MeasureDeps<L, R>): Sampling {
  const { loop, scheduler, latency } = deps;
  let firstFrameMs: number | null = null;
  let earlierTtffMs: number | null = null;
  const firstFrame = { timeMs: () => firstFrameMs, earlierTtffMs: () => earlierTtffMs };

  const sampling = samplingOnceLoaded(deps.createSampling, { ...deps, firstFrame });

  let attemptId: number | null = null;
  let watching: Subscription | null = null;
  loop.state$.subscribe({
    next: (state) => {
      const id = selectAttemptId(state);
      if (id !== attemptId && id !== null) {
        firstFrameMs = null;
        earlierTtffMs = null;
        latency.markStart(scheduler.now());
      }
      attemptId = id;
      // A frozen session must be noticed without a subscriber, too.
      const isWatched = isLive(state) && state.connection.plan.recoverStalledAfterMs !== null;
      if (isWatched) {
        watching ??= sampling.quality$.subscribe();
      } else {
        watching?.unsubscribe();
        watching = null;
      }
    },
    complete: () => watching?.unsubscribe(),
  });
  loop.outputs$.subscribe((output) => {
    if (output.type !== 'diagnostic') return;
    const { diagnostic } = output;
    if (diagnostic.name === 'firstFrame') firstFrameMs = diagnostic.timeSinceConnectMs;
    if (diagnostic.name !== 'mediaReconnected') return;
    // The media may take another way now: what was measured on the old one is void.
    earlierTtffMs ??= latency.snapshot().ttffMs ?? firstFrameMs;
    latency.markStart(scheduler.now());
  });

  return sampling;
}

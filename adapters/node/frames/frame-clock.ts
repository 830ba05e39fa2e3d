import type { SchedulerLike } from 'rxjs';

/** Says when the next of a steady row of frames is due. */
export interface FrameClock {
  /** Milliseconds from now until the next frame is due; 0 when it is due or late. */
  untilDueMs(): number;
  /** A frame goes out now. */
  sent(): void;
}

/**
 * A steady rate without drift: a late frame does not delay the ones after it. More than one period late, the
 * row starts over, so that a pause is not followed by a burst. The same when the wall clock is set back: nothing waits
 * longer than one period.
 */
export function createFrameClock(fps: number, scheduler: SchedulerLike): FrameClock {
  const periodMs = 1000 / fps;
  let dueMs = Number.NEGATIVE_INFINITY;
  return {
    untilDueMs: () => Math.min(periodMs, Math.max(0, dueMs - scheduler.now())),
    sent() {
      const nowMs = scheduler.now();
      dueMs = (Math.abs(nowMs - dueMs) > periodMs ? nowMs : dueMs) + periodMs;
    },
  };
}

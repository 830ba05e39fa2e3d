import type { SchedulerLike } from 'rxjs';

/** Says when the next of a steady row of frames is due. */
export interface FrameClock {
  /** Milliseconds from now until the next frame is due; 0 when it is due or late. */
  untilDueMs(): number;
  /** A frame goes out now. */
  sent(): void;
}

/**
 * A steady rate without drift: a late frame does not put off the ones after it. More than one frame late, the
 * row begins anew, so that a pause is not followed by a burst.
 */
export function createFrameClock(fps: number, scheduler: SchedulerLike): FrameClock {
  const periodMs = 1000 / fps;
  let dueMs = Number.NEGATIVE_INFINITY;
  return {
    untilDueMs: () => Math.max(0, dueMs - scheduler.now()),
    sent() {
      const nowMs = scheduler.now();
      dueMs = (nowMs - dueMs > periodMs ? nowMs : dueMs) + periodMs;
    },
  };
}

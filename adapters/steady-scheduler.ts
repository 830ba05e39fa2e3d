import { asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * rxjs' `asyncScheduler` with a clock that runs on when the system's clock is set: what is measured between two events
 * (silence, latency) stays true. Its time is in epoch milliseconds.
 */
export const steadyScheduler: SchedulerLike = {
  now: () => performance.timeOrigin + performance.now(),
  schedule: asyncScheduler.schedule.bind(asyncScheduler) as SchedulerLike['schedule'],
};

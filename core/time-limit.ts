import { type MonoTypeOperatorFunction, Observable, type SchedulerLike } from 'rxjs';
import type { DecartError } from './errors.js';

/** How long something may take to come. */
export interface TimeLimit {
  /** Milliseconds. */
  readonly limitMs: number;
  /** The clock it is measured by. */
  readonly scheduler: SchedulerLike;
  /** Whether each value starts the time again; else only the first is waited for. Default `false`. */
  readonly each?: boolean;
  /** The error when time is up. */
  readonly late: () => DecartError;
}

/**
 * Errors when nothing comes in time. Unlike `timeout` of rxjs 7.4, whose timer goes on when the source emits while it is
 * being subscribed to.
 */
export const timeLimit =
  <T>({ limitMs, scheduler, each = false, late }: TimeLimit): MonoTypeOperatorFunction<T> =>
  (source$) =>
    new Observable((subscriber) => {
      const startTimer = () => scheduler.schedule(() => subscriber.error(late()), limitMs);
      let timer = startTimer();
      subscriber.add(() => timer.unsubscribe());
      subscriber.add(
        source$.subscribe({
          next: (value) => {
            timer.unsubscribe();
            if (each) timer = startTimer();
            subscriber.next(value);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });

import { isObservable, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { invalidInput } from '../../../core/check.js';
import type { FrameSize, I420Frame } from '../../../transports/livekit/node/index.js';
import { createFrameClock } from './frame-clock.js';
import { createTestPattern } from './test-pattern.js';

/**
 * Where local video comes from: a moving test picture, frames as they arise (the latest is sent, those that come too
 * fast are passed over), or frames that are asked for one by one, as fast as they are sent.
 */
export type NodeVideoSource = 'test-pattern' | Observable<I420Frame> | AsyncIterable<I420Frame>;

/** The size of frames, and how often they come. */
export interface FrameRate extends FrameSize {
  /** Frames per second. */
  readonly fps: number;
}

/** Frames at their pace. Subscribe any number of times, one after the other: each goes on where the last stopped. */
export interface FrameSource {
  readonly frames$: Observable<I420Frame>;
  close(): void;
}

/** Throws INVALID_INPUT for an invalid source. */
export function createFrameSource(source: unknown, rate: FrameRate, scheduler: SchedulerLike): FrameSource {
  if (source === undefined || source === 'test-pattern') return patternSource(rate, scheduler);
  if (isObservable(source)) return pushedSource(source as Observable<I420Frame>, rate, scheduler);
  if (isAsyncIterable(source)) return pulledSource(source, rate, scheduler);
  const kinds = "'test-pattern', or an Observable or an AsyncIterable of I420 frames";
  throw invalidInput('source', `expected ${kinds}; videoFileFrames(path, size) reads those of a file`);
}

function patternSource({ fps, ...size }: FrameRate, scheduler: SchedulerLike): FrameSource {
  const clock = createFrameClock(fps, scheduler);
  const draw = createTestPattern(size);
  let frameNumber = 0;
  return {
    frames$: new Observable((subscriber) => {
      const next = (): void => {
        clock.sent();
        subscriber.next(draw(frameNumber));
        frameNumber += 1;
      };
      next();
      return scheduler.schedule(function () {
        next();
        this.schedule(undefined, clock.untilDueMs());
      }, clock.untilDueMs());
    }),
    close: () => undefined,
  };
}

// Stays subscribed while no session sends: a camera must not be opened again for every reconnect.
function pushedSource(source: Observable<I420Frame>, { fps }: FrameRate, scheduler: SchedulerLike): FrameSource {
  const clock = createFrameClock(fps, scheduler);
  const subscription = new Subscription();
  let isSubscribed = false;
  let latest: I420Frame | null = null;
  let end: { readonly error: unknown } | 'completed' | null = null;
  let arrived: () => void = () => undefined;

  const subscribe = (): void => {
    isSubscribed = true;
    subscription.add(
      source.subscribe({
        next: (frame) => {
          latest = frame;
          arrived();
        },
        error: (error: unknown) => {
          end = { error };
          arrived();
        },
        complete: () => {
          end = 'completed';
          arrived();
        },
      }),
    );
  };

  return {
    frames$: new Observable((subscriber) => {
      let waiting: Subscription | null = null;
      const send = (): void => {
        waiting = null;
        const frame = latest;
        latest = null;
        if (frame) {
          clock.sent();
          subscriber.next(frame);
        }
        if (end === 'completed') subscriber.complete();
        else if (end) subscriber.error(end.error);
      };
      arrived = () => {
        if (waiting) return;
        const delayMs = clock.untilDueMs();
        if (delayMs === 0) send();
        else waiting = scheduler.schedule(send, delayMs);
      };
      if (isSubscribed) arrived();
      else subscribe();
      return () => {
        waiting?.unsubscribe();
        arrived = () => undefined;
      };
    }),
    close: () => subscription.unsubscribe(),
  };
}

// One frame is asked for ahead, so that decoding it does not delay it.
function pulledSource(source: AsyncIterable<I420Frame>, { fps }: FrameRate, scheduler: SchedulerLike): FrameSource {
  const clock = createFrameClock(fps, scheduler);
  let frames: AsyncIterator<I420Frame> | null = null;
  let pulled: Promise<IteratorResult<I420Frame>> | null = null;

  const pull = (): Promise<IteratorResult<I420Frame>> => {
    frames ??= source[Symbol.asyncIterator]();
    pulled ??= frames.next();
    return pulled;
  };

  return {
    frames$: new Observable((subscriber) => {
      const next = (): void => {
        if (subscriber.closed) return;
        pull().then(
          ({ done, value }) => {
            if (subscriber.closed) return;
            if (done) {
              subscriber.complete();
              return;
            }
            subscriber.add(
              scheduler.schedule(() => {
                pulled = null;
                clock.sent();
                const sending = value;
                next();
                subscriber.next(sending);
              }, clock.untilDueMs()),
            );
          },
          (error: unknown) => subscriber.error(error),
        );
      };
      next();
    }),
    close() {
      // Lets a generator clean up (a decoder, a file); it is no longer of interest how.
      frames?.return?.().catch(() => undefined);
    },
  };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<I420Frame> {
  return typeof (value as Partial<AsyncIterable<I420Frame>> | null)?.[Symbol.asyncIterator] === 'function';
}

import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, Subject, take, toArray, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { I420Frame } from '../../../transports/livekit/node/index.js';
import { createFrameSource } from './frame-source.js';

// Every 20 ms.
const rate = { width: 4, height: 4, fps: 50 };
const frameOf = (value: number): I420Frame => ({ data: new Uint8Array(24).fill(value), width: 4, height: 4 });
const [a, b, c, d, e] = [1, 2, 3, 4, 5].map(frameOf) as [I420Frame, I420Frame, I420Frame, I420Frame, I420Frame];
const frames = { a, b, c, d, e };
const marbles = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

it.each([42, null, {}, 'camera', [frameOf(1)]])('refuses %p as a source', (source) => {
  expect(() => createFrameSource(source, rate, new VirtualTimeScheduler())).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
});

describe('a test pattern', () => {
  it('draws at its rate, at once and without drift', () => {
    const scheduler = new VirtualTimeScheduler(undefined, 1_001);
    const timesMs: number[] = [];
    createFrameSource('test-pattern', { ...rate, fps: 30 }, scheduler).frames$.subscribe(() =>
      timesMs.push(Math.round(scheduler.now())),
    );
    expect(timesMs).toEqual([0]);
    scheduler.flush();
    expect(timesMs.slice(0, 4)).toEqual([0, 33, 67, 100]);
    expect(timesMs.at(-1)).toBe(1_000);
  });

  it('goes on where it was paused', async () => {
    const scheduler = new VirtualTimeScheduler();
    const { frames$ } = createFrameSource('test-pattern', { width: 320, height: 180, fps: 30 }, scheduler);
    const first = Buffer.from((await firstValueFrom(frames$)).data);
    const second = Buffer.from((await firstValueFrom(frames$)).data);
    expect(first.equals(second)).toBe(false);
  });
});

it('goes on at its rate when the wall clock is set back', () => {
  const scheduler = new VirtualTimeScheduler(undefined, 201);
  // The same timers, by a clock that is set back by a minute after 100 ms.
  const wall = Object.create(scheduler, {
    now: { value: () => scheduler.frame - (scheduler.frame > 100 ? 60_000 : 0) },
  }) as VirtualTimeScheduler;
  const timesMs: number[] = [];
  createFrameSource('test-pattern', rate, wall).frames$.subscribe(() => timesMs.push(scheduler.frame));
  scheduler.flush();
  expect(timesMs).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200]);
});

describe('frames that arise', () => {
  it('go out as they come; of those that come too fast, the latest when the next is due', () => {
    const scheduler = marbles();
    scheduler.run(({ hot, expectObservable }) => {
      const arising = hot('  a 19ms b 4ms c 4ms d 49ms e|', frames);
      const { frames$ } = createFrameSource(arising, rate, scheduler);
      expectObservable(frames$).toBe('a 19ms b 19ms d 39ms e|', frames);
    });
  });

  it('end with what was still to go out', () => {
    const scheduler = marbles();
    scheduler.run(({ hot, expectObservable }) => {
      const { frames$ } = createFrameSource(hot('a 4ms b|', frames), rate, scheduler);
      expectObservable(frames$).toBe('a 19ms (b|)', frames);
    });
  });

  it('fail as their source fails, also for who comes later', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable }) => {
      const { frames$ } = createFrameSource(cold('a 29ms #', frames, 'gone'), rate, scheduler);
      expectObservable(frames$).toBe('a 29ms #', frames, 'gone');
      expectObservable(frames$, '40ms ^').toBe('40ms #', frames, 'gone');
    });
  });

  it('are subscribed to once, whoever pauses, until the source is closed', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const camera = cold('a 29ms b 29ms c 29ms d', frames);
      const { frames$, close } = createFrameSource(camera, rate, scheduler);
      expectObservable(frames$, '^ 9ms !').toBe('a', frames);
      expectObservable(frames$, '50ms ^ 24ms !').toBe('50ms b 19ms c', frames);
      scheduler.schedule(close, 80);
      expectSubscriptions(camera.subscriptions).toBe('^ 79ms !');
    });
  });
});

describe('frames that are asked for', () => {
  /** Counts the frames that are asked for, and records whether it was stopped. */
  function asked(values: readonly I420Frame[], end: 'done' | Error = 'done') {
    const log = { asked: 0, closed: false };
    async function* generate(): AsyncGenerator<I420Frame> {
      try {
        for (const value of values) {
          log.asked += 1;
          yield value;
        }
        if (end !== 'done') throw end;
      } finally {
        log.closed = true;
      }
    }
    return { log, frames: generate() };
  }

  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('go out at the rate, each asked for one ahead', async () => {
    const scheduler = new VirtualTimeScheduler();
    const source = asked([a, b, c]);
    const { frames$ } = createFrameSource(source.frames, rate, scheduler);
    const seen: [number, I420Frame][] = [];
    let isComplete = false;
    frames$.subscribe({
      next: (frame) => seen.push([scheduler.now(), frame]),
      complete: () => {
        isComplete = true;
      },
    });
    for (let round = 1; round <= 4; round += 1) {
      await settled();
      expect(source.log.asked).toBe(Math.min(3, round));
      scheduler.flush();
    }
    await settled();
    expect(seen).toEqual([
      [0, a],
      [20, b],
      [40, c],
    ]);
    expect(isComplete).toBe(true);
  });

  it('are not asked for while nobody sends, and none is lost by that', async () => {
    const scheduler = new VirtualTimeScheduler();
    const source = asked([a, b, c, d]);
    const { frames$ } = createFrameSource(source.frames, rate, scheduler);
    const seen: I420Frame[] = [];
    const first = frames$.subscribe((frame) => seen.push(frame));
    await settled();
    scheduler.flush();
    await settled();
    first.unsubscribe();
    scheduler.flush();
    await settled();
    expect([seen, source.log.asked]).toEqual([[a], 2]);
    const rest = firstValueFrom(frames$.pipe(take(3), toArray()));
    for (let round = 0; round < 4; round += 1) {
      await settled();
      scheduler.flush();
    }
    expect(await rest).toEqual([b, c, d]);
  });

  it('fail as their iteration fails', async () => {
    const source = asked([], new Error('gone'));
    const { frames$ } = createFrameSource(source.frames, rate, new VirtualTimeScheduler());
    await expect(firstValueFrom(frames$)).rejects.toThrow('gone');
  });

  it('are stopped when no more are wanted', async () => {
    const scheduler = new VirtualTimeScheduler();
    const source = asked([a, b, c]);
    const { frames$, close } = createFrameSource(source.frames, rate, scheduler);
    const subscription = frames$.subscribe();
    await settled();
    subscription.unsubscribe();
    close();
    await settled();
    expect(source.log).toEqual({ asked: 1, closed: true });
  });

  it('are not begun by closing', () => {
    const source = asked([a]);
    createFrameSource(source.frames, rate, new VirtualTimeScheduler()).close();
    expect(source.log).toEqual({ asked: 0, closed: false });
  });
});

it('lets go of an observable that was never sent', () => {
  const arising = new Subject<I420Frame>();
  const { close } = createFrameSource(arising, rate, new VirtualTimeScheduler());
  close();
  expect(arising.observed).toBe(false);
});

// A session takes another's place on live media: frames go on.
import { expect, test } from '@jest/globals';
import { EMPTY, share, switchMap } from 'rxjs';
import { frameGaps, type SeenFrame } from '../../../testkit/pages/frame-gaps.js';
import type { DecartClient } from '../index.js';
import { createStage, first, model } from './stage.js';

const stage = createStage();

/** Every frame that an app which follows `remoteStream$` sees. */
function watchFrames({ remoteStream$ }: DecartClient['realtime']) {
  const seen: SeenFrame[] = [];
  let stream = 0;
  const frames$ = remoteStream$.pipe(
    switchMap((remote) => {
      if (remote === null) return EMPTY;
      stream += 1;
      return remote.frames$;
    }),
    share(),
  );
  const watching = frames$.subscribe(() => seen.push({ atMs: performance.now(), stream }));
  const until = (of: number, count: number) =>
    first(frames$, () => seen.filter((frame) => frame.stream === of).length >= count);
  return { seen, until, stop: () => watching.unsubscribe() };
}

test('a change to another session is no longer than two frames, in the same run, and only one is left', async () => {
  const { realtime } = await stage.connect(stage.client(), { debugQuality: false });
  const { seen, until, stop } = watchFrames(realtime);
  await until(1, 60);
  // Several: the machine may hold up one of them. What a change itself takes shows in all.
  for (const [index, text] of ['rain', 'fog', 'snow'].entries()) {
    await realtime.switchTo({ model, initialPrompt: { text } });
    await until(index + 2, 30);
  }
  stop();
  const gaps = frameGaps(seen);
  // Where the machine itself holds frames up for longer, in this run, the change may take as long as that.
  expect(gaps.changeMs).toBeLessThanOrEqual(Math.max(2 * gaps.intervalMs, gaps.longestMs));
  await first(stage.simulator.sessions$, (sessions) => sessions.length === 1);
  expect(await first(stage.simulator.sessions$, () => true)).toMatchObject([{ prompt: 'snow' }]);
});

import { expect, test } from '@jest/globals';

import { LossTracker } from './loss-tracker.js';

function trackerWithGap(): LossTracker {
  const tracker = new LossTracker();
  tracker.received(65_534, 0);
  tracker.received(2, 0);
  return tracker;
}

test('asks after 8 ms for everything in the gap, across the wrap', () => {
  const tracker = trackerWithGap();
  expect(tracker.due(7).requestAgain).toEqual([]);
  expect(tracker.due(8).requestAgain).toEqual([65_535, 0, 1]);
});

test('asks again every 60 ms for what is still missing', () => {
  const tracker = trackerWithGap();
  tracker.due(8);
  tracker.received(0, 20);
  expect(tracker.due(67).requestAgain).toEqual([]);
  expect(tracker.due(68).requestAgain).toEqual([65_535, 1]);
});

test('gives up after eight requests', () => {
  const tracker = trackerWithGap();
  let requests = 0;
  let gaveUpAtMs = 0;
  for (let nowMs = 0; nowMs < 2000; nowMs += 20) {
    const { requestAgain, gaveUp } = tracker.due(nowMs);
    requests += requestAgain.length;
    if (gaveUp) gaveUpAtMs = nowMs;
  }
  expect(requests).toBe(3 * 8);
  expect(gaveUpAtMs).toBeGreaterThan(400);
  expect(gaveUpAtMs).toBeLessThanOrEqual(1020);
});

test('a packet out of order is no loss', () => {
  const tracker = new LossTracker();
  for (const sequence of [1, 3, 2, 4]) tracker.received(sequence, 0);
  expect(tracker.due(1000)).toEqual({ requestAgain: [], gaveUp: false });
});

test('a jump of thousands is not repaired but reported', () => {
  const tracker = new LossTracker();
  tracker.received(1, 0);
  tracker.received(5000, 0);
  expect(tracker.due(10)).toEqual({ requestAgain: [], gaveUp: true });
  expect(tracker.due(20)).toEqual({ requestAgain: [], gaveUp: false });
});

test('distinguishes a repair from a packet that was only late', () => {
  const tracker = trackerWithGap();
  expect(tracker.received(65_535, 4)).toBe(false);
  tracker.due(8);
  expect(tracker.received(0, 20)).toBe(true);
  expect(tracker.received(0, 21)).toBe(false);
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { KeyframeRequest } from './keyframe-request.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('the first goes out at once, a burst becomes one more after 300 ms', () => {
  const sent: number[] = [];
  const request = new KeyframeRequest(
    () => sent.push(performance.now()),
    () => performance.now(),
  );
  const start = performance.now();
  request.request();
  request.request();
  request.request();
  expect(sent.map((at) => at - start)).toEqual([0]);
  jest.advanceTimersByTime(1000);
  expect(sent.map((at) => Math.round(at - start))).toEqual([0, 300]);
  request.request();
  expect(sent).toHaveLength(3);
});

test('nothing is sent after closing', () => {
  let sent = 0;
  const request = new KeyframeRequest(() => {
    sent += 1;
  });
  request.request();
  request.request();
  request.close();
  jest.advanceTimersByTime(1000);
  expect(sent).toBe(1);
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { steadyScheduler } from './steady-scheduler.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("its clock runs on when the system's is set, and work is done when it is due", () => {
  const startMs = steadyScheduler.now();
  const log: unknown[] = [];
  steadyScheduler.schedule((state) => log.push(state, Math.round(steadyScheduler.now() - startMs)), 50, 'due');
  steadyScheduler.schedule(() => log.push('cancelled'), 20).unsubscribe();
  jest.setSystemTime(Date.now() - 3_600_000);
  jest.advanceTimersByTime(50);
  expect(log).toEqual(['due', 50]);
});

import { limitPlanOf } from './limit-plan.js';
import { billedSeconds, closeUsage, countSeconds, noUsage, sessionUsageOf } from './usage.js';

test('what is billed begins with nothing, counts from 0, never backwards, and goes on over the sessions of the service', () => {
  expect([billedSeconds(noUsage), sessionUsageOf(noUsage).seconds]).toEqual([null, 0]);
  const begun = countSeconds(noUsage, 0);
  expect(billedSeconds(begun)).toBe(0);
  const counted = countSeconds(begun, 5);
  expect(countSeconds(counted, 3)).toBe(counted);
  expect(countSeconds(counted, 5)).toBe(counted);
  const closed = closeUsage(counted);
  expect(closeUsage(closed)).toBe(closed);
  expect(billedSeconds(closed)).toBe(5);
  expect(billedSeconds(countSeconds(closed, 2))).toBe(7);
});

test.each([
  [{ maxSeconds: 10, maxCost: 0.1 }, 0.02, 'maxCost', 5000],
  [{ maxSeconds: 4, maxCost: 0.1 }, 0.02, 'maxSeconds', 4000],
  [{ maxCost: 3 }, 1, 'maxCost', 3000],
  // 0.3 / 0.1 is a little less than 3.
  [{ maxCost: 0.3 }, 0.1, 'maxCost', 3000],
])('of %j at %d a second %s comes first, after %d ms', (limits, price, name, limitMs) => {
  expect(limitPlanOf(limits, price).billed).toMatchObject({ name, limitMs });
});

test('what costs nothing is not limited by money', () => {
  expect(limitPlanOf({ maxCost: 1 }, 0).billed?.limitMs).toBeGreaterThan(1e15);
  expect(limitPlanOf({ maxCost: 1 }, 0).billed?.limitMs).toBeLessThan(Number.POSITIVE_INFINITY);
});

test('nothing remains where more was billed than the limit', () => {
  expect(sessionUsageOf({ ...noUsage, seconds: 5, limitSeconds: 3 }).remainingSeconds).toBe(0);
});

test.each([
  ['half a short limit before', { maxSeconds: 4 }, { limitMs: 4000, warnAtMs: 2000 }],
  ['10 s before a long one', { maxSeconds: 60 }, { limitMs: 60_000, warnAtMs: 50_000 }],
  ['as long before as is asked for', { maxSeconds: 60, warnBeforeMs: 1000 }, { limitMs: 60_000, warnAtMs: 59_000 }],
  [
    'at once, where that is longer than the limit',
    { maxSeconds: 1, warnBeforeMs: 5000 },
    { limitMs: 1000, warnAtMs: 0 },
  ],
])('a warning comes %s', (_when, limits, expected) => {
  expect(limitPlanOf(limits, null).billed).toEqual({ name: 'maxSeconds', ...expected });
});

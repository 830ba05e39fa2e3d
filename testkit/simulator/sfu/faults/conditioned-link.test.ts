import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { ConditionedLink } from './conditioned-link.js';
import { clearLink } from './link-conditions.js';
import { seededRandom } from './random.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function linkWith(conditions: Partial<typeof clearLink>): {
  link: ConditionedLink;
  arrived: [number, number][];
  send(n: number): void;
} {
  const link = new ConditionedLink(seededRandom(1), () => performance.now());
  link.apply({ ...clearLink, ...conditions });
  const arrived: [number, number][] = [];
  const start = performance.now();
  const send = (n: number) => link.pass(1000, () => arrived.push([n, Math.round(performance.now() - start)]));
  return { link, arrived, send };
}

test('a clear link delivers at once', () => {
  const { arrived, send } = linkWith({});
  send(1);
  expect(arrived).toEqual([[1, 0]]);
});

test('a blackout delivers nothing', () => {
  const { arrived, send } = linkWith({ blackout: true });
  send(1);
  jest.runAllTimers();
  expect(arrived).toEqual([]);
});

test('loses the given share, the same packets for the same seed', () => {
  const lost = () => {
    const { arrived, send } = linkWith({ lossPercent: 10 });
    for (let n = 0; n < 2000; n += 1) send(n);
    return arrived.map(([n]) => n);
  };
  const first = lost();
  expect(first.length).toBeGreaterThan(1740);
  expect(first.length).toBeLessThan(1860);
  expect(lost()).toEqual(first);
});

test('delays, and keeps the order whatever the jitter', () => {
  const { arrived, send } = linkWith({ delayMs: 50, jitterMs: 40 });
  for (let n = 0; n < 20; n += 1) {
    send(n);
    jest.advanceTimersByTime(5);
  }
  jest.runAllTimers();
  expect(arrived.map(([n]) => n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  for (const [n, at] of arrived) {
    expect(at).toBeGreaterThanOrEqual(n * 5 + 50);
    expect(at).toBeLessThanOrEqual(n * 5 + 91 + 20);
  }
});

test('a capped link sends one after the other, and drops what would wait too long', () => {
  // 1,000 bytes at 80 kbit/s take 100 ms.
  const { arrived, send } = linkWith({ bandwidthKbps: 80 });
  for (let n = 0; n < 10; n += 1) send(n);
  jest.runAllTimers();
  expect(arrived).toEqual([
    [0, 100],
    [1, 200],
    [2, 300],
    [3, 400],
  ]);
});

test('what is on its way stays in front when the link is cleared', () => {
  const { link, arrived, send } = linkWith({ delayMs: 100 });
  send(1);
  link.apply(clearLink);
  send(2);
  jest.runAllTimers();
  expect(arrived.map(([n]) => n)).toEqual([1, 2]);
  send(3);
  expect(arrived).toHaveLength(3);
});

test('closing forgets what is on its way', () => {
  const { link, arrived, send } = linkWith({ delayMs: 100 });
  send(1);
  link.close();
  jest.runAllTimers();
  expect(arrived).toEqual([]);
});

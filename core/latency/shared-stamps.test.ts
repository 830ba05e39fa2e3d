import { trackersWithSharedStamps } from './shared-stamps.js';

test('a frame that one stamps is measured by whoever receives it, each by itself', () => {
  const create = trackersWithSharedStamps();
  const [one, other] = [create(), create()];
  one.markStart(0);
  const first = one.stampNext(10);
  one.recordInbound(first, 60);
  expect(one.snapshot().ttffMs).toBe(60);
  other.markStart(100);
  const second = one.stampNext(110);
  one.recordInbound(second, 150);
  other.recordInbound(second, 190);
  expect(other.snapshot().ttffMs).toBe(90);
  expect(one.snapshot().ttffMs).toBe(60);
});

test('no number is drawn twice, whoever draws it', () => {
  const create = trackersWithSharedStamps();
  const [one, other] = [create(), create()];
  expect([one, other, other, one].map((tracker) => tracker.stampNext(0))).toEqual([0, 1, 2, 3]);
});

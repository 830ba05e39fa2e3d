import { expect, test } from '@jest/globals';

import { ReceptionStats } from './reception-stats.js';

test('says nothing before the first packet', () => {
  expect(new ReceptionStats(1, 90_000).report(0)).toBeUndefined();
});

test('counts what is lost, for the interval and in all, across the wrap', () => {
  const stats = new ReceptionStats(1, 90_000);
  for (const sequence of [65_534, 65_535, 1, 2]) stats.received(sequence, 0, 0);
  expect(stats.report(0)).toMatchObject({ fractionLost: 51, packetsLost: 1, highestSequence: 0x10002 });
  for (const sequence of [3, 4]) stats.received(sequence, 0, 0);
  expect(stats.report(0)).toMatchObject({ fractionLost: 0, packetsLost: 1, highestSequence: 0x10004 });
});

test('measures jitter in timestamp units', () => {
  const steady = new ReceptionStats(1, 90_000);
  const shaken = new ReceptionStats(1, 90_000);
  for (let i = 0; i < 200; i += 1) {
    steady.received(i, i * 3000, (i * 1000) / 30);
    shaken.received(i, i * 3000, (i * 1000) / 30 + (i % 2) * 10);
  }
  expect(steady.report(0)?.jitter).toBeLessThanOrEqual(1);
  // 10 ms back and forth is 900 units each time.
  expect(shaken.report(0)?.jitter).toBeGreaterThan(850);
  expect(shaken.report(0)?.jitter).toBeLessThanOrEqual(900);
});

test('states how long ago the last sender report came, in 1/65536 s', () => {
  const stats = new ReceptionStats(1, 90_000);
  stats.received(1, 0, 0);
  expect(stats.report(0)).toMatchObject({ lastSenderReport: 0, delaySinceLastSenderReport: 0 });
  stats.senderReported(0x1234, 1000);
  expect(stats.report(1500)).toMatchObject({ lastSenderReport: 0x1234, delaySinceLastSenderReport: 32_768 });
});

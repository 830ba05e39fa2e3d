import { expect, test } from '@jest/globals';
import { createJournal, type ReceivedMessage } from './journal.js';

const MB = 1024 * 1024;
const message = (atMs: number): ReceivedMessage => ({ sessionId: 's', atMs, type: 'set_image', message: { atMs } });
const times = (received: readonly ReceivedMessage[]) => received.map(({ atMs }) => atMs);

test('the newest messages are kept, up to a number', () => {
  const journal = createJournal(2);
  for (const atMs of [1, 2, 3]) journal.record(message(atMs), 10);
  expect(times(journal.received)).toEqual([2, 3]);
});

test('the newest messages are kept, up to 16 MB, and the newest of all however large', () => {
  const journal = createJournal(1_000);
  for (let atMs = 1; atMs <= 100; atMs += 1) journal.record(message(atMs), MB);
  expect(times(journal.received)).toEqual(Array.from({ length: 16 }, (_, n) => 85 + n));
  journal.record(message(101), 64 * MB);
  expect(times(journal.received)).toEqual([101]);
  journal.record(message(102), 1);
  expect(times(journal.received)).toEqual([102]);
});

test('in the end large messages are let go, and what is known of them stays', () => {
  const journal = createJournal(10);
  journal.record(message(1), MB);
  journal.record(message(2), 100);
  journal.complete();
  expect(journal.received).toEqual([{ ...message(1), message: null }, message(2)]);
});

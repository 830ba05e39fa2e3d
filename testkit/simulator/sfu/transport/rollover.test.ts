import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { RolloverCounter } from './rollover.js';

test('counts wraps, also when the packets around one are missing or late', () => {
  const counter = new RolloverCounter();
  counter.accept(60_000);
  expect(counter.guess(3000)).toBe(1);
  counter.accept(3000);
  expect(counter.guess(60_001)).toBe(0);
  expect(counter.guess(3001)).toBe(1);
});

test('a packet that was not accepted changes nothing', () => {
  const counter = new RolloverCounter();
  counter.accept(60_000);
  counter.guess(10);
  expect(counter.guess(60_001)).toBe(0);
});

test('agrees with the true index over any gaps of less than half the space', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.array(fc.integer({ min: 1, max: 32_000 }), { maxLength: 100 }), (start, gaps) => {
      const counter = new RolloverCounter();
      let index = start;
      counter.accept(index & 0xffff);
      for (const gap of gaps) {
        index += gap;
        expect(counter.guess(index & 0xffff)).toBe(Math.floor(index / 0x10000));
        counter.accept(index & 0xffff);
      }
    }),
  );
});

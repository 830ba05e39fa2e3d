import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { GaplessNumbers } from './gapless-numbers.js';

/** Numbers packets in the order of their arrival; `p` marks padding. */
function numbers(arrivals: readonly (number | `p${number}`)[]): (number | undefined)[] {
  const stream = new GaplessNumbers();
  return arrivals.map((arrival) =>
    typeof arrival === 'number' ? stream.numberOf(arrival, false) : stream.numberOf(Number(arrival.slice(1)), true),
  );
}

describe('numbering a stream without its padding', () => {
  test('a stream without padding keeps its numbers, losses and order', () => {
    expect(numbers([100, 101, 104, 103, 105])).toEqual([100, 101, 104, 103, 105]);
  });

  test('padding is dropped and leaves no gap, once and several times in a row', () => {
    expect(numbers([100, 'p101', 102, 'p103', 'p104', 'p105', 106])).toEqual([
      100,
      undefined,
      101,
      undefined,
      undefined,
      undefined,
      102,
    ]);
  });

  test('a stream may begin with padding', () => {
    expect(numbers(['p100', 101, 102])).toEqual([undefined, 100, 101]);
  });

  test('numbers go on across the wrap, padding on either side of it', () => {
    expect(numbers([65_533, 'p65534', 65_535, 'p0', 1, 2])).toEqual([65_533, undefined, 65_534, undefined, 65_535, 0]);
    expect(numbers([65_534, 'p65535', 0])).toEqual([65_534, undefined, 65_535]);
  });

  test('a late packet gets the number left free for it, from before and after the padding', () => {
    expect(numbers([100, 'p102', 104, 101, 103])).toEqual([100, undefined, 103, 101, 102]);
  });

  test('a late packet from before the wrap gets its number', () => {
    expect(numbers([65_534, 'p0', 1, 65_535])).toEqual([65_534, undefined, 0, 65_535]);
  });

  test('a loss right before padding stays a loss, to be filled when it is repaired', () => {
    expect(numbers([100, 'p102', 103, 101])).toEqual([100, undefined, 102, 101]);
  });

  test('late padding fills the number that was left free for it', () => {
    expect(numbers([100, 102, 'p101', 103])).toEqual([100, 102, 101, 103]);
  });

  test('padding that arrives twice is dropped twice: its number belongs to the packet after it', () => {
    expect(numbers([100, 'p101', 102, 'p101', 103])).toEqual([100, undefined, 101, undefined, 102]);
  });

  test('a media packet that arrives twice gets the same number twice', () => {
    expect(numbers([100, 'p101', 102, 'p103', 102, 100])).toEqual([100, undefined, 101, undefined, 101, 100]);
  });

  test('more padding than is remembered leaves no gap either', () => {
    const stream = new GaplessNumbers();
    expect(stream.numberOf(0, false)).toBe(0);
    const padding = Array.from({ length: 0x1_0000 }, (_, index) => stream.numberOf((index + 1) & 0xffff, true));
    expect(padding.filter((number) => number !== undefined)).toEqual([]);
    expect(stream.numberOf(1, false)).toBe(1);
    expect(stream.numberOf(3, false)).toBe(3);
    expect(stream.numberOf(2, false)).toBe(2);
  });

  test('a packet too late for its number to be known is not forwarded', () => {
    expect(numbers([100, 'p101', 102 + 0x0800, 103, 102])).toEqual([100, undefined, 101 + 0x0800, 102, undefined]);
  });

  test('however packets are mixed up, the numbers are those of the stream without what was dropped', () => {
    const sent = fc.record({ isPadding: fc.boolean(), delay: fc.nat(12), lost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 300 }), fc.nat(0xffff), (packets, start) => {
        const stream = new GaplessNumbers();
        const arrivals = packets
          .map((packet, index) => ({ ...packet, index, at: index + packet.delay }))
          .filter(({ lost, index }) => !lost || index === 0)
          .sort((a, b) => a.at - b.at || a.index - b.index);
        const forwarded = arrivals.map(({ index, isPadding }) => ({
          index,
          isPadding,
          number: stream.numberOf((start + index) & 0xffff, isPadding),
        }));
        const dropped = forwarded.filter(({ number }) => number === undefined);
        expect(dropped.every(({ isPadding }) => isPadding)).toBe(true);
        for (const { index, number } of forwarded) {
          if (number === undefined) continue;
          const before = dropped.filter((each) => each.index < index).length;
          expect(number).toBe((start + index - before) & 0xffff);
        }
      }),
    );
  });
});

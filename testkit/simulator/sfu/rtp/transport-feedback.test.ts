import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { TransportFeedback } from './transport-feedback.js';

interface Decoded {
  base: number;
  count: number;
  reference: number;
  /** Sequence number → arrival in ticks of 250 µs. */
  received: Map<number, number>;
  missing: number[];
}

/** An independent reading of the draft, byte by byte. */
function decode(packet: Buffer): Decoded {
  expect(packet[1]).toBe(205);
  expect((packet[0] ?? 0) & 0x1f).toBe(15);
  expect(packet.length % 4).toBe(0);
  expect(packet.readUInt16BE(2)).toBe(packet.length / 4 - 1);
  const base = packet.readUInt16BE(12);
  const count = packet.readUInt16BE(14);
  const reference = packet.readIntBE(16, 3);
  const symbols: number[] = [];
  let at = 20;
  while (symbols.length < count) {
    const chunk = packet.readUInt16BE(at);
    at += 2;
    if (chunk & 0x8000) {
      const twoBit = (chunk & 0x4000) !== 0;
      const size = twoBit ? 7 : 14;
      for (let i = 0; i < size; i += 1) {
        symbols.push(twoBit ? (chunk >> (12 - 2 * i)) & 3 : (chunk >> (13 - i)) & 1);
      }
    } else {
      for (let i = 0; i < (chunk & 0x1fff); i += 1) symbols.push((chunk >> 13) & 3);
    }
  }
  const received = new Map<number, number>();
  const missing: number[] = [];
  let ticks = reference * 256;
  for (const [index, symbol] of symbols.slice(0, count).entries()) {
    const sequence = (base + index) & 0xffff;
    if (symbol === 0) missing.push(sequence);
    else {
      ticks += symbol === 1 ? packet.readUInt8(at) : packet.readInt16BE(at);
      at += symbol;
      received.set(sequence, ticks);
    }
  }
  const padding = (packet[0] ?? 0) & 0x20 ? (packet[packet.length - 1] ?? 0) : 0;
  expect(at + padding).toBe(packet.length);
  return { base, count, reference, received, missing };
}

function only(packets: Buffer[]): Decoded {
  expect(packets).toHaveLength(1);
  return decode(packets[0] ?? Buffer.alloc(0));
}

describe('transport-wide feedback', () => {
  test('states arrivals in steps of 250 µs from a reference of 64 ms', () => {
    const feedback = new TransportFeedback(1);
    feedback.received(10, 1_000_000);
    feedback.received(11, 1_000_500);
    feedback.received(12, 1_100_000);
    const { base, count, reference, received } = only(feedback.flush(7));
    expect({ base, count, reference }).toEqual({ base: 10, count: 3, reference: Math.floor(1_000_000 / 64_000) });
    expect([...received]).toEqual([
      [10, 4000],
      [11, 4002],
      [12, 4400],
    ]);
  });

  test('reports what is missing, also between two feedbacks', () => {
    const feedback = new TransportFeedback(1);
    feedback.received(65_534, 0);
    feedback.received(1, 1000);
    expect(only(feedback.flush(7)).missing).toEqual([65_535, 0]);
    feedback.received(4, 2000);
    const second = only(feedback.flush(7));
    expect(second.base).toBe(2);
    expect(second.missing).toEqual([2, 3]);
  });

  test('says nothing when nothing came', () => {
    const feedback = new TransportFeedback(1);
    expect(feedback.flush(7)).toEqual([]);
    feedback.received(1, 0);
    feedback.flush(7);
    expect(feedback.flush(7)).toEqual([]);
  });

  test('reports a latecomer again together with its neighbours', () => {
    const feedback = new TransportFeedback(1);
    for (const sequence of [1, 2, 4, 5]) feedback.received(sequence, sequence * 1000);
    expect(only(feedback.flush(7)).missing).toEqual([3]);
    feedback.received(3, 9000);
    const { missing, received } = only(feedback.flush(7));
    expect(missing).toEqual([]);
    expect([...received.keys()]).toEqual([3, 4, 5]);
    expect(received.get(3)).toBe(36);
  });

  test('begins a new feedback when the pause is too long for one', () => {
    const feedback = new TransportFeedback(1);
    feedback.received(1, 0);
    feedback.received(2, 20_000_000);
    const [first, second] = feedback.flush(7).map(decode);
    expect([...(first?.received ?? [])]).toEqual([[1, 0]]);
    expect([...(second?.received ?? [])]).toEqual([[2, 80_000]]);
  });

  test('an independent decoder reads back whatever was received', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.array(fc.record({ skip: fc.nat(30), waitUs: fc.nat(400_000) }), { minLength: 1, maxLength: 200 }),
        (start, steps) => {
          const feedback = new TransportFeedback(1);
          const expected = new Map<number, number>();
          let sequence = start;
          let nowUs = 5_000_000;
          for (const { skip, waitUs } of steps) {
            sequence = (sequence + 1 + skip) & 0xffff;
            nowUs += waitUs;
            feedback.received(sequence, nowUs);
            expected.set(sequence, Math.round(nowUs / 250));
          }
          const received = new Map(feedback.flush(9).flatMap((packet) => [...decode(packet).received]));
          expect(received).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { LayerSelector } from './layer-selector.js';
import { type ForwardCandidate, StreamRewriter } from './stream-rewriter.js';

const packet = (fields: Partial<ForwardCandidate>): ForwardCandidate => ({
  layer: 0,
  sequenceNumber: 100,
  timestamp: 9000,
  keyframe: false,
  arrivalMs: 0,
  ...fields,
});

const rewriter = () => new StreamRewriter(90_000, { sequenceNumber: 500, timestamp: 1_000_000 });

describe('rewriting a stream', () => {
  test('begins with a keyframe', () => {
    const stream = rewriter();
    expect(stream.rewrite(packet({}), 0)).toBeUndefined();
    expect(stream.rewrite(packet({ sequenceNumber: 101, keyframe: true }), 0)).toEqual({
      sequenceNumber: 500,
      timestamp: 1_000_000,
    });
  });

  test('keeps gaps and order as they came, so that the receiver can ask for what is missing', () => {
    const stream = rewriter();
    stream.rewrite(packet({ keyframe: true }), 0);
    const numbers = [103, 102, 105].map(
      (sequenceNumber) => stream.rewrite(packet({ sequenceNumber }), 0)?.sequenceNumber,
    );
    expect(numbers).toEqual([503, 502, 505]);
  });

  test('changes the layer on its keyframe only, and goes on without a gap', () => {
    const stream = rewriter();
    stream.rewrite(packet({ keyframe: true }), 0);
    stream.rewrite(packet({ sequenceNumber: 101, arrivalMs: 33 }), 0);
    expect(stream.rewrite(packet({ layer: 1, sequenceNumber: 7000, timestamp: 77 }), 1)).toBeUndefined();
    expect(stream.rewrite(packet({ sequenceNumber: 102, arrivalMs: 66 }), 1)?.sequenceNumber).toBe(502);
    const entered = stream.rewrite(
      packet({ layer: 1, sequenceNumber: 7001, timestamp: 77, keyframe: true, arrivalMs: 99 }),
      1,
    );
    expect(entered).toEqual({ sequenceNumber: 503, timestamp: 1_000_000 + 33 * 90 });
    expect(stream.currentLayer).toBe(1);
    expect(stream.rewrite(packet({ sequenceNumber: 103 }), 1)).toBeUndefined();
    expect(stream.rewrite(packet({ layer: 1, sequenceNumber: 7000, timestamp: 70 }), 1)).toBeUndefined();
  });

  test('after a pause the stream continues where it stopped', () => {
    const stream = rewriter();
    stream.rewrite(packet({ keyframe: true }), 0);
    stream.pause();
    expect(stream.rewrite(packet({ sequenceNumber: 101 }), 0)).toBeUndefined();
    expect(stream.rewrite(packet({ sequenceNumber: 900, keyframe: true, arrivalMs: 10 }), 0)).toEqual({
      sequenceNumber: 501,
      timestamp: 1_000_000 + 900,
    });
  });

  test('however layers come and go, what goes out has no gap and no repetition', () => {
    const step = fc.record({ layer: fc.nat(2), wanted: fc.nat(2), keyframe: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.nat(0xffff), (steps, start) => {
        const stream = new StreamRewriter(90_000, { sequenceNumber: start, timestamp: 0xffff_ff00 });
        const next = [10, 65_500, 30_000];
        const out: number[] = [];
        steps.forEach(({ layer, wanted, keyframe }, index) => {
          const sequenceNumber = next[layer] ?? 0;
          next[layer] = (sequenceNumber + 1) & 0xffff;
          const position = stream.rewrite(
            { layer, keyframe, sequenceNumber, timestamp: index * 3000, arrivalMs: index * 33 },
            wanted,
          );
          if (position) out.push(position.sequenceNumber);
        });
        expect(out).toEqual(out.map((_, index) => (start + index) & 0xffff));
      }),
    );
  });
});

describe('choosing a layer', () => {
  const top = Number.MAX_SAFE_INTEGER;

  test('waits for the best layer, but not for longer than a second', () => {
    const selector = new LayerSelector(3);
    expect(selector.best(0, top)).toBeUndefined();
    selector.received(0, 0);
    selector.received(1, 0);
    expect(selector.best(999, top)).toBeUndefined();
    expect(selector.best(1000, top)).toBe(1);
    selector.received(2, 1100);
    expect(selector.best(1100, top)).toBe(2);
  });

  test('does not wait for smaller layers than the one that is wanted', () => {
    const selector = new LayerSelector(3);
    selector.received(1, 0);
    expect(selector.best(0, top)).toBeUndefined();
    expect(selector.best(0, 1)).toBe(1);
    selector.received(2, 1);
    expect(selector.best(1, top)).toBe(2);
  });

  test('goes down when the best layer falls silent, and up again when it is back', () => {
    const selector = new LayerSelector(2);
    selector.received(0, 0);
    selector.received(1, 0);
    expect(selector.best(0, top)).toBe(1);
    selector.received(0, 600);
    expect(selector.best(600, top)).toBe(1);
    selector.received(0, 701);
    expect(selector.best(701, top)).toBe(0);
    selector.received(1, 800);
    expect(selector.best(800, top)).toBe(1);
  });

  test('a pause of the whole track changes nothing', () => {
    const selector = new LayerSelector(2);
    selector.received(0, 0);
    selector.received(1, 0);
    expect(selector.best(60_000, top)).toBe(1);
  });

  test('does not go above what the subscriber wants, but rather above than nothing', () => {
    const selector = new LayerSelector(3);
    for (const layer of [0, 1, 2]) selector.received(layer, 0);
    expect(selector.best(0, 1)).toBe(1);
    selector.received(2, 5000);
    expect(selector.best(5000, 1)).toBe(2);
  });
});

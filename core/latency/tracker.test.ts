import fc from 'fast-check';
import { latencyReport, latencyUnavailable } from './report.js';
import { createLatencyTracker, type LatencyTracker } from './tracker.js';

/** Past warm-up at 10 s, with nothing in flight. */
function warmTracker(): LatencyTracker {
  const tracker = createLatencyTracker();
  tracker.markStart(0);
  tracker.recordInbound(tracker.stampNext(900), 1000);
  return tracker;
}

const roundTrip = (tracker: LatencyTracker, atMs: number, latencyMs: number) =>
  tracker.recordInbound(tracker.stampNext(atMs), atMs + latencyMs);

describe('the latency tracker', () => {
  it('knows nothing at first', () => {
    expect(createLatencyTracker().snapshot()).toEqual({
      ttffMs: null,
      medianMs: null,
      p90Ms: null,
      dropRatio: null,
      sampleCount: 0,
      outcomeCount: 0,
    });
  });

  it('numbers from 0 to 65535 and around, also across a new try', () => {
    const tracker = createLatencyTracker();
    tracker.markStart(0);
    const wrong: number[] = [];
    for (let seq = 0; seq < 65_535; seq += 1) if (tracker.stampNext(seq) !== seq) wrong.push(seq);
    expect(wrong).toEqual([]);
    tracker.markStart(70_000);
    expect(tracker.stampNext(70_000)).toBe(65_535);
    expect(tracker.stampNext(70_001)).toBe(0);
    tracker.recordInbound(65_535, 70_500);
    tracker.recordInbound(0, 70_600);
    expect(tracker.snapshot().ttffMs).toBe(500);
  });

  it('takes latencies that come ready, from 2 s after the first, and counts no outcomes of them', () => {
    const tracker = createLatencyTracker();
    tracker.markStart(100);
    for (const [latencyMs, nowMs] of [
      [-1, 300],
      [60_001, 400],
      [40, 500],
      [50, 2499],
      [60, 2500],
      [90, 2600],
      [70, 2700],
    ] as const) {
      tracker.recordLatency(latencyMs, nowMs);
    }
    expect(tracker.snapshot()).toEqual({
      ttffMs: 400,
      medianMs: 70,
      p90Ms: 90,
      dropRatio: null,
      sampleCount: 3,
      outcomeCount: 0,
    });
  });

  it('measures across the wrap', () => {
    const tracker = warmTracker();
    for (let count = 0; count < 65_530; count += 1) tracker.stampNext(3000);
    tracker.markStart(10_000);
    roundTrip(tracker, 10_000, 100);
    for (let count = 0; count < 10; count += 1) roundTrip(tracker, 13_000 + count * 33, 250);
    expect(tracker.snapshot()).toMatchObject({ medianMs: 250, sampleCount: 10 });
  });

  it('takes the time to first frame from the start of the try', () => {
    const tracker = createLatencyTracker();
    tracker.markStart(1000);
    const seq = tracker.stampNext(2000);
    tracker.recordInbound(seq, 2750);
    expect(tracker.snapshot()).toMatchObject({ ttffMs: 1750, sampleCount: 0, outcomeCount: 0 });
  });

  it('counts from 2 s after the first match', () => {
    const tracker = warmTracker();
    roundTrip(tracker, 2899, 100);
    expect(tracker.snapshot().sampleCount).toBe(0);
    roundTrip(tracker, 2900, 100);
    expect(tracker.snapshot()).toMatchObject({ sampleCount: 1, medianMs: 100 });
  });

  it('ignores unknown and repeated numbers', () => {
    const tracker = warmTracker();
    const seq = tracker.stampNext(5000);
    tracker.recordInbound(seq, 5100);
    tracker.recordInbound(seq, 5900);
    tracker.recordInbound(40_000, 5900);
    tracker.recordInbound(-1, 5900);
    tracker.recordInbound(Number.NaN, 5900);
    expect(tracker.snapshot()).toMatchObject({ sampleCount: 1, outcomeCount: 1, medianMs: 100 });
  });

  it('discards a latency outside 0..60 s, also as a first match', () => {
    const fresh = createLatencyTracker();
    fresh.markStart(0);
    fresh.recordInbound(fresh.stampNext(0), 60_001);
    expect(fresh.snapshot().ttffMs).toBeNull();

    const tracker = warmTracker();
    roundTrip(tracker, 5000, -1);
    roundTrip(tracker, 5000, 60_001);
    roundTrip(tracker, 5000, Number.NaN);
    expect(tracker.snapshot()).toMatchObject({ sampleCount: 0, outcomeCount: 0 });
    roundTrip(tracker, 5000, 60_000);
    roundTrip(tracker, 5000, 0);
    expect(tracker.snapshot()).toMatchObject({ sampleCount: 2, outcomeCount: 2 });
  });

  it('discards what was stamped before the first match', () => {
    const tracker = createLatencyTracker();
    tracker.markStart(0);
    const early = tracker.stampNext(0);
    const matched = tracker.stampNext(100);
    const later = tracker.stampNext(200);
    tracker.recordInbound(matched, 300);
    tracker.recordInbound(early, 9000);
    expect(tracker.snapshot().sampleCount).toBe(0);
    tracker.recordInbound(later, 9000);
    expect(tracker.snapshot().sampleCount).toBe(1);
  });

  it('gives up the oldest beyond 256 in flight, as a drop only past warm-up', () => {
    const tracker = warmTracker();
    for (let count = 0; count < 256 + 10; count += 1) tracker.stampNext(2999);
    expect(tracker.snapshot().outcomeCount).toBe(0);
    for (let count = 0; count < 29; count += 1) tracker.stampNext(3000);
    expect(tracker.snapshot()).toMatchObject({ outcomeCount: 29, dropRatio: null });
    tracker.stampNext(3000);
    expect(tracker.snapshot()).toMatchObject({ outcomeCount: 30, dropRatio: 1 });
  });

  it('counts no drops before anything came through', () => {
    const tracker = createLatencyTracker();
    tracker.markStart(0);
    for (let count = 0; count < 2000; count += 1) tracker.stampNext(count * 33);
    expect(tracker.snapshot().outcomeCount).toBe(0);
  });

  it('knows the share of drops among the last 300 outcomes', () => {
    const tracker = warmTracker();
    // Every fourth number never comes back; it is given up 256 frames later.
    for (let count = 0; count < 2000; count += 1) {
      const seq = tracker.stampNext(5000 + count * 33);
      if (count % 4 !== 0) tracker.recordInbound(seq, 5000 + count * 33 + 100);
    }
    expect(tracker.snapshot()).toMatchObject({ outcomeCount: 300, sampleCount: 300 });
    expect(tracker.snapshot().dropRatio).toBeCloseTo(0.25, 1);
  });

  it.each([
    [[100], 100, 100],
    [[300, 100], 200, 300],
    [[3, 1, 2], 2, 3],
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 5.5, 10],
    [Array.from({ length: 20 }, (_, index) => index + 1), 10.5, 19],
    [Array.from({ length: 300 }, (_, index) => index), 149.5, 270],
    [[...new Array<number>(300).fill(59_000), ...new Array<number>(300).fill(5)], 5, 5],
  ])('has median and p90 of %j', (latencies, medianMs, p90Ms) => {
    const tracker = warmTracker();
    for (const latencyMs of latencies) roundTrip(tracker, 5000, latencyMs);
    expect(tracker.snapshot()).toMatchObject({ medianMs, p90Ms });
  });

  it('forgets everything when a new try starts, also what is in flight', () => {
    const tracker = warmTracker();
    const inFlight = tracker.stampNext(4000);
    roundTrip(tracker, 5000, 100);
    tracker.markStart(6000);
    tracker.recordInbound(inFlight, 6100);
    expect(tracker.snapshot()).toMatchObject({ ttffMs: null, medianMs: null, sampleCount: 0, outcomeCount: 0 });
  });

  it('measures a constant delay exactly, whatever is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), fc.array(fc.boolean(), { maxLength: 400 }), (delayMs, lost) => {
        const tracker = warmTracker();
        lost.forEach((isLost, index) => {
          if (isLost) tracker.stampNext(5000 + index * 33);
          else roundTrip(tracker, 5000 + index * 33, delayMs);
        });
        const { medianMs, p90Ms, dropRatio, sampleCount } = tracker.snapshot();
        expect(sampleCount).toBe(Math.min(300, lost.filter((isLost) => !isLost).length));
        expect(medianMs).toBe(sampleCount > 0 ? delayMs : null);
        expect(p90Ms).toBe(medianMs);
        if (dropRatio !== null) expect(dropRatio).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('latencyReport', () => {
  it('gives a reason exactly as long as there is no latency', () => {
    const tracker = createLatencyTracker();
    tracker.markStart(0);
    expect(latencyReport(tracker.snapshot()).unavailable).toBe('no-marker-read');
    roundTrip(tracker, 0, 100);
    expect(latencyReport(tracker.snapshot())).toMatchObject({ unavailable: 'warming-up', ttffMs: 100 });
    roundTrip(tracker, 3000, 100);
    expect(latencyReport(tracker.snapshot())).toMatchObject({ unavailable: null, medianMs: 100 });
    expect(latencyUnavailable('debug-quality-off')).toMatchObject({ unavailable: 'debug-quality-off', medianMs: null });
  });
});

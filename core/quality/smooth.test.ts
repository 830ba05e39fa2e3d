import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type ConnectionQuality, noQualitySignals, type QualitySignals, qualityRank } from './score.js';
import { type ConnectionQualityReport, qualityReports } from './smooth.js';
import { androidQualityThresholds, defaultQualityThresholds, type QualityThresholds } from './thresholds.js';

const signals = (given: Partial<QualitySignals>): QualitySignals => ({ ...noQualitySignals, ...given });
const good = signals({ rttMs: 10, fps: 30 });
const frozen = signals({ rttMs: 10, fps: 0 });
const slow = signals({ rttMs: 400, fps: 30 });
const starved = signals({ rttMs: 10, fps: 30, availableOutgoingKbps: 100 });
// One sample wide: what is fed is what is judged, so that hysteresis is seen by itself.
const unsmoothed: Partial<QualityThresholds> = { windowSamples: 1, warmUpSamples: 0 };

async function reportsFor(
  samples: readonly QualitySignals[],
  thresholds?: Partial<QualityThresholds>,
): Promise<ConnectionQualityReport[]> {
  return lastValueFrom(from(samples).pipe(qualityReports(thresholds), toArray()));
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const levels = (reports: readonly ConnectionQualityReport[]) => reports.map(({ quality }) => quality);

describe('qualityReports', () => {
  const marbles = (
    input: string,
    expected: string,
    values: Record<string, QualitySignals>,
    thresholds: Partial<QualityThresholds>,
  ) => {
    const scheduler = new TestScheduler((actual, wanted) => {
      expect(actual).toEqual(wanted);
    });
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold<QualitySignals>(input, values);
      const seen$ = source$.pipe(qualityReports(thresholds));
      const shown: Record<string, ConnectionQuality> = { G: 'good', F: 'fair', P: 'poor', C: 'critical' };
      expectObservable(seen$).toBe(
        expected,
        Object.fromEntries(
          Object.entries(shown).map(([letter, quality]) => [letter, expect.objectContaining({ quality })]),
        ),
      );
      expectSubscriptions(source$.subscriptions).toBe(`^${'-'.repeat(input.length - 2)}!`);
    });
  };

  it('answers every sample at once and changes the level only after enough of a kind', () => {
    marbles('g-s-s-s-s-s-g|', 'G-G-G-G-G-P-P|', { g: good, s: slow }, unsmoothed);
  });

  it('starts counting again when another level, or the shown one, comes between', () => {
    marbles('gssgssfsssssg|', 'GGGGGGGGGGGPP|', { g: good, s: slow, f: frozen }, unsmoothed);
  });

  it('recovers after enough good samples', () => {
    marbles('sggggg|', 'PPPPPG|', { g: good, s: slow }, unsmoothed);
  });

  it('moves faster at the cadence of Android', () => {
    marbles('gssgg|', 'GGPPG|', { g: good, s: slow }, { ...androidQualityThresholds, ...unsmoothed });
  });

  it('passes an error on', () => {
    const scheduler = new TestScheduler((actual, wanted) => {
      expect(actual).toEqual(wanted);
    });
    scheduler.run(({ cold, expectObservable }) => {
      const reports$ = cold<QualitySignals>('--#', {}, new Error('gone')).pipe(qualityReports());
      expectObservable(reports$).toBe('--#', {}, new Error('gone'));
    });
  });

  it('gives each subscription a memory of its own', async () => {
    const reports$ = from([slow, good]).pipe(qualityReports(unsmoothed));
    expect(levels(await lastValueFrom(reports$.pipe(toArray())))).toEqual(['poor', 'poor']);
    expect(levels(await lastValueFrom(reports$.pipe(toArray())))).toEqual(['poor', 'poor']);
  });

  it.each([
    ['1 s', defaultQualityThresholds, 8],
    ['3 s', androidQualityThresholds, 3],
  ] as const)(
    'at %s judges the last sample of the warm-up in full, and commits it at once',
    async (_, thresholds, count) => {
      const reports = await reportsFor(times(count, starved), thresholds);
      expect(reports.map(({ warmingUp }) => warmingUp)).toEqual([...times(count - 1, true), false]);
      expect(levels(reports)).toEqual([...times<ConnectionQuality>(count - 1, 'good'), 'critical']);
      expect(reports.at(-1)?.limitingFactor).toBe('bandwidth');
    },
  );

  it('shows the first verdict at once, however bad', async () => {
    expect(levels(await reportsFor([frozen]))).toEqual(['critical']);
  });

  it('smooths by the median, and fps by the minimum', async () => {
    const samples = [
      signals({ rttMs: 10, fps: 30, fractionLost: 0, availableOutgoingKbps: 4000, g2gMs: 100 }),
      signals({ rttMs: 900, fps: 30, fractionLost: 128, availableOutgoingKbps: 10, g2gMs: 3000 }),
      signals({ rttMs: 20, fps: 18, fractionLost: 0.002, availableOutgoingKbps: 5000, g2gMs: 200 }),
    ];
    const last = (await reportsFor(samples)).at(-1);
    expect(last?.metrics).toEqual({
      rttMs: 20,
      g2gMs: 200,
      ttffMs: null,
      fps: 18,
      packetLoss: 0.002,
      upstreamJitterMs: null,
      g2gDropRatio: null,
      availableUpstreamKbps: 4000,
    });
  });

  it('does not push what was not measured', async () => {
    const reports = await reportsFor([signals({ rttMs: 100 }), signals({}), signals({ rttMs: 200 }), signals({})]);
    expect(reports.map(({ metrics }) => metrics.rttMs)).toEqual([100, 100, 150, 150]);
  });

  it('forgets what has left the window', async () => {
    const reports = await reportsFor([signals({ fps: 1 }), ...times(5, signals({ fps: 30 }))]);
    expect(reports.map(({ metrics }) => metrics.fps)).toEqual([1, 1, 1, 1, 1, 30]);
  });

  it('follows the live cause and holds it while a bad level is held', async () => {
    const lossy = signals({ rttMs: 10, fractionLost: 0.04 });
    const reports = await reportsFor([slow, lossy, lossy, good, good], unsmoothed);
    expect(levels(reports)).toEqual(times(5, 'poor'));
    expect(reports.map(({ limitingFactor }) => limitingFactor)).toEqual(['latency', 'loss', 'loss', 'loss', 'loss']);
  });

  it('says why there is no glass-to-glass latency', async () => {
    const reports = await reportsFor([
      signals({ g2gUnavailable: 'no-marker-read' }),
      signals({ g2gMs: 100, g2gUnavailable: null }),
    ]);
    expect(reports.map(({ g2gUnavailable }) => g2gUnavailable)).toEqual(['no-marker-read', null]);
  });
});

describe('thresholds of one’s own', () => {
  const bad = { ...unsmoothed, downgradeSamples: 1, upgradeSamples: 1 };

  it('show one bad second for one second, where the default shows it for as long as the window', async () => {
    const samples = [good, frozen, ...times(6, good)];
    expect(levels(await reportsFor(samples, bad))).toEqual(['good', 'critical', ...times(6, 'good')]);
  });

  it('show an alternation that the default smooths over', async () => {
    const wavering = [1, 2, 3, 4].flatMap(() => [signals({ fps: 15 }), slow]);
    expect(new Set(levels(await reportsFor(wavering, bad)))).toEqual(new Set(['fair', 'poor']));
  });

  it('take undefined for the default, and bands in part', async () => {
    const given = { windowSamples: undefined, rttMs: { good: 5, fair: undefined, poor: undefined } };
    const [report] = await reportsFor([good], given as unknown as Partial<QualityThresholds>);
    expect(report?.quality).toBe('fair');
  });

  it.each<[string, unknown]>([
    ['thresholds.windowSamples', { windowSamples: 0 }],
    ['thresholds.warmUpSamples', { warmUpSamples: 1.5 }],
    ['thresholds.requiredUpstreamKbps', { requiredUpstreamKbps: Number.NaN }],
    ['thresholds.rttMs', { rttMs: 150 }],
    ['thresholds.rttMs.good', { rttMs: { good: '1' } }],
    ['thresholds.rttMs', { rttMs: { good: 400 } }],
    ['thresholds.fps', { fps: { good: 4 } }],
    ['thresholds.fpsMin', { fpsMin: 4 }],
    ['thresholds', 5],
  ])('name what is wrong: %s', (field, given) => {
    expect(() => qualityReports(given as Partial<QualityThresholds>)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', data: { field } }),
    );
  });
});

describe('qualityReports, for any signals', () => {
  const sample = fc.constantFrom(good, frozen, slow, starved, signals({ rttMs: 200 }), signals({}));

  it.each([
    ['1 s', defaultQualityThresholds],
    ['3 s', androidQualityThresholds],
  ] as const)('at %s never changes the level faster than specified', async (_, thresholds) => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 60 }), async (samples) => {
        const shown = levels(await reportsFor(samples, thresholds));
        const commit = thresholds.warmUpSamples - 1;
        let lastChange = 0;
        for (let index = 1; index < shown.length; index += 1) {
          const before = shown[index - 1] ?? 'good';
          const now = shown[index] ?? 'good';
          if (index === commit) lastChange = index;
          if (now === before || index === commit) continue;
          const isWorse = qualityRank(now) > qualityRank(before);
          const needed = isWorse ? thresholds.downgradeSamples : thresholds.upgradeSamples;
          expect(index - lastChange).toBeGreaterThanOrEqual(needed);
          lastChange = index;
        }
      }),
    );
  });

  it('settles on the verdict of signals that stay the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { maxLength: 20 }), async (before) => {
        const reports = await reportsFor([...before, ...times(20, signals({ rttMs: 400, fps: 30 }))]);
        const starves = before.some(({ availableOutgoingKbps }) => availableOutgoingKbps !== null);
        // Bandwidth is not measured any more, so what was known of it last stays in force.
        const isScored = starves && before.length + 20 >= defaultQualityThresholds.warmUpSamples;
        expect(reports.at(-1)?.quality).toBe(isScored ? 'critical' : 'poor');
      }),
    );
  });
});

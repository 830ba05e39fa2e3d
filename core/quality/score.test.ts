import fc from 'fast-check';
import {
  type ConnectionQuality,
  type LimitingFactor,
  noQualitySignals,
  type QualitySignals,
  qualityRank,
  scoreQuality,
} from './score.js';
import { defaultQualityThresholds } from './thresholds.js';

const score = (signals: Partial<QualitySignals>) => scoreQuality({ ...noQualitySignals, ...signals });

describe('scoreQuality', () => {
  it.each<[Partial<QualitySignals>, ConnectionQuality, LimitingFactor]>([
    [{}, 'good', 'none'],
    [{ rttMs: 150 }, 'good', 'none'],
    [{ rttMs: 150.1 }, 'fair', 'latency'],
    [{ rttMs: 300 }, 'fair', 'latency'],
    [{ rttMs: 301 }, 'poor', 'latency'],
    [{ rttMs: 500 }, 'poor', 'latency'],
    [{ rttMs: 501 }, 'critical', 'latency'],
    [{ rttMs: 250, isRelayed: true }, 'good', 'none'],
    [{ rttMs: 600, isRelayed: true }, 'poor', 'latency'],
    [{ rttMs: 601, isRelayed: true }, 'critical', 'latency'],
    [{ rttMs: 9999, g2gMs: 500 }, 'good', 'none'],
    [{ g2gMs: 501, isRelayed: true }, 'fair', 'latency'],
    [{ g2gMs: 900 }, 'fair', 'latency'],
    [{ g2gMs: 1500 }, 'poor', 'latency'],
    [{ g2gMs: 1501 }, 'critical', 'latency'],
    [{ ttffMs: 99_999 }, 'good', 'none'],
    [{ fractionLost: 0.001 }, 'good', 'none'],
    [{ fractionLost: 0.01 }, 'fair', 'loss'],
    [{ fractionLost: 0.05 }, 'poor', 'loss'],
    [{ fractionLost: 0.051 }, 'critical', 'loss'],
    [{ fractionLost: 2 }, 'fair', 'loss'],
    [{ fractionLost: 12 }, 'poor', 'loss'],
    [{ fractionLost: 13 }, 'critical', 'loss'],
    [{ g2gDropRatio: 0.001 }, 'good', 'none'],
    [{ g2gDropRatio: 0.01 }, 'fair', 'stall'],
    [{ g2gDropRatio: 0.05 }, 'poor', 'stall'],
    [{ g2gDropRatio: 0.06 }, 'critical', 'stall'],
    [{ availableOutgoingKbps: 3500 }, 'good', 'none'],
    [{ availableOutgoingKbps: 3499 }, 'fair', 'bandwidth'],
    [{ availableOutgoingKbps: 2800 }, 'fair', 'bandwidth'],
    [{ availableOutgoingKbps: 1750 }, 'poor', 'bandwidth'],
    [{ availableOutgoingKbps: 1749 }, 'critical', 'bandwidth'],
    [{ fps: 20 }, 'good', 'none'],
    [{ fps: 12 }, 'fair', 'stall'],
    [{ fps: 5 }, 'poor', 'stall'],
    [{ fps: 4.9 }, 'critical', 'stall'],
    [{ freezeCountDelta: 1 }, 'fair', 'stall'],
    [{ freezeCountDelta: 1, fps: 6 }, 'poor', 'stall'],
    [{ qualityLimitationReason: 'bandwidth' }, 'fair', 'bandwidth'],
    [{ qualityLimitationReason: 'bandwidth', availableOutgoingKbps: 100 }, 'critical', 'bandwidth'],
    [{ qualityLimitationReason: 'cpu' }, 'good', 'cpu'],
    [{ qualityLimitationReason: 'cpu', fps: 12 }, 'fair', 'stall'],
    [{ qualityLimitationReason: 'other' }, 'good', 'none'],
    [{ rttMs: 400, fps: 6, fractionLost: 0.04, availableOutgoingKbps: 2000 }, 'poor', 'bandwidth'],
    [{ rttMs: 400, fps: 6, fractionLost: 0.04 }, 'poor', 'loss'],
    [{ rttMs: 400, fps: 6 }, 'poor', 'latency'],
    [{ rttMs: 200, fps: 6 }, 'poor', 'stall'],
    [{ rttMs: Number.NaN, fps: Number.NaN }, 'good', 'none'],
  ])('%j is %s, limited by %s', (signals, quality, limitingFactor) => {
    expect(score(signals)).toMatchObject({ quality, limitingFactor });
  });

  it('leaves bandwidth out when asked to', () => {
    const signals = { ...noQualitySignals, availableOutgoingKbps: 1, qualityLimitationReason: 'bandwidth' };
    expect(scoreQuality(signals, defaultQualityThresholds, { skipBitrate: true })).toMatchObject({
      quality: 'good',
      limitingFactor: 'none',
      bandwidth: 'good',
    });
  });

  it('treats a metric that is left out like one that is null', () => {
    const quality = scoreQuality({} as QualitySignals).quality;
    expect(quality).toBe('good');
  });
});

const metric = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }));
const anySignals: fc.Arbitrary<QualitySignals> = fc.record({
  rttMs: metric(1000),
  g2gMs: metric(3000),
  ttffMs: metric(20_000),
  upstreamJitterMs: metric(100),
  fractionLost: metric(1),
  g2gDropRatio: metric(1),
  availableOutgoingKbps: metric(6000),
  fps: metric(60),
  freezeCountDelta: fc.option(fc.nat(3)),
  qualityLimitationReason: fc.option(fc.constantFrom('none', 'cpu', 'bandwidth', 'other')),
  isRelayed: fc.option(fc.boolean()),
});

const rank = (signals: QualitySignals) => qualityRank(scoreQuality(signals).quality);

describe('scoreQuality, for any signals', () => {
  const higherIsWorse = ['rttMs', 'g2gMs', 'fractionLost', 'g2gDropRatio', 'freezeCountDelta'] as const;
  const lowerIsWorse = ['availableOutgoingKbps', 'fps'] as const;

  it.each(higherIsWorse)('never judges better for a higher %s', (name) => {
    fc.assert(
      fc.property(
        anySignals,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1 }),
        (base, a, b) => {
          const span = name === 'fractionLost' || name === 'g2gDropRatio' ? 1 : 3000;
          const better = Math.min(a, b) * span;
          const worse = Math.max(a, b) * span;
          expect(rank({ ...base, [name]: worse })).toBeGreaterThanOrEqual(rank({ ...base, [name]: better }));
        },
      ),
    );
  });

  it.each(lowerIsWorse)('never judges better for a lower %s', (name) => {
    fc.assert(
      fc.property(
        anySignals,
        fc.double({ min: 0, max: 6000, noNaN: true }),
        fc.double({ min: 0, max: 6000 }),
        (base, a, b) => {
          const worse = rank({ ...base, [name]: Math.min(a, b) });
          expect(worse).toBeGreaterThanOrEqual(rank({ ...base, [name]: Math.max(a, b) }));
        },
      ),
    );
  });

  it('is the worst of its dimensions and names one of them as the cause', () => {
    fc.assert(
      fc.property(anySignals, (signals) => {
        const result = scoreQuality(signals);
        const dimensions = { ...result };
        const ranks = [result.bandwidth, result.latency, result.loss, result.stall].map(qualityRank);
        expect(qualityRank(result.quality)).toBe(Math.max(...ranks));
        if (result.quality === 'good') expect(['none', 'cpu']).toContain(result.limitingFactor);
        else expect(dimensions[result.limitingFactor as 'loss']).toBe(result.quality);
      }),
    );
  });

  it('never judges worse for a metric that is missing', () => {
    const metrics = ['fractionLost', 'g2gDropRatio', 'availableOutgoingKbps', 'fps', 'freezeCountDelta'] as const;
    fc.assert(
      fc.property(anySignals, fc.constantFrom(...metrics), (signals, missing) => {
        expect(rank({ ...signals, [missing]: null })).toBeLessThanOrEqual(rank(signals));
      }),
    );
  });
});

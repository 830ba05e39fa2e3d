// The evaluator of Decart's own SDK judges the same samples: a development dependency, so an ES module in a process of
// its own.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { noQualitySignals, type QualitySignals } from './score.js';
import { initialQualityState, stepQuality } from './smooth.js';
import { androidQualityThresholds, defaultQualityThresholds, type QualityThresholds } from './thresholds.js';

const evaluator = join(__dirname, '../../node_modules/@decartai/sdk/dist/realtime/observability/connection-quality.js');

const judge = `
  import { readFileSync } from 'node:fs';
  const { ConnectionQualityEvaluator } = await import(process.argv[1]);
  const verdicts = JSON.parse(readFileSync(0, 'utf8')).map(({ thresholds, samples }) => {
    const evaluator = new ConnectionQualityEvaluator(thresholds);
    return samples.map((sample) => {
      evaluator.update(sample);
      const { quality, limitingFactor, warmingUp } = evaluator.current();
      return [quality, limitingFactor, warmingUp].join();
    });
  });
  process.stdout.write(JSON.stringify(verdicts));
`;

/** The same limits in that SDK's words. */
const theirs = (ours: QualityThresholds) => ({
  rtt: {
    goodMs: ours.rttMs.good,
    fairMs: ours.rttMs.fair,
    poorMs: ours.rttMs.poor,
    relayExtraMs: ours.relayAllowanceMs,
  },
  glassToGlass: { goodMs: ours.g2gMs.good, fairMs: ours.g2gMs.fair, poorMs: ours.g2gMs.poor },
  loss: ours.fractionLost,
  g2gDrop: ours.g2gDropRatio,
  upstream: {
    requiredUpstreamKbps: ours.requiredUpstreamKbps,
    goodRatio: ours.upstreamRatio.good,
    fairRatio: ours.upstreamRatio.fair,
    poorRatio: ours.upstreamRatio.poor,
  },
  stall: { goodFps: ours.fps.good, fairFps: ours.fps.fair, poorFps: ours.fps.poor },
  windowSamples: ours.windowSamples,
  warmupSamples: ours.warmUpSamples,
  downgradeConsecutive: ours.downgradeSamples,
  upgradeConsecutive: ours.upgradeSamples,
});

/** The same sample as statistics, from which that SDK takes its signals. */
const statsOf = (signals: QualitySignals) => ({
  connection: {
    currentRoundTripTime: null,
    availableOutgoingBitrate: signals.availableOutgoingKbps === null ? null : signals.availableOutgoingKbps * 1000,
    selectedCandidatePairs: [{ local: { candidateType: signals.isRelayed ? 'relay' : 'host' }, remote: {} }],
  },
  remoteInbound: {
    roundTripTime: signals.rttMs === null ? null : signals.rttMs / 1000,
    fractionLost: signals.fractionLost,
  },
  glassToGlass: { medianMs: signals.g2gMs, dropRatio: signals.g2gDropRatio },
  video: { framesPerSecond: signals.fps, freezeCountDelta: signals.freezeCountDelta },
  outboundVideo: { qualityLimitationReason: signals.qualityLimitationReason },
});

const oneOf = <T>(...values: T[]) => fc.constantFrom<T | null>(null, ...values);
const sample = fc
  .record({
    // Values whose way through seconds and back loses nothing: both sides see the same number.
    rttMs: oneOf(16, 125, 250, 375, 1000),
    g2gMs: oneOf(null, 250, 750, 2000),
    // As the stack reports it, 0..255; 1 is left out, for it is a fraction to us.
    fractionLost: oneOf(0, 2, 5, 12, 40),
    g2gDropRatio: oneOf(0, 0.005, 0.02),
    availableOutgoingKbps: oneOf(500, 2000, 3000, 4000),
    fps: oneOf(0, 8, 15, 30),
    freezeCountDelta: oneOf(0, 1),
    qualityLimitationReason: oneOf('none', 'cpu', 'bandwidth'),
    isRelayed: fc.boolean(),
  })
  .map((signals): QualitySignals => ({ ...noQualitySignals, ...signals }));

test('of 16,000 verdicts none differs from those of the evaluator of Decart’s own SDK', () => {
  const runs = fc.sample(fc.array(sample, { minLength: 40, maxLength: 40 }), { numRuns: 400, seed: 1 });
  const thresholdsOf = (run: number) => (run % 2 === 0 ? defaultQualityThresholds : androidQualityThresholds);
  const orders = runs.map((samples, run) => ({ thresholds: theirs(thresholdsOf(run)), samples: samples.map(statsOf) }));
  const args = ['--input-type=module', '--eval', judge, evaluator];
  const wanted: string[][] = JSON.parse(
    execFileSync(process.execPath, args, { input: JSON.stringify(orders), maxBuffer: 2 ** 26, encoding: 'utf8' }),
  );
  expect(wanted.flat()).toHaveLength(16_000);
  const differing = runs.flatMap((samples, run) => {
    let state = initialQualityState;
    return samples.flatMap((signals, at) => {
      const [next, { quality, limitingFactor, warmingUp }] = stepQuality(state, signals, thresholdsOf(run));
      state = next;
      const verdict = [quality, limitingFactor, warmingUp].join();
      return verdict === wanted[run]?.[at] ? [] : [`run ${run}, sample ${at}: ${verdict} for ${wanted[run]?.[at]}`];
    });
  });
  expect(differing).toEqual([]);
});

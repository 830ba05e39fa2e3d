import { checkNumber, checkObject, checkWhole, invalidInput, type Some } from '../check.js';

/** Limits of a metric that is better when lower: at most `good` is good, at most `fair` is fair, and so on. */
export interface CeilingBands {
  /** At most this is good. */
  readonly good: number;
  /** At most this is fair. */
  readonly fair: number;
  /** At most this is poor; more is critical. */
  readonly poor: number;
}

/** Limits of a metric that is better when higher: at least `good` is good, at least `fair` is fair, and so on. */
export interface FloorBands {
  /** At least this is good. */
  readonly good: number;
  /** At least this is fair. */
  readonly fair: number;
  /** At least this is poor; less is critical. */
  readonly poor: number;
}

/** Everything that turns signals into a verdict. Beyond the `poor` limit of a band a metric is critical. */
export interface QualityThresholds {
  /** Of the round trip. @default { good: 150, fair: 300, poor: 500 } */
  readonly rttMs: CeilingBands;
  /** Added to each RTT band when the media goes through a relay. */
  readonly relayAllowanceMs: number;
  /** Of the glass-to-glass latency. @default { good: 500, fair: 900, poor: 1500 } */
  readonly g2gMs: CeilingBands;
  /** Judged by the deep preflight only. */
  readonly ttffMs: CeilingBands;
  /** A fraction, 0..1. */
  readonly fractionLost: CeilingBands;
  /** A fraction, 0..1. */
  readonly g2gDropRatio: CeilingBands;
  /** Available outgoing bitrate divided by `requiredUpstreamKbps`. */
  readonly upstreamRatio: FloorBands;
  /** @default 3500; of a session its `maxBitrate` */
  readonly requiredUpstreamKbps: number;
  /** Of the received video. @default { good: 20, fair: 12, poor: 5 } */
  readonly fps: FloorBands;
  /** Samples per smoothing window. */
  readonly windowSamples: number;
  /** Samples at the start during which bandwidth is not scored: its estimate is still climbing. */
  readonly warmUpSamples: number;
  /** Consecutive samples that a worse level must win before it is shown. */
  readonly downgradeSamples: number;
  /** Consecutive samples that a better level must win before it is shown. */
  readonly upgradeSamples: number;
}

/** The limits for one sample a second; the default everywhere. */
export const defaultQualityThresholds: QualityThresholds = {
  rttMs: { good: 150, fair: 300, poor: 500 },
  relayAllowanceMs: 100,
  g2gMs: { good: 500, fair: 900, poor: 1500 },
  ttffMs: { good: 4000, fair: 6000, poor: 10_000 },
  fractionLost: { good: 0.001, fair: 0.01, poor: 0.05 },
  g2gDropRatio: { good: 0.001, fair: 0.01, poor: 0.05 },
  upstreamRatio: { good: 1, fair: 0.8, poor: 0.5 },
  requiredUpstreamKbps: 3500,
  fps: { good: 20, fair: 12, poor: 5 },
  windowSamples: 5,
  warmUpSamples: 8,
  downgradeSamples: 5,
  upgradeSamples: 5,
};

/** The same limits for one sample every three seconds, the cadence of the Android SDK. */
export const androidQualityThresholds: QualityThresholds = {
  ...defaultQualityThresholds,
  windowSamples: 3,
  warmUpSamples: 3,
  downgradeSamples: 2,
  upgradeSamples: 2,
};

/** The counts, and the least that each may be. */
const counts = { windowSamples: 1, warmUpSamples: 0, downgradeSamples: 1, upgradeSamples: 1 } as const;
const MAX_COUNT = 3600;

/**
 * Thresholds in full: what is left out is taken from `defaults`.
 *
 * @param field how errors name the whole. Default `thresholds`.
 * @throws DecartError INVALID_INPUT naming the threshold: one that does not exist, is no number of its kind, or bands
 * that are out of order
 */
export function completeThresholds(
  given: Some<QualityThresholds> = {},
  defaults: QualityThresholds = defaultQualityThresholds,
  field = 'thresholds',
): QualityThresholds {
  const complete: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(checkObject(given, field))) {
    if (!Object.hasOwn(defaults, name)) throw invalidInput(`${field}.${name}`, 'there is no such threshold');
    if (value === undefined) continue;
    const standard = defaults[name as keyof QualityThresholds];
    if (typeof standard === 'object') complete[name] = checkBands(value, standard, `${field}.${name}`);
    else if (name in counts)
      complete[name] = checkWhole(value, `${field}.${name}`, counts[name as keyof typeof counts], MAX_COUNT);
    else complete[name] = checkNumber(value, `${field}.${name}`, name === 'relayAllowanceMs' ? 0 : 1, 1e9);
  }
  return complete as unknown as QualityThresholds;
}

function checkBands(value: unknown, standard: CeilingBands, field: string): CeilingBands {
  const given = checkObject(value, field);
  const band = (name: keyof CeilingBands): number =>
    given[name] === undefined ? standard[name] : checkNumber(given[name], `${field}.${name}`, 0, 1e9);
  const [good, fair, poor] = [band('good'), band('fair'), band('poor')];
  const rises = standard.good < standard.poor;
  if (rises ? good > fair || fair > poor : good < fair || fair < poor) {
    throw invalidInput(field, `expected good, fair and poor in ${rises ? 'ascending' : 'descending'} order`);
  }
  return { good, fair, poor };
}

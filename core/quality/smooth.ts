import { map, type OperatorFunction, scan } from 'rxjs';
import type { Some } from '../check.js';
import type { LatencyUnavailableReason } from '../latency/report.js';
import { normaliseFractionLost } from '../stats/fraction-lost.js';
import { median } from '../stats/median.js';
import {
  type ConnectionQuality,
  goodFactor,
  type LimitingFactor,
  type QualitySignals,
  qualityRank,
  scoreQuality,
} from './score.js';
import { completeThresholds, type QualityThresholds } from './thresholds.js';

/** The numbers behind a verdict. RTT, g2g, loss and bitrate are medians and fps the minimum of their window. */
export interface ConnectionQualityMetrics {
  /** Round-trip time. */
  readonly rttMs: number | null;
  /** Glass to glass: from a sent frame to the same frame as it comes back. */
  readonly g2gMs: number | null;
  /** From the connect to the first frame. */
  readonly ttffMs: number | null;
  /** Received frames per second. */
  readonly fps: number | null;
  /** A fraction, 0..1. */
  readonly packetLoss: number | null;
  /** Of the packets that we send. */
  readonly upstreamJitterMs: number | null;
  /** A fraction, 0..1. */
  readonly g2gDropRatio: number | null;
  /** What could be sent, by the platform’s estimate. */
  readonly availableUpstreamKbps: number | null;
}

/** How good the connection is, and why. */
export interface ConnectionQualityReport {
  /** Debounced: see `QualityThresholds.downgradeSamples` and `upgradeSamples`. */
  readonly quality: ConnectionQuality;
  /** What pulls it down; held while a bad level is held. */
  readonly limitingFactor: LimitingFactor;
  /** True while bandwidth is not scored yet. */
  readonly warmingUp: boolean;
  /** Fresh with every sample. */
  readonly metrics: ConnectionQualityMetrics;
  /** Why `metrics.g2gMs` is null, when it is known. */
  readonly g2gUnavailable: LatencyUnavailableReason | null;
}

/** All that `stepQuality` remembers from sample to sample. */
export interface QualityState {
  /** How many have come. */
  readonly samples: number;
  /** The window of this metric, oldest first; so are the next ones. */
  readonly rttMs: readonly number[];
  /** As above. */
  readonly g2gMs: readonly number[];
  /** As above, 0..1. */
  readonly fractionLost: readonly number[];
  /** As above. */
  readonly availableOutgoingKbps: readonly number[];
  /** As above. */
  readonly fps: readonly number[];
  /** The level on show; null before the first sample. */
  readonly shown: ConnectionQuality | null;
  /** The limiting factor on show. */
  readonly factor: LimitingFactor;
  /** The level that is winning against the one on show, and for how many samples in a row. */
  readonly challenger: ConnectionQuality | null;
  /** Samples in a row. */
  readonly challengerWins: number;
}

/** Before the first sample. */
export const initialQualityState: QualityState = {
  samples: 0,
  rttMs: [],
  g2gMs: [],
  fractionLost: [],
  availableOutgoingKbps: [],
  fps: [],
  shown: null,
  factor: 'none',
  challenger: null,
  challengerWins: 0,
};

/** One sample in, the next state and its report out. Start again from `initialQualityState` after a reconnect. */
export function stepQuality(
  state: QualityState,
  signals: QualitySignals,
  thresholds: QualityThresholds,
): readonly [QualityState, ConnectionQualityReport] {
  const size = thresholds.windowSamples;
  const samples = state.samples + 1;
  const rttMs = pushed(state.rttMs, signals.rttMs, size);
  const g2gMs = pushed(state.g2gMs, signals.g2gMs, size);
  const fractionLost = pushed(state.fractionLost, normaliseFractionLost(signals.fractionLost), size);
  const availableOutgoingKbps = pushed(state.availableOutgoingKbps, signals.availableOutgoingKbps, size);
  const fps = pushed(state.fps, signals.fps, size);

  const smoothed: QualitySignals = {
    rttMs: median(rttMs),
    g2gMs: median(g2gMs),
    ttffMs: signals.ttffMs ?? null,
    upstreamJitterMs: signals.upstreamJitterMs ?? null,
    fractionLost: median(fractionLost),
    g2gDropRatio: signals.g2gDropRatio ?? null,
    availableOutgoingKbps: median(availableOutgoingKbps),
    fps: fps.length > 0 ? Math.min(...fps) : null,
    freezeCountDelta: signals.freezeCountDelta ?? null,
    qualityLimitationReason: signals.qualityLimitationReason ?? null,
    isRelayed: signals.isRelayed ?? null,
  };
  const warmingUp = samples < thresholds.warmUpSamples;
  const live = scoreQuality(smoothed, thresholds, { skipBitrate: warmingUp });
  const commitsNow = state.shown === null || samples === thresholds.warmUpSamples;
  const level = commitsNow ? settledOn(live.quality) : challenged(state, live.quality, thresholds);

  let factor = state.factor;
  if (level.shown === 'good') factor = goodFactor(smoothed.qualityLimitationReason);
  // A better sample has no worse cause to name: while the bad level is held, so is its cause.
  else if (qualityRank(live.quality) >= qualityRank(level.shown)) factor = live.limitingFactor;

  return [
    { samples, rttMs, g2gMs, fractionLost, availableOutgoingKbps, fps, factor, ...level },
    {
      quality: level.shown,
      limitingFactor: factor,
      warmingUp,
      metrics: {
        rttMs: smoothed.rttMs,
        g2gMs: smoothed.g2gMs,
        ttffMs: smoothed.ttffMs,
        fps: smoothed.fps,
        packetLoss: smoothed.fractionLost,
        upstreamJitterMs: smoothed.upstreamJitterMs,
        g2gDropRatio: smoothed.g2gDropRatio,
        availableUpstreamKbps: smoothed.availableOutgoingKbps,
      },
      g2gUnavailable: smoothed.g2gMs === null ? (signals.g2gUnavailable ?? null) : null,
    },
  ];
}

/**
 * Signals to reports, one for one and at once; each subscription has a memory of its own. Errors and completion pass
 * through.
 *
 * @param thresholds what is left out is that of {@link defaultQualityThresholds}, the 1 s cadence with 3,500 kbps.
 * @throws DecartError INVALID_INPUT naming the threshold
 *
 * @example
 * ```ts
 * import { type QualitySignals, qualityReports } from 'decart-rx';
 * import { map, type Observable } from 'rxjs';
 *
 * export const verdict$ = (signals$: Observable<QualitySignals>) =>
 *   signals$.pipe(qualityReports({ downgradeSamples: 2 }), map(({ quality }) => quality));
 * ```
 */
export function qualityReports(
  thresholds: Some<QualityThresholds> = {},
): OperatorFunction<QualitySignals, ConnectionQualityReport> {
  const complete = completeThresholds(thresholds);
  return (signals$) =>
    signals$.pipe(
      scan<QualitySignals, Step, undefined>((step, signals) => {
        const [state, report] = stepQuality(step?.state ?? initialQualityState, signals, complete);
        return { state, report };
      }, undefined),
      map((step) => step.report),
    );
}

interface Step {
  readonly state: QualityState;
  readonly report: ConnectionQualityReport;
}

interface Level {
  readonly shown: ConnectionQuality;
  readonly challenger: ConnectionQuality | null;
  readonly challengerWins: number;
}

function settledOn(quality: ConnectionQuality): Level {
  return { shown: quality, challenger: null, challengerWins: 0 };
}

function challenged(state: QualityState, live: ConnectionQuality, thresholds: QualityThresholds): Level {
  const shown = state.shown ?? live;
  if (live === shown) return settledOn(shown);
  const challengerWins = live === state.challenger ? state.challengerWins + 1 : 1;
  const isWorse = qualityRank(live) > qualityRank(shown);
  const needed = isWorse ? thresholds.downgradeSamples : thresholds.upgradeSamples;
  return challengerWins >= needed ? settledOn(live) : { shown, challenger: live, challengerWins };
}

function pushed(window: readonly number[], value: number | null | undefined, size: number): readonly number[] {
  return value === null || value === undefined || Number.isNaN(value) ? window : [...window, value].slice(-size);
}

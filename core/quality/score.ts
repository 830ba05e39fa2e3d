import type { LatencyUnavailableReason } from '../latency/report.js';
import { normaliseFractionLost } from '../stats/fraction-lost.js';
import { type CeilingBands, defaultQualityThresholds, type FloorBands, type QualityThresholds } from './thresholds.js';

/** From the best to the worst. */
export type ConnectionQuality = 'good' | 'fair' | 'poor' | 'critical';

/** What pulls the quality down; `cpu` only when nothing else does. */
export type LimitingFactor = 'bandwidth' | 'latency' | 'loss' | 'stall' | 'cpu' | 'none';

/** One sample of what is measured. null: not measured, which never counts against the connection. */
export interface QualitySignals {
  /** Round-trip time. */
  readonly rttMs: number | null;
  /** Glass-to-glass median. When present it is judged in place of the round-trip time. */
  readonly g2gMs: number | null;
  /** Time to first frame. Reported, but judged only by the deep preflight. */
  readonly ttffMs: number | null;
  /** Of the packets that we send. Reported, not judged. */
  readonly upstreamJitterMs: number | null;
  /** Loss of the packets that we send, as a fraction 0..1 or as RFC 3550's 8-bit value. */
  readonly fractionLost: number | null;
  /** Share of the sent frames that never came back, 0..1. */
  readonly g2gDropRatio: number | null;
  /** What the browser’s estimate lets us send. */
  readonly availableOutgoingKbps: number | null;
  /** Inbound frames per second. */
  readonly fps: number | null;
  /** Freezes since the sample before. */
  readonly freezeCountDelta: number | null;
  /** W3C: `none`, `cpu`, `bandwidth` or `other`. */
  readonly qualityLimitationReason: string | null;
  /** The media goes through a TURN relay. */
  readonly isRelayed: boolean | null;
  /** Why `g2gMs` is null, when it is known. */
  readonly g2gUnavailable?: LatencyUnavailableReason | null | undefined;
}

/** Signals of which nothing was measured: a base to spread over. */
export const noQualitySignals: QualitySignals = {
  rttMs: null,
  g2gMs: null,
  ttffMs: null,
  upstreamJitterMs: null,
  fractionLost: null,
  g2gDropRatio: null,
  availableOutgoingKbps: null,
  fps: null,
  freezeCountDelta: null,
  qualityLimitationReason: null,
  isRelayed: null,
};

/** The verdict on one set of signals. */
export interface QualityScore {
  /** The worst of the four dimensions. */
  readonly quality: ConnectionQuality;
  /** The dimension that is worst; of several that tie: bandwidth, loss, latency, stall. */
  readonly limitingFactor: LimitingFactor;
  /** Room for what we send. */
  readonly bandwidth: ConnectionQuality;
  /** Glass to glass where it is measured, else the round trip. */
  readonly latency: ConnectionQuality;
  /** Packets that we send and that are lost. */
  readonly loss: ConnectionQuality;
  /** Frame rate, freezes and frames that never come back. */
  readonly stall: ConnectionQuality;
}

/** What is left out of a verdict. */
export interface ScoreOptions {
  /** Leave bandwidth out, as during warm-up. @default false */
  readonly skipBitrate?: boolean | undefined;
}

const levels: readonly ConnectionQuality[] = ['good', 'fair', 'poor', 'critical'];

/** 0 is good, 3 is critical. */
export function qualityRank(quality: ConnectionQuality): number {
  if (quality === 'good') return 0;
  if (quality === 'fair') return 1;
  return quality === 'poor' ? 2 : 3;
}

/** The worst of the given levels; good when there are none. */
export function worstQuality(...qualities: readonly ConnectionQuality[]): ConnectionQuality {
  return levelOf(Math.max(0, ...qualities.map(qualityRank)));
}

/** The level of a metric that is better when lower. */
export function judgeCeiling(value: number | null, bands: CeilingBands, allowance = 0): ConnectionQuality {
  return levelOf(rankCeiling(value, bands, allowance));
}

/**
 * Judges one set of signals, by itself: no smoothing, no memory.
 * `thresholds` default to those of the 1 s cadence.
 */
export function scoreQuality(
  signals: QualitySignals,
  thresholds: QualityThresholds = defaultQualityThresholds,
  options: ScoreOptions = {},
): QualityScore {
  const bandwidth = options.skipBitrate ? 0 : rankBandwidth(signals, thresholds);
  const latency = isMeasured(signals.g2gMs)
    ? rankCeiling(signals.g2gMs, thresholds.g2gMs, 0)
    : rankCeiling(signals.rttMs, thresholds.rttMs, signals.isRelayed ? thresholds.relayAllowanceMs : 0);
  const loss = rankCeiling(normaliseFractionLost(signals.fractionLost), thresholds.fractionLost, 0);
  const stall = rankStall(signals, thresholds);
  const worst = Math.max(bandwidth, latency, loss, stall);
  return {
    quality: levelOf(worst),
    limitingFactor: limitingFactorOf(worst, bandwidth, loss, latency, signals.qualityLimitationReason),
    bandwidth: levelOf(bandwidth),
    latency: levelOf(latency),
    loss: levelOf(loss),
    stall: levelOf(stall),
  };
}

/** What to name as the cause while the quality is good. */
export function goodFactor(qualityLimitationReason: string | null): LimitingFactor {
  return qualityLimitationReason === 'cpu' ? 'cpu' : 'none';
}

function limitingFactorOf(
  worst: number,
  bandwidth: number,
  loss: number,
  latency: number,
  qualityLimitationReason: string | null,
): LimitingFactor {
  if (worst === 0) return goodFactor(qualityLimitationReason);
  if (bandwidth === worst) return 'bandwidth';
  if (loss === worst) return 'loss';
  return latency === worst ? 'latency' : 'stall';
}

function rankBandwidth(signals: QualitySignals, thresholds: QualityThresholds): number {
  const available = signals.availableOutgoingKbps;
  const ratio = isMeasured(available) ? available / thresholds.requiredUpstreamKbps : null;
  const rank = rankFloor(ratio, thresholds.upstreamRatio);
  // An encoder that holds itself back proves a shortage that an estimate may still hide.
  return signals.qualityLimitationReason === 'bandwidth' ? Math.max(rank, 1) : rank;
}

function rankStall(signals: QualitySignals, thresholds: QualityThresholds): number {
  const rank = Math.max(
    rankFloor(signals.fps, thresholds.fps),
    rankCeiling(signals.g2gDropRatio, thresholds.g2gDropRatio, 0),
  );
  const froze = isMeasured(signals.freezeCountDelta) && signals.freezeCountDelta > 0;
  return froze ? Math.max(rank, 1) : rank;
}

function rankCeiling(value: number | null, bands: CeilingBands, allowance: number): number {
  if (!isMeasured(value) || value <= bands.good + allowance) return 0;
  if (value <= bands.fair + allowance) return 1;
  return value <= bands.poor + allowance ? 2 : 3;
}

function rankFloor(value: number | null, bands: FloorBands): number {
  if (!isMeasured(value) || value >= bands.good) return 0;
  if (value >= bands.fair) return 1;
  return value >= bands.poor ? 2 : 3;
}

function levelOf(rank: number): ConnectionQuality {
  return levels[rank] ?? 'critical';
}

// undefined: a JavaScript caller may leave a metric out.
function isMeasured(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

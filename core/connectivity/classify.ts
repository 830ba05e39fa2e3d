import type { GatheredCandidate } from '../ports/network.js';
import { type ConnectionQuality, judgeCeiling, worstQuality } from '../quality/score.js';
import { defaultQualityThresholds, type QualityThresholds } from '../quality/thresholds.js';
import { normaliseFractionLost } from '../stats/fraction-lost.js';

/**
 * `udp` the network lets media out, `tcp` it goes over TCP (only a deep check finds out), `relay` only by way of a
 * relay, `failed` not at all, `unchecked` not tried or not known.
 */
export type ConnectivityTransport = 'udp' | 'tcp' | 'relay' | 'failed' | 'unchecked';

/** All times in milliseconds, ratios as fractions 0..1; null: not measured. */
export interface ConnectivityMetrics {
  /** How media gets out of this network. */
  readonly transport: ConnectivityTransport;
  /** Round trip; in the network check, time to the first server-reflexive candidate. */
  readonly rttMs: number | null;
  /** Time to first frame. Deep check only. */
  readonly ttffMs: number | null;
  /** Median glass-to-glass latency. Deep check only. */
  readonly g2gMs: number | null;
  /** Share of the sent frames that did not come back, 0..1. */
  readonly g2gDropRatio: number | null;
  /** Loss of the sent packets, 0..1. Deep check only. */
  readonly packetLoss: number | null;
  /** Jitter of the sent packets. Deep check only. */
  readonly upstreamJitterMs: number | null;
  /** Latency samples that `g2gMs` rests on. */
  readonly sampleCount: number;
}

/** What {@link RealtimeClient.checkConnectivity} resolves with. */
export interface ConnectivityReport {
  /** The verdict: the worst of all that was judged. */
  readonly quality: ConnectionQuality;
  /** The numbers that the verdict rests on. */
  readonly metrics: ConnectivityMetrics;
  /** In words, at least one for every verdict that is not good. */
  readonly reasons: readonly string[];
}

/** What gathering against STUN brought. `rttMs`: time to the first server-reflexive candidate. */
export interface ConnectivityProbe {
  /**
   * `udp` with a server-reflexive candidate, `relay` with host candidates alone, `failed` with none, `unchecked` where
   * the platform cannot look.
   */
  readonly transport: ConnectivityTransport;
  /** Milliseconds; `null` when no server-reflexive candidate was found. */
  readonly rttMs: number | null;
  /** What this platform could not check, in words; goes into the reasons. */
  readonly unchecked?: readonly string[] | undefined;
}

/** What a short real session brought. */
export interface DeepProbe {
  /** How the media went out; `failed` when the session did not come up. */
  readonly transport: ConnectivityTransport;
  /** Why it failed, for the reasons. */
  readonly failure?: string | undefined;
  /** Round-trip time, milliseconds. */
  readonly rttMs?: number | null | undefined;
  /** The media went through a TURN relay, which raises the limits of the round trip. */
  readonly isRelayed?: boolean | undefined;
  /** From the connect to the first frame, milliseconds. */
  readonly ttffMs?: number | null | undefined;
  /** For how long the check waited when no first frame arrived; absent when one did. */
  readonly noFrameMs?: number | null | undefined;
  /** Median glass-to-glass latency, milliseconds. */
  readonly g2gMs?: number | null | undefined;
  /** Share of the sent frames that did not come back, 0..1. */
  readonly g2gDropRatio?: number | null | undefined;
  /** As a fraction or as RFC 3550's 8-bit value. */
  readonly packetLoss?: number | null | undefined;
  /** Jitter of the sent packets, milliseconds. */
  readonly upstreamJitterMs?: number | null | undefined;
  /** Latency samples that `g2gMs` rests on. @default 0 */
  readonly sampleCount?: number | undefined;
}

type Judgement = readonly [quality: ConnectionQuality, reason: string];

/** What the candidates of a throwaway peer connection say about the way out of this network. */
export function probeOfCandidates(candidates: readonly GatheredCandidate[]): ConnectivityProbe {
  const reflexive = candidates.filter(({ candidateType }) => candidateType === 'srflx');
  if (reflexive.length > 0) {
    return { transport: 'udp', rttMs: Math.min(...reflexive.map(({ elapsedMs }) => elapsedMs)) };
  }
  return { transport: candidates.length > 0 ? 'relay' : 'failed', rttMs: null };
}

/** The verdict of the network-only check. */
export function classifyConnectivity(
  probe: ConnectivityProbe,
  thresholds: QualityThresholds = defaultQualityThresholds,
): ConnectivityReport {
  const { rttMs, transport } = probe;
  const judgements: Judgement[] = [];
  if (transport === 'failed') {
    judgements.push(['critical', 'No network candidate was found: media cannot leave this network.']);
  } else if (transport === 'relay') {
    judgements.push(['poor', 'The STUN server was not reached over UDP: media would need a relay.']);
  } else if (transport === 'unchecked') {
    judgements.push(['fair', 'The way out of this network could not be checked on this platform.']);
  }
  if (transport !== 'failed' && rttMs !== null && rttMs > thresholds.rttMs.good) {
    // Gathering takes longer than a round trip, so however slow it was, it never proves more than poor.
    const quality = rttMs > thresholds.rttMs.fair ? 'poor' : 'fair';
    judgements.push([quality, `The round trip to the STUN server took ${inWords(rttMs)}.`]);
  }
  const notes = probe.unchecked ?? [];
  return report(judgements, { ...nothingMeasured, transport, rttMs: transport === 'failed' ? null : rttMs }, notes);
}

/** The verdict of the deep check. */
export function classifyDeepProbe(
  probe: DeepProbe,
  thresholds: QualityThresholds = defaultQualityThresholds,
): ConnectivityReport {
  const metrics: ConnectivityMetrics = {
    transport: probe.transport,
    rttMs: probe.rttMs ?? null,
    ttffMs: probe.ttffMs ?? null,
    g2gMs: probe.g2gMs ?? null,
    g2gDropRatio: probe.g2gDropRatio ?? null,
    packetLoss: normaliseFractionLost(probe.packetLoss),
    upstreamJitterMs: probe.upstreamJitterMs ?? null,
    sampleCount: probe.sampleCount ?? 0,
  };
  if (probe.transport === 'failed') {
    const why = probe.failure === undefined ? '' : `: ${probe.failure}`;
    return report([['critical', `The probe session failed${why}.`]], metrics, []);
  }
  const { g2gDropRatio, g2gMs, packetLoss, rttMs, ttffMs } = metrics;
  const noFrameMs = probe.noFrameMs ?? null;
  if ([ttffMs, noFrameMs, g2gMs, g2gDropRatio, packetLoss, rttMs].every((value) => value === null)) {
    return report([['fair', 'The probe session connected, but nothing was measured.']], metrics, []);
  }

  const isLatencyMeasured = ttffMs !== null || g2gMs !== null;
  const allowance = probe.isRelayed ? thresholds.relayAllowanceMs : 0;
  const judgements: Judgement[] = [
    [judgeCeiling(ttffMs, thresholds.ttffMs), `The first frame came after ${inWords(ttffMs)}.`],
    [judgeCeiling(noFrameMs, thresholds.ttffMs), `No frame had come back after ${inWords(noFrameMs)}.`],
    [judgeCeiling(g2gMs, thresholds.g2gMs), `The latency from camera to display was ${inWords(g2gMs)}.`],
    [
      isLatencyMeasured ? 'good' : judgeCeiling(rttMs, thresholds.rttMs, allowance),
      `No latency was measured; the round trip took ${inWords(rttMs)}.`,
    ],
    [
      judgeCeiling(g2gDropRatio, thresholds.g2gDropRatio),
      `Of the frames sent, ${inPercent(g2gDropRatio)} did not come back.`,
    ],
    [judgeCeiling(packetLoss, thresholds.fractionLost), `Of the packets sent, ${inPercent(packetLoss)} were lost.`],
  ];
  return report(judgements, metrics, []);
}

const nothingMeasured: ConnectivityMetrics = {
  transport: 'unchecked',
  rttMs: null,
  ttffMs: null,
  g2gMs: null,
  g2gDropRatio: null,
  packetLoss: null,
  upstreamJitterMs: null,
  sampleCount: 0,
};

function report(
  judgements: readonly Judgement[],
  metrics: ConnectivityMetrics,
  notes: readonly string[],
): ConnectivityReport {
  const faults = judgements.filter(([quality]) => quality !== 'good');
  return {
    quality: worstQuality(...faults.map(([quality]) => quality)),
    metrics,
    reasons: [...faults.map(([, reason]) => reason), ...notes],
  };
}

function inWords(durationMs: number | null): string {
  return `${Math.round(durationMs ?? 0)} ms`;
}

function inPercent(fraction: number | null): string {
  return `${((fraction ?? 0) * 100).toFixed(1)} %`;
}

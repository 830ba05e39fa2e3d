import { isSendingVideo, type RealtimeStats } from '../stats/webrtc-stats.js';
import type { QualitySignals } from './score.js';

/**
 * What one sample of statistics says about the connection. `framesPerSecond`: of the received video; default: what the
 * sample itself says of them, unless nothing is sent that could come back.
 */
export function qualitySignals(
  stats: RealtimeStats,
  framesPerSecond: number | null = isSendingVideo(stats) ? (stats.video?.framesPerSecond ?? null) : null,
): QualitySignals {
  const { connection, latency, outboundVideo, remoteInbound, video } = stats;
  return {
    rttMs: scaled(remoteInbound?.roundTripTime ?? connection.currentRoundTripTime, 1000),
    g2gMs: latency.medianMs,
    ttffMs: latency.ttffMs,
    upstreamJitterMs: scaled(remoteInbound?.jitter ?? null, 1000),
    fractionLost: remoteInbound?.fractionLost ?? null,
    g2gDropRatio: latency.dropRatio,
    availableOutgoingKbps: scaled(connection.availableOutgoingBitrate, 0.001),
    fps: framesPerSecond,
    freezeCountDelta: video?.freezeCountDelta ?? null,
    qualityLimitationReason: outboundVideo?.qualityLimitationReason ?? null,
    isRelayed: connection.selectedCandidatePairs.some(
      ({ local, remote }) => local.candidateType === 'relay' || remote.candidateType === 'relay',
    ),
    g2gUnavailable: latency.unavailable,
  };
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

import type { LatencySnapshot } from './tracker.js';

/**
 * Why there is no glass-to-glass latency:
 * `debug-quality-off` it was not asked for; `no-local-video` nothing is published that could carry a marker;
 * `unstamped-source` what is published came from the caller, without markers; `frame-too-small` the marker does not
 * fit; `no-frame-access` the platform does not let us see the received pixels; `no-marker-read` frames come, but no
 * marker was recognised in them so far; `no-frame-timing` frames come, but none said so far when it was sent;
 * `warming-up` frames are matched, samples count from 2 s after the first.
 */
export type LatencyUnavailableReason =
  | 'debug-quality-off'
  | 'no-local-video'
  | 'unstamped-source'
  | 'frame-too-small'
  | 'no-frame-access'
  | 'no-marker-read'
  | 'no-frame-timing'
  | 'warming-up';

/** The measured latency, or the reason why there is none. `unavailable` is null exactly when `medianMs` is not. */
export interface LatencyReport extends LatencySnapshot {
  /** Why there is no latency; `null` when there is one. */
  readonly unavailable: LatencyUnavailableReason | null;
}

const nothingMeasured: LatencySnapshot = {
  ttffMs: null,
  medianMs: null,
  p90Ms: null,
  dropRatio: null,
  sampleCount: 0,
  outcomeCount: 0,
};

/** A report that carries nothing but the reason. */
export function latencyUnavailable(reason: LatencyUnavailableReason): LatencyReport {
  return { ...nothingMeasured, unavailable: reason };
}

/** A tracker's snapshot as a report: without samples it says whether a marker has been matched at all. */
export function latencyReport(snapshot: LatencySnapshot): LatencyReport {
  if (snapshot.medianMs !== null) return { ...snapshot, unavailable: null };
  return { ...snapshot, unavailable: snapshot.ttffMs === null ? 'no-marker-read' : 'warming-up' };
}

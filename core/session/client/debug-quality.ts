import { invalidInput } from '../../check.js';
import type { ConnectPlan } from '../machine/connect-plan.js';

/**
 * How the latency that a user sees is measured. `marker`, and `true`: by a mark in the picture, which works on every
 * platform and counts dropped frames. `metadata`: by the time that LiveKit carries behind each encoded frame, which
 * leaves the picture as it is; only in browsers, see `createMetadataWorker`, and where the service hands that time on.
 */
export type DebugQuality = boolean | 'marker' | 'metadata';

type LatencyPlan = Pick<ConnectPlan, 'pixelLatency' | 'frameTiming'>;

const off: LatencyPlan = { pixelLatency: false, frameTiming: false };
const byMarker: LatencyPlan = { ...off, pixelLatency: true };
const byMetadata: LatencyPlan = { ...off, frameTiming: true };

/** @throws DecartError INVALID_INPUT */
export function latencyPlanOf(debugQuality: unknown = false): LatencyPlan {
  if (debugQuality === false) return off;
  if (debugQuality === true || debugQuality === 'marker') return byMarker;
  if (debugQuality === 'metadata') return byMetadata;
  throw invalidInput('debugQuality', "expected true, false, 'marker' or 'metadata'");
}

import type { NetworkConditions } from './media-fault.js';

/** Both directions of the media's network, as a client sees it. */
export interface NetworkShape {
  /** From the client to the service. */
  readonly upstream: NetworkConditions;
  /** From the service to the client. */
  readonly downstream: NetworkConditions;
}

/** Networks people know, as rough but steady shapes. */
export const networkPresets = {
  clean: { upstream: {}, downstream: {} },
  wifi: {
    upstream: { lossPercent: 0.2, delayMs: 4, jitterMs: 6, bandwidthKbps: 20_000 },
    downstream: { lossPercent: 0.2, delayMs: 4, jitterMs: 6, bandwidthKbps: 50_000 },
  },
  '4g': {
    upstream: { lossPercent: 0.5, delayMs: 25, jitterMs: 15, bandwidthKbps: 8_000 },
    downstream: { lossPercent: 0.5, delayMs: 25, jitterMs: 15, bandwidthKbps: 25_000 },
  },
  '4g-train': {
    upstream: { lossPercent: 4, delayMs: 60, jitterMs: 80, bandwidthKbps: 1_200 },
    downstream: { lossPercent: 3, delayMs: 60, jitterMs: 80, bandwidthKbps: 4_000 },
  },
  hotel: {
    upstream: { lossPercent: 1.5, delayMs: 40, jitterMs: 40, bandwidthKbps: 900 },
    downstream: { lossPercent: 1, delayMs: 40, jitterMs: 40, bandwidthKbps: 2_500 },
  },
} as const satisfies Readonly<Record<string, NetworkShape>>;

/** A name in `networkPresets`. */
export type NetworkPreset = keyof typeof networkPresets;

/** Lays more conditions over a network, on both directions. */
export const overlay = (shape: NetworkShape, more: NetworkConditions): NetworkShape => ({
  upstream: { ...shape.upstream, ...more },
  downstream: { ...shape.downstream, ...more },
});

/** How long the start of forwarding waits for the best layer of a simulcast track, by default. */
const defaultHoldStartMs = 1000;
/** A layer that stays silent this long while another one runs has been switched off by its sender. */
const silentAfterMs = 700;

interface LayerActivity {
  lastPacketMs: number | undefined;
}

/**
 * Chooses which layer of a simulcast track to forward: the highest one that is being sent.
 * Layers are numbered from 0, the smallest picture. A track without simulcast has one.
 */
export class LayerSelector {
  private readonly layers: LayerActivity[];
  private startedMs: number | undefined;
  private lastPacketMs = 0;

  constructor(
    layerCount: number,
    private readonly holdStartMs = defaultHoldStartMs,
  ) {
    this.layers = Array.from({ length: layerCount }, () => ({ lastPacketMs: undefined }));
  }

  get layerCount(): number {
    return this.layers.length;
  }

  received(layer: number, nowMs: number): void {
    const activity = this.layers[layer];
    if (!activity) return;
    activity.lastPacketMs = nowMs;
    this.lastPacketMs = nowMs;
    this.startedMs ??= nowMs;
  }

  /** The best layer up to `maxLayer`; `undefined` while the start is held back or nothing is sent. */
  best(nowMs: number, maxLayer: number): number | undefined {
    if (this.startedMs === undefined) return undefined;
    const isBestSeen = this.layers[Math.min(maxLayer, this.layers.length - 1)]?.lastPacketMs !== undefined;
    if (!isBestSeen && nowMs - this.startedMs < this.holdStartMs) return undefined;
    let lowest: number | undefined;
    for (let index = this.layers.length - 1; index >= 0; index -= 1) {
      const seen = this.layers[index]?.lastPacketMs;
      if (seen === undefined || this.lastPacketMs - seen > silentAfterMs) continue;
      if (index <= maxLayer) return index;
      lowest = index;
    }
    return lowest;
  }
}

import { clearLink, isClear, type LinkConditions } from './link-conditions.js';

/** A router's buffer: what would wait longer than this is dropped. */
const maxQueueMs = 300;

/** One direction of a datagram link with changeable conditions. */
export class ConditionedLink {
  private conditions: LinkConditions = clearLink;
  private clear = true;
  private busyUntilMs = 0;
  private lastDeliveryMs = 0;
  private readonly pending = new Set<NodeJS.Timeout>();

  constructor(
    private readonly random: () => number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  apply(conditions: LinkConditions): void {
    this.conditions = conditions;
    this.clear = isClear(conditions);
  }

  /** Delivers now, later or never. */
  pass(bytes: number, deliver: () => void): void {
    if (this.clear && this.pending.size === 0) {
      deliver();
      return;
    }
    const { blackout, lossPercent, delayMs, jitterMs, bandwidthKbps } = this.conditions;
    if (blackout || (lossPercent > 0 && this.random() * 100 < lossPercent)) return;
    const now = this.now();
    let leavesMs = now;
    if (bandwidthKbps !== null) {
      leavesMs = Math.max(now, this.busyUntilMs);
      if (leavesMs - now > maxQueueMs) return;
      leavesMs += (bytes * 8) / bandwidthKbps;
      this.busyUntilMs = leavesMs;
    }
    const arrivesMs = Math.max(leavesMs + delayMs + this.random() * jitterMs, this.lastDeliveryMs);
    this.lastDeliveryMs = arrivesMs;
    const waitMs = arrivesMs - now;
    if (waitMs <= 0 && this.pending.size === 0) {
      deliver();
      return;
    }
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      deliver();
    }, waitMs);
    this.pending.add(timer);
  }

  close(): void {
    for (const timer of this.pending) clearTimeout(timer);
    this.pending.clear();
  }
}

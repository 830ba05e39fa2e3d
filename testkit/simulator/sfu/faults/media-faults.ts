import { clearLink, combineLinks, type LinkConditions } from './link-conditions.js';

/** A fault meant for one room, or for the whole server when `room` is left out. */
export interface FaultScope {
  room?: string;
}

/** What a network does to both directions, as far as it is given. `up` is from the clients to the server. */
export interface NetworkConditions {
  blackout?: boolean;
  lossPercent?: number | { up?: number; down?: number };
  delayMs?: number | { up?: number; down?: number };
  jitterMs?: number | { up?: number; down?: number };
  /** `null` lifts the cap. */
  bandwidthKbps?: number | null | { up?: number | null; down?: number | null };
}

interface Link {
  up: LinkConditions;
  down: LinkConditions;
}

const everywhere = Symbol('everywhere');

/** Remembers which network conditions hold where. */
export class LinkBoard {
  private readonly links = new Map<string | typeof everywhere, Link>();

  /** Changes what is given and leaves the rest as it is. */
  change(conditions: NetworkConditions, scope: FaultScope = {}): void {
    const key = scope.room ?? everywhere;
    const before = this.links.get(key) ?? { up: clearLink, down: clearLink };
    this.links.set(key, { up: changed(before.up, conditions, 'up'), down: changed(before.down, conditions, 'down') });
  }

  clear(scope: FaultScope = {}): void {
    if (scope.room === undefined) this.links.clear();
    else this.links.delete(scope.room);
  }

  /** What holds for a room: its own conditions on top of those of the server. */
  of(room: string): Link {
    const general = this.links.get(everywhere) ?? { up: clearLink, down: clearLink };
    const own = this.links.get(room);
    if (!own) return general;
    return { up: combineLinks(general.up, own.up), down: combineLinks(general.down, own.down) };
  }
}

function changed(before: LinkConditions, change: NetworkConditions, direction: 'up' | 'down'): LinkConditions {
  const pick = <Value>(value: Value | { up?: Value; down?: Value } | undefined, old: Value): Value => {
    if (value === undefined) return old;
    if (typeof value === 'object' && value !== null) {
      const one = (value as { up?: Value; down?: Value })[direction];
      return one === undefined ? old : one;
    }
    return value as Value;
  };
  const bandwidthKbps = pick<number | null>(change.bandwidthKbps, before.bandwidthKbps);
  if (bandwidthKbps !== null && !(bandwidthKbps > 0)) {
    throw new RangeError(`bandwidthKbps must be above 0, not ${bandwidthKbps}.`);
  }
  return {
    blackout: change.blackout ?? before.blackout,
    lossPercent: upTo(100, 'lossPercent', pick(change.lossPercent, before.lossPercent)),
    delayMs: upTo(maxDelayMs, 'delayMs', pick(change.delayMs, before.delayMs)),
    jitterMs: upTo(maxDelayMs, 'jitterMs', pick(change.jitterMs, before.jitterMs)),
    bandwidthKbps,
  };
}

const maxDelayMs = 60_000;

function upTo(limit: number, name: string, value: number): number {
  if (!(value >= 0 && value <= limit)) throw new RangeError(`${name} must be from 0 to ${limit}, not ${value}.`);
  return value;
}

/** What a network does to one direction of a link. Everything zero or `null`: nothing. */
export interface LinkConditions {
  /** Drops everything. */
  blackout: boolean;
  /** Share of datagrams dropped at random, 0..100. */
  lossPercent: number;
  /** Added to every datagram. */
  delayMs: number;
  /** Up to this much more, at random; order is kept. */
  jitterMs: number;
  /** Capacity in kilobits per second; `null` for no limit. */
  bandwidthKbps: number | null;
}

export const clearLink: Readonly<LinkConditions> = {
  blackout: false,
  lossPercent: 0,
  delayMs: 0,
  jitterMs: 0,
  bandwidthKbps: null,
};

/** Two links one after the other. */
export function combineLinks(a: LinkConditions, b: LinkConditions): LinkConditions {
  return {
    blackout: a.blackout || b.blackout,
    lossPercent: 100 - ((100 - a.lossPercent) * (100 - b.lossPercent)) / 100,
    delayMs: a.delayMs + b.delayMs,
    jitterMs: a.jitterMs + b.jitterMs,
    bandwidthKbps:
      a.bandwidthKbps === null || b.bandwidthKbps === null
        ? (a.bandwidthKbps ?? b.bandwidthKbps)
        : Math.min(a.bandwidthKbps, b.bandwidthKbps),
  };
}

export function isClear(link: LinkConditions): boolean {
  return (
    !link.blackout && link.lossPercent === 0 && link.delayMs === 0 && link.jitterMs === 0 && link.bandwidthKbps === null
  );
}

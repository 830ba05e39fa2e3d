import * as t from 'io-ts';

/** Conditions of one direction of the media's UDP link. */
export const networkConditions = t.readonly(
  t.partial({
    /** Share of datagrams lost at random, 0 to 100. */
    lossPercent: t.number,
    /** Added to every datagram. */
    delayMs: t.number,
    /** Up to this much more, at random. */
    jitterMs: t.number,
    /** Capacity, kilobits per second; `null`: no limit. */
    bandwidthKbps: t.union([t.number, t.null]),
    /** Nothing passes. */
    blackout: t.boolean,
  }),
);

/** What the network does to media; what is absent does not happen. `{}` is a clean network. */
export type NetworkConditions = t.TypeOf<typeof networkConditions>;

/** Faults on the media side, as plain data. */
export const mediaFault = t.union([
  t.type({ kind: t.literal('network'), upstream: networkConditions, downstream: networkConditions }),
  t.type({ kind: t.literal('kick'), room: t.string }),
  t.type({ kind: t.literal('cut-media-signalling'), room: t.string }),
  t.type({ kind: t.literal('force-full-reconnect'), room: t.string }),
  t.type({ kind: t.literal('stall-inference'), stalled: t.boolean }),
  t.type({ kind: t.literal('inference-lag'), lagMs: t.number }),
]);

/** What can be done to the media of the service. */
export type MediaFault = t.TypeOf<typeof mediaFault>;

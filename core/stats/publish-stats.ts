import type { StreamMemory } from './counters.js';
import { numberIn, type RtcStatsEntry, textIn } from './entry.js';

/** What the encoder of the published video did. Counters are summed over the simulcast layers. */
export interface PublishStatsEvent {
  /** Since the stream began, headers not counted. */
  readonly bytesSent: number;
  /** Since the sample before; 0 in the first one and for layers that started again. */
  readonly deltaBytes: number;
  /** Since the stream began. */
  readonly framesEncoded: number;
  /** Frames encoded since the sample before; 0 in the first one. */
  readonly deltaFrames: number;
  /** Of the largest active layer, like all that follows. */
  readonly frameWidth: number | null;
  /** Pixels. */
  readonly frameHeight: number | null;
  /** The encoder's name, such as `libvpx`; `null` where the platform hides it. */
  readonly encoderImplementation: string | null;
  /** `none`, `cpu`, `bandwidth` or `other`. */
  readonly qualityLimitationReason: string | null;
}

/** A simulcast layer of the published video with what is remembered of it. */
export interface PublishedLayer {
  readonly entry: RtcStatsEntry;
  readonly memory: StreamMemory;
}

/** null when no video is published. */
export function publishStats(layers: readonly PublishedLayer[]): PublishStatsEvent | null {
  const largest = largestActiveLayer(layers);
  if (largest === null) return null;
  const sum = (of: (layer: PublishedLayer) => number | null | undefined): number =>
    layers.reduce((total, layer) => total + (of(layer) ?? 0), 0);
  return {
    bytesSent: sum(({ entry }) => numberIn(entry, 'bytesSent')),
    // The same report again must not be counted twice.
    deltaBytes: sum(({ memory }) => (memory.isFresh ? memory.deltas.bytesSent : 0)),
    framesEncoded: sum(({ entry }) => numberIn(entry, 'framesEncoded')),
    deltaFrames: sum(({ memory }) => (memory.isFresh ? memory.deltas.framesEncoded : 0)),
    frameWidth: numberIn(largest.entry, 'frameWidth'),
    frameHeight: numberIn(largest.entry, 'frameHeight'),
    encoderImplementation: textIn(largest.entry, 'encoderImplementation'),
    qualityLimitationReason: textIn(largest.entry, 'qualityLimitationReason'),
  };
}

/** The layer with most pixels (of equal ones that with the highest target) among the active ones, or among all when none is active. */
export function largestActiveLayer(layers: readonly PublishedLayer[]): PublishedLayer | null {
  const active = layers.filter(({ entry }) => entry.active !== false);
  const pixels = ({ entry }: PublishedLayer): number =>
    (numberIn(entry, 'frameWidth') ?? 0) * (numberIn(entry, 'frameHeight') ?? 0);
  const pool = active.length > 0 ? active : layers;
  const target = ({ entry }: PublishedLayer): number => numberIn(entry, 'targetBitrate') ?? 0;
  const isLarger = (one: PublishedLayer, other: PublishedLayer): boolean =>
    pixels(one) > pixels(other) || (pixels(one) === pixels(other) && target(one) > target(other));
  return pool.reduce<PublishedLayer | null>(
    (largest, layer) => (largest === null || isLarger(layer, largest) ? layer : largest),
    null,
  );
}

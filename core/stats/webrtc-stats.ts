import { type LatencyReport, latencyUnavailable } from '../latency/report.js';
import { chooseCandidatePair, describeCandidatePair } from './candidate-pair.js';
import { advanceStream, framesPerSecond, perSecond, type StreamMemory } from './counters.js';
import { kindOf, numberIn, type RtcStatsEntry, textIn } from './entry.js';
import { normaliseFractionLost } from './fraction-lost.js';
import type {
  ConnectionStats,
  InboundAudioStats,
  InboundVideoStats,
  OutboundVideoStats,
  RemoteInboundStats,
} from './media-stats.js';
import { largestActiveLayer, type PublishedLayer, type PublishStatsEvent, publishStats } from './publish-stats.js';

/** One sample of everything, about once a second. A part that does not exist (yet) is null. */
export interface RealtimeStats {
  /** When the sample was taken: milliseconds of the client's scheduler. */
  readonly timestampMs: number;
  /** The published video, as the encoder counts it. */
  readonly publish: PublishStatsEvent | null;
  /** The received video. */
  readonly video: InboundVideoStats | null;
  /** The received audio. */
  readonly audio: InboundAudioStats | null;
  /** The published video, as it is sent. */
  readonly outboundVideo: OutboundVideoStats | null;
  /** The published video, as the receiver reports it (RTCP). */
  readonly remoteInbound: RemoteInboundStats | null;
  /** The transport under the media. */
  readonly connection: ConnectionStats;
  /** Glass-to-glass latency, with `debugQuality`; else the reason why there is none. */
  readonly latency: LatencyReport;
}

/** What a media transport hands over. With a single peer connection everything is under `publisher`. */
export interface RawStatsSample {
  /** When it was asked for. Rates do not depend on it: they come from the entries' own timestamps. */
  readonly timestampMs: number;
  /** Entries of the transport that sends. */
  readonly publisher: readonly RtcStatsEntry[];
  /** Entries of the transport that receives; empty with a single peer connection. */
  readonly subscriber: readonly RtcStatsEntry[];
  /** The measured latency at that time. @default unavailable: `debug-quality-off` */
  readonly latency?: LatencyReport | undefined;
}

/** What is remembered of each stream. Start again from `initialStatsState` after a reconnect. */
export type StatsState = ReadonlyMap<string, StreamMemory>;

/** Before the first sample. */
export const initialStatsState: StatsState = new Map();

/** One raw sample in, the next state and the normalised sample out. Rates are never negative: a reset is null. */
export function stepStats(state: StatsState, sample: RawStatsSample): readonly [StatsState, RealtimeStats] {
  // The two transports name their entries independently of each other: only with its side an id is unique.
  const publisher = streamsOf('publisher', sample.publisher, state);
  const subscriber = streamsOf('subscriber', sample.subscriber, state);
  const streams = [...publisher, ...subscriber];
  const layers = streams.filter(({ entry }) => entry.type === 'outbound-rtp' && kindOf(entry) === 'video');
  const sources = streams.filter(({ entry }) => entry.type === 'media-source' && kindOf(entry) === 'video');
  const inbound = streams.filter(({ entry }) => entry.type === 'inbound-rtp');
  const next = new Map(streams.map(({ key, memory }) => [key, memory]));
  return [
    next,
    {
      timestampMs: sample.timestampMs,
      publish: publishStats(layers),
      video: inboundVideo(liveliest(inbound.filter(({ entry }) => kindOf(entry) === 'video'))),
      audio: inboundAudio(liveliest(inbound.filter(({ entry }) => kindOf(entry) === 'audio'))),
      outboundVideo: outboundVideo(layers, sources),
      remoteInbound: remoteInbound([...sample.publisher, ...sample.subscriber], layers),
      connection: connection(sample.publisher, sample.subscriber),
      latency: sample.latency ?? latencyUnavailable('debug-quality-off'),
    },
  ];
}

/** Frames per second that are given to the encoder; null: not known, or nothing is published. */
export function sourceFramesPerSecond({ outboundVideo }: Pick<RealtimeStats, 'outboundVideo'>): number | null {
  // A network that is down stops the encoder, too; the source goes on.
  return outboundVideo && (outboundVideo.sourceFramesPerSecond ?? outboundVideo.framesPerSecond ?? 0);
}

/** False where it is known that no frames are given to the encoder: then none can come back. */
export function isSendingVideo(stats: Pick<RealtimeStats, 'outboundVideo'>): boolean {
  const framesPerSecond = sourceFramesPerSecond(stats);
  return framesPerSecond === null || framesPerSecond >= 1;
}

interface Stream extends PublishedLayer {
  readonly key: string;
}

const followed: ReadonlySet<string> = new Set(['outbound-rtp', 'inbound-rtp', 'media-source']);

function streamsOf(side: string, entries: readonly RtcStatsEntry[], state: StatsState): Stream[] {
  const streams = new Map<string, Stream>();
  for (const entry of entries) {
    if (!followed.has(entry.type)) continue;
    const key = `${side}/${entry.id}`;
    streams.set(key, { key, entry, memory: advanceStream(state.get(key), entry) });
  }
  return [...streams.values()];
}

// A stream that was replaced may linger in the report: the one that data still arrives on is meant.
function liveliest(streams: readonly Stream[]): Stream | null {
  const growth = ({ memory }: Stream): number => memory.deltas.bytesReceived ?? memory.values.bytesReceived ?? 0;
  return streams.reduce<Stream | null>((best, one) => (best === null || growth(one) > growth(best) ? one : best), null);
}

function inboundAudio(stream: Stream | null): InboundAudioStats | null {
  if (stream === null) return null;
  const { entry, memory } = stream;
  return {
    bitrate: bitrateOf(memory, 'bytesReceived'),
    bytesReceived: numberIn(entry, 'bytesReceived'),
    packetsReceived: numberIn(entry, 'packetsReceived'),
    packetsLost: numberIn(entry, 'packetsLost'),
    jitter: numberIn(entry, 'jitter'),
  };
}

function inboundVideo(stream: Stream | null): InboundVideoStats | null {
  const common = inboundAudio(stream);
  if (stream === null || common === null) return null;
  const { entry, memory } = stream;
  return {
    ...common,
    framesPerSecond: framesPerSecond(memory, entry, 'framesDecoded'),
    frameWidth: numberIn(entry, 'frameWidth'),
    frameHeight: numberIn(entry, 'frameHeight'),
    framesReceived: numberIn(entry, 'framesReceived'),
    framesDecoded: numberIn(entry, 'framesDecoded'),
    framesDropped: numberIn(entry, 'framesDropped'),
    freezeCount: numberIn(entry, 'freezeCount'),
    freezeCountDelta: memory.isFresh ? (memory.deltas.freezeCount ?? null) : 0,
    totalFreezesDuration: numberIn(entry, 'totalFreezesDuration'),
    decoderImplementation: textIn(entry, 'decoderImplementation'),
  };
}

function outboundVideo(
  layers: readonly PublishedLayer[],
  sources: readonly PublishedLayer[],
): OutboundVideoStats | null {
  const largest = largestActiveLayer(layers);
  if (largest === null) return null;
  const sourceId = textIn(largest.entry, 'mediaSourceId');
  const source = sources.find(({ entry }) => entry.id === sourceId);
  const bitrates = layers.flatMap(({ memory }) => bitrateOf(memory, 'bytesSent') ?? []);
  return {
    framesPerSecond: framesPerSecond(largest.memory, largest.entry, 'framesEncoded'),
    frameWidth: numberIn(largest.entry, 'frameWidth'),
    frameHeight: numberIn(largest.entry, 'frameHeight'),
    bitrate: bitrates.length === 0 ? null : bitrates.reduce((total, bitrate) => total + bitrate, 0),
    qualityLimitationReason: textIn(largest.entry, 'qualityLimitationReason'),
    sourceFramesPerSecond: source === undefined ? null : framesPerSecond(source.memory, source.entry, 'frames'),
  };
}

// Prefers the report on the largest active layer, then on any video; a session may send audio only.
function remoteInbound(
  entries: readonly RtcStatsEntry[],
  layers: readonly PublishedLayer[],
): RemoteInboundStats | null {
  const reports = entries.filter((entry) => entry.type === 'remote-inbound-rtp');
  const largest = largestActiveLayer(layers)?.entry;
  const report =
    reports.find((one) => largest !== undefined && isAbout(one, largest)) ??
    reports.find((one) => kindOf(one) === 'video') ??
    reports[0];
  if (report === undefined) return null;
  return {
    fractionLost: normaliseFractionLost(numberIn(report, 'fractionLost')),
    jitter: numberIn(report, 'jitter'),
    roundTripTime: numberIn(report, 'roundTripTime'),
  };
}

function isAbout(report: RtcStatsEntry, layer: RtcStatsEntry): boolean {
  const ssrc = numberIn(report, 'ssrc');
  return textIn(report, 'localId') === layer.id || (ssrc !== null && ssrc === numberIn(layer, 'ssrc'));
}

function connection(publisher: readonly RtcStatsEntry[], subscriber: readonly RtcStatsEntry[]): ConnectionStats {
  const pairs = [publisher, subscriber].flatMap((entries) => {
    const pair = chooseCandidatePair(entries);
    return pair === null ? [] : [describeCandidatePair(pair, entries)];
  });
  return {
    currentRoundTripTime: pairs.find((pair) => pair.currentRoundTripTime !== null)?.currentRoundTripTime ?? null,
    availableOutgoingBitrate:
      pairs.find((pair) => pair.availableOutgoingBitrate !== null)?.availableOutgoingBitrate ?? null,
    selectedCandidatePairs: pairs,
  };
}

function bitrateOf(memory: StreamMemory, counter: 'bytesSent' | 'bytesReceived'): number | null {
  const bytes = perSecond(memory, counter);
  return bytes === null ? null : bytes * 8;
}

import { numberIn, type RtcStatsEntry, textIn } from './entry.js';

/** What is remembered of one RTP stream: its counters and how far they moved since the report before. */
export interface StreamMemory {
  readonly timestampMs: number;
  readonly identity: string;
  readonly values: Readonly<Record<string, number>>;
  /** Growth of each counter. Empty while there is nothing to compare with: a new, replaced or reset stream. */
  readonly deltas: Readonly<Record<string, number>>;
  /** Time in which the deltas came about, by the reports' own timestamps; null with empty deltas. */
  readonly elapsedMs: number | null;
  /** False when the platform handed out the same report again. The deltas are then those of before. */
  readonly isFresh: boolean;
  /** When the frame counter last moved. */
  readonly lastFrameAtMs: number;
}

// Only counters that never fall by themselves: packetsLost may, so it is not among them.
const counters = [
  'bytesSent',
  'bytesReceived',
  'packetsSent',
  'packetsReceived',
  'framesEncoded',
  'framesDecoded',
  'frames',
  'freezeCount',
] as const;

export type StreamCounter = (typeof counters)[number];

/** Compares an entry with what is remembered of its stream. */
export function advanceStream(before: StreamMemory | undefined, entry: RtcStatsEntry): StreamMemory {
  const identity = `${numberIn(entry, 'ssrc') ?? ''}/${textIn(entry, 'trackIdentifier') ?? ''}`;
  if (before !== undefined && before.timestampMs === entry.timestamp && before.identity === identity) {
    return before.isFresh ? { ...before, isFresh: false } : before;
  }

  const values: Record<string, number> = {};
  for (const counter of counters) {
    const value = numberIn(entry, counter);
    if (value !== null) values[counter] = value;
  }
  const base = { timestampMs: entry.timestamp, identity, values, isFresh: true };
  if (before === undefined || before.identity !== identity || !continues(before, entry.timestamp, values)) {
    return { ...base, deltas: {}, elapsedMs: null, lastFrameAtMs: entry.timestamp };
  }

  const deltas: Record<string, number> = {};
  for (const [counter, value] of Object.entries(values)) {
    const earlier = before.values[counter];
    if (earlier !== undefined) deltas[counter] = value - earlier;
  }
  const moved = [deltas.framesDecoded, deltas.framesEncoded, deltas.frames].some((delta) => (delta ?? 0) > 0);
  return {
    ...base,
    deltas,
    elapsedMs: entry.timestamp - before.timestampMs,
    lastFrameAtMs: moved ? entry.timestamp : before.lastFrameAtMs,
  };
}

/** Growth of a counter per second; null without a base. Never negative. */
export function perSecond(memory: StreamMemory, counter: StreamCounter): number | null {
  const delta = memory.deltas[counter];
  return delta === undefined || memory.elapsedMs === null ? null : (delta * 1000) / memory.elapsedMs;
}

/**
 * Frames per second: what the platform says, else from the counter (Chromium leaves it out instead of saying 0).
 * After two seconds without a frame it is 0, even where the platform keeps a stale value.
 */
export function framesPerSecond(
  memory: StreamMemory,
  entry: RtcStatsEntry,
  counter: 'framesEncoded' | 'framesDecoded' | 'frames',
): number | null {
  const derived = perSecond(memory, counter);
  if (derived !== null && memory.timestampMs - memory.lastFrameAtMs >= 2000) return 0;
  return numberIn(entry, 'framesPerSecond') ?? derived;
}

function continues(before: StreamMemory, timestampMs: number, values: Readonly<Record<string, number>>): boolean {
  if (timestampMs <= before.timestampMs) return false;
  return Object.entries(before.values).every(([counter, earlier]) => (values[counter] ?? earlier) >= earlier);
}

import { medianOfSorted, sorted } from '../stats/median.js';

/** What the tracker knows. null: not measured yet. */
export interface LatencySnapshot {
  /** From the start of the connect try to the first match. */
  readonly ttffMs: number | null;
  /** Median glass-to-glass latency of the last 300 samples. */
  readonly medianMs: number | null;
  /** 90th percentile of the same samples. */
  readonly p90Ms: number | null;
  /** Share of the last 300 outcomes that were drops, 0..1; known from 30 outcomes on. */
  readonly dropRatio: number | null;
  /** Latency samples in the window, at most 300. */
  readonly sampleCount: number;
  /** Outcomes (arrived or dropped) in the window, at most 300. */
  readonly outcomeCount: number;
}

/** Pairs the numbers that go out with those that come back. All times are of one clock, in milliseconds. */
export interface LatencyTracker {
  /** A connect try begins: forgets all measurements; numbering goes on. */
  markStart(nowMs: number): void;
  /** The number to stamp on the frame that goes out now, 0..65535. */
  stampNext(nowMs: number): number;
  /** Another tracker has stamped this number on a frame that goes out now: numbering goes on behind it. */
  noteStamped(seq: number, nowMs: number): void;
  /** A number was read from a frame that came in now. Unknown and repeated numbers change nothing. */
  recordInbound(seq: number, nowMs: number): void;
  /** A frame that came in now said how long it took. Adds a sample; what is dropped is not known this way. */
  recordLatency(latencyMs: number, nowMs: number): void;
  /** What has been measured since `markStart`. Changes nothing. */
  snapshot(): LatencySnapshot;
}

const sequenceSpace = 0x10000;
const inFlightLimit = 256;
const warmUpMs = 2000;
const latencyLimitMs = 60_000;
const windowSize = 300;
const outcomesForRatio = 30;

const isPossible = (latencyMs: number): boolean => latencyMs >= 0 && latencyMs <= latencyLimitMs;

/** A tracker that has measured nothing yet. It has no timers: there is nothing to close. */
export function createLatencyTracker(): LatencyTracker {
  // A Map keeps the order of stamping, so its first key is the oldest number.
  const stampedAt = new Map<number, number>();
  let latencies: number[] = [];
  let outcomes: boolean[] = [];
  let nextSeq = 0;
  let startedAtMs: number | null = null;
  let firstMatchAtMs: number | null = null;
  let ttffMs: number | null = null;

  const isPastWarmUp = (nowMs: number): boolean => firstMatchAtMs !== null && nowMs >= firstMatchAtMs + warmUpMs;

  const recordOutcome = (arrived: boolean): void => {
    outcomes.push(arrived);
    if (outcomes.length > windowSize) outcomes.shift();
  };

  const ageOut = (nowMs: number): void => {
    for (const seq of stampedAt.keys()) {
      if (stampedAt.size <= inFlightLimit) return;
      stampedAt.delete(seq);
      if (isPastWarmUp(nowMs)) recordOutcome(false);
    }
  };

  // What was stamped before the first frame that came through does not count as dropped.
  const forgetOlderThan = (seq: number): void => {
    for (const older of stampedAt.keys()) {
      if (older === seq) return;
      stampedAt.delete(older);
    }
  };

  const noteStamped = (seq: number, nowMs: number): void => {
    nextSeq = (seq + 1) % sequenceSpace;
    stampedAt.set(seq, nowMs);
    ageOut(nowMs);
  };

  const noteFirstMatch = (nowMs: number): void => {
    if (firstMatchAtMs !== null) return;
    firstMatchAtMs = nowMs;
    ttffMs = startedAtMs === null ? null : nowMs - startedAtMs;
  };

  const recordSample = (latencyMs: number): void => {
    latencies.push(latencyMs);
    if (latencies.length > windowSize) latencies.shift();
  };

  return {
    noteStamped,

    markStart(nowMs) {
      stampedAt.clear();
      latencies = [];
      outcomes = [];
      startedAtMs = nowMs;
      firstMatchAtMs = null;
      ttffMs = null;
    },

    stampNext(nowMs) {
      const seq = nextSeq;
      noteStamped(seq, nowMs);
      return seq;
    },

    recordInbound(seq, nowMs) {
      const stampedMs = stampedAt.get(seq);
      if (stampedMs === undefined) return;
      const latencyMs = nowMs - stampedMs;
      if (!isPossible(latencyMs)) {
        stampedAt.delete(seq);
        return;
      }
      if (firstMatchAtMs === null) forgetOlderThan(seq);
      noteFirstMatch(nowMs);
      stampedAt.delete(seq);
      if (!isPastWarmUp(nowMs)) return;
      recordSample(latencyMs);
      recordOutcome(true);
    },

    recordLatency(latencyMs, nowMs) {
      if (!isPossible(latencyMs)) return;
      noteFirstMatch(nowMs);
      if (isPastWarmUp(nowMs)) recordSample(latencyMs);
    },

    snapshot() {
      const ascending = sorted(latencies);
      const drops = outcomes.reduce((count, arrived) => (arrived ? count : count + 1), 0);
      return {
        ttffMs,
        medianMs: medianOfSorted(ascending),
        p90Ms: ascending[Math.floor(0.9 * ascending.length)] ?? null,
        dropRatio: outcomes.length >= outcomesForRatio ? drops / outcomes.length : null,
        sampleCount: latencies.length,
        outcomeCount: outcomes.length,
      };
    },
  };
}

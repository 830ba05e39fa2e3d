import { median } from '../../core/stats/median.js';

/** A frame as it was seen. */
export interface SeenFrame {
  readonly atMs: number;
  /** Identifies a stream. */
  readonly stream: number;
}

/** How evenly frames came, and what the change from one stream to another did to that. Milliseconds. */
export interface FrameGaps {
  readonly frames: number;
  /** The usual time from frame to frame: the median. */
  readonly intervalMs: number;
  /** From the last frame of one stream to the first of the next: the median of all changes. */
  readonly changeMs: number;
  /** The longest time from frame to frame within a stream. */
  readonly longestMs: number;
}

/** @throws Error when there was no change */
export function frameGaps(seen: readonly SeenFrame[]): FrameGaps {
  const gaps = seen.slice(1).map((frame, n) => {
    const before = seen[n] ?? frame;
    return { ms: frame.atMs - before.atMs, isChange: frame.stream !== before.stream };
  });
  const within = gaps.filter(({ isChange }) => !isChange).map(({ ms }) => ms);
  const changes = gaps.filter(({ isChange }) => isChange).map(({ ms }) => ms);
  if (changes.length === 0) throw new Error('The stream never changed.');
  return {
    frames: seen.length,
    intervalMs: median(within) ?? Number.NaN,
    changeMs: median(changes) ?? Number.NaN,
    longestMs: Math.max(...within),
  };
}

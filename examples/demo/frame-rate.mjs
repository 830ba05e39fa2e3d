const WINDOW_MS = 2_000;

/**
 * Frames per second out of a counter that is read now and then.
 *
 * @returns {{ read(nowMs: number, count: number): number | null }} the rate over the last two seconds
 */
export function createFrameRate() {
  /** @type {{ atMs: number, count: number }[]} */
  const readings = [];
  return {
    read(nowMs, count) {
      readings.push({ atMs: nowMs, count });
      while (readings.length > 2 && readings[1].atMs <= nowMs - WINDOW_MS) readings.shift();
      const [oldest] = readings;
      const elapsedMs = nowMs - oldest.atMs;
      return elapsedMs < WINDOW_MS / 4 ? null : ((count - oldest.count) * 1_000) / elapsedMs;
    },
  };
}

const SETTLING_MS = 2_000;

/**
 * Frames per second while the session runs undisturbed: the first two seconds after each (re)connect do not count,
 * nor does the time without a session.
 */
export function createSteadyRate() {
  let steadyMs = 0;
  let frames = 0;
  /** @type {{ sinceMs: number, last: { atMs: number, count: number } | null } | null} */
  let stretch = null;
  return {
    /** @param {number} nowMs @param {number} count @param {boolean} isLive */
    read(nowMs, count, isLive) {
      if (!isLive) {
        stretch = null;
        return;
      }
      stretch ??= { sinceMs: nowMs, last: null };
      if (nowMs - stretch.sinceMs < SETTLING_MS) return;
      if (stretch.last !== null) {
        steadyMs += nowMs - stretch.last.atMs;
        frames += count - stretch.last.count;
      }
      stretch.last = { atMs: nowMs, count };
    },
    /** `null` when no stretch was long enough. */
    get framesPerSecond() {
      return steadyMs < 500 ? null : (frames * 1_000) / steadyMs;
    },
  };
}

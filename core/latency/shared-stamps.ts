import { createLatencyTracker, type LatencyTracker } from './tracker.js';

/** Makes trackers for sessions that may publish the same frames: what one of them stamps, all know. */
export function trackersWithSharedStamps(): () => LatencyTracker {
  const trackers: LatencyTracker[] = [];
  return () => {
    const tracker = createLatencyTracker();
    trackers.push(tracker);
    return {
      ...tracker,
      stampNext(nowMs) {
        const seq = tracker.stampNext(nowMs);
        for (const other of trackers) if (other !== tracker) other.noteStamped(seq, nowMs);
        return seq;
      },
    };
  };
}

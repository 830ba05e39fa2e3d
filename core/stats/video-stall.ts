/** Below this many inbound frames per second the video counts as stalled. */
export const stallFramesPerSecond = 0.5;

/** When the stall began; null while the video runs. */
export interface VideoStallState {
  readonly stalledSinceMs: number | null;
}

/** The video stopped, or it runs again after `durationMs`. */
export type VideoStallEvent =
  | { readonly stalled: true; readonly sinceMs: number }
  | { readonly stalled: false; readonly sinceMs: number; readonly durationMs: number };

export const initialVideoStallState: VideoStallState = { stalledSinceMs: null };

/**
 * One frame rate in, the next state out, with an event when it changed (else null).
 * A rate that is not known (null) says nothing either way.
 */
export function stepVideoStall(
  state: VideoStallState,
  sample: { readonly timestampMs: number; readonly framesPerSecond: number | null },
): readonly [VideoStallState, VideoStallEvent | null] {
  if (sample.framesPerSecond === null) return [state, null];
  const isStalled = sample.framesPerSecond < stallFramesPerSecond;
  const sinceMs = state.stalledSinceMs;
  if (isStalled && sinceMs === null) {
    return [{ stalledSinceMs: sample.timestampMs }, { stalled: true, sinceMs: sample.timestampMs }];
  }
  if (!isStalled && sinceMs !== null) {
    return [initialVideoStallState, { stalled: false, sinceMs, durationMs: sample.timestampMs - sinceMs }];
  }
  return [state, null];
}

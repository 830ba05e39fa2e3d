import { isSendingVideo, type RealtimeStats, sourceFramesPerSecond } from './webrtc-stats.js';

/** Without a decoded frame for this long a session that sends video counts as frozen; a slow start takes up to it. */
export const firstFrameLimitMs = 10_000;

/** Since when a frame is waited for; null before the first sample. */
export interface InboundRateState {
  readonly waitingSinceMs: number | null;
  /** Of the sample before. */
  readonly sourceFramesPerSecond: number | null;
}

export const initialInboundRateState: InboundRateState = { waitingSinceMs: null, sourceFramesPerSecond: null };

/**
 * The received video's frames per second, as far as they say something of the connection. null: they say nothing,
 * because nothing is sent that could come back (or the source is just stopping, and its last frames may not come
 * through), or because the first frame is still to be expected. 0 also where a
 * session that sends has received no frame for {@link firstFrameLimitMs}, when there are no statistics of it at all.
 */
export function stepInboundRate(
  state: InboundRateState,
  stats: RealtimeStats,
): readonly [InboundRateState, number | null] {
  const { timestampMs, video, outboundVideo } = stats;
  const framesPerSecond = video?.framesPerSecond ?? null;
  const isDecoding = (video?.framesDecoded ?? 0) > 0;
  const source = sourceFramesPerSecond(stats);
  const next = (waitingSinceMs: number): InboundRateState => ({ waitingSinceMs, sourceFramesPerSecond: source });
  const isStopping = source !== null && source < (state.sourceFramesPerSecond ?? 0) / 2;
  if (isStopping || !isSendingVideo(stats)) return [next(timestampMs), null];
  if (isDecoding || outboundVideo === null) return [next(timestampMs), framesPerSecond];
  const waitingSinceMs = state.waitingSinceMs ?? timestampMs;
  return [next(waitingSinceMs), timestampMs - waitingSinceMs >= firstFrameLimitMs ? 0 : null];
}

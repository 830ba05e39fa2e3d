/** A received track whose frames say when they were sent. LiveKit's tracks do. */
export interface TimedTrack {
  /** What came with the frame of this RTP timestamp. `userTimestamp`: microseconds since 1970, by the sender's clock. */
  lookupFrameMetadata?(frame: { readonly rtpTimestamp: number }): { readonly userTimestamp?: bigint } | undefined;
}

/**
 * Calls back for each rendered frame with the time since it was sent, in milliseconds: this page has sent it, so both
 * times are of one clock. A hidden page renders nothing, and nothing is called. Returns what ends it.
 */
export function watchFrameTiming(track: MediaStreamTrack, timed: TimedTrack, onLatency: (latencyMs: number) => void) {
  const video = document.createElement('video');
  if (!timed.lookupFrameMetadata || typeof video.requestVideoFrameCallback !== 'function') return () => undefined;
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const look: VideoFrameRequestCallback = (_now, { rtpTimestamp, expectedDisplayTime }) => {
    handle = video.requestVideoFrameCallback(look);
    const sent = rtpTimestamp === undefined ? undefined : timed.lookupFrameMetadata?.({ rtpTimestamp })?.userTimestamp;
    if (!sent) return;
    // Not by performance.timeOrigin, which does not follow when the system's clock is set.
    const shownAtMs = Date.now() + expectedDisplayTime - performance.now();
    onLatency(shownAtMs - Number(sent) / 1000);
  };
  let handle = video.requestVideoFrameCallback(look);
  // Muted video may play everywhere; if it does not, there is no latency.
  video.play().catch(() => undefined);
  return () => {
    video.cancelVideoFrameCallback(handle);
    video.srcObject = null;
  };
}

import { readFrames } from './frame-reader.js';

const pollMs = 250;

/**
 * Calls back once, when a received track's first frame has been decoded, rendered or not. Returns a function that
 * cancels.
 */
export function onFirstFrame(
  track: MediaStreamTrack,
  receiver: RTCRtpReceiver | null,
  onFrame: () => void,
): () => void | Promise<void> {
  const stops: (() => void | Promise<void>)[] = [];
  let isDone = false;
  const stop = async (): Promise<void> => {
    await Promise.all(stops.splice(0).map((each) => each()));
  };
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    stop();
    onFrame();
  };
  const reader = readFrames(track, once);
  if (reader) {
    stops.push(reader.stop);
  } else {
    stops.push(watchRendering(track, once));
    // Nothing is rendered while the page is hidden, but decoding goes on.
    if (receiver) stops.push(watchDecoding(receiver, once));
  }
  return () => {
    isDone = true;
    return stop();
  };
}

function watchRendering(track: MediaStreamTrack, onFrame: () => void): () => void {
  const video = document.createElement('video');
  if (typeof video.requestVideoFrameCallback !== 'function') return () => undefined;
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const handle = video.requestVideoFrameCallback(onFrame);
  // It is muted, so it may play; where it may not after all, decoding is watched, too.
  video.play().catch(() => undefined);
  return () => {
    video.cancelVideoFrameCallback(handle);
    video.srcObject = null;
  };
}

function watchDecoding(receiver: RTCRtpReceiver, onFrame: () => void): () => void {
  const timer = setInterval(async () => {
    const report = await receiver.getStats();
    report.forEach((entry: { type?: string; framesDecoded?: number }) => {
      if (entry.type === 'inbound-rtp' && (entry.framesDecoded ?? 0) > 0) onFrame();
    });
  }, pollMs);
  return () => clearInterval(timer);
}

// A session that is replaced by another one, over and over, with the time of each frame that is shown.
import { createDecartClient } from 'decart-rx/browser';

const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
document.body.append(video);

/** Every frame as `{ atMs, session }`. */
globalThis.measure = async (config, model, switches, framesBetween) => {
  const client = createDecartClient(config);
  const { realtime } = client;
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 30 } });
  (await realtime.connect({ model }, camera)).attach(video);
  const seen = [];
  let session = 1;
  let rtp = null;
  let onFrame = () => undefined;
  // The clock of a session's frames begins anywhere: a jump is another session.
  const look = (_now, { presentationTime, rtpTimestamp }) => {
    if (rtp !== null && Math.abs(rtpTimestamp - rtp) > 90_000 * 5) session += 1;
    rtp = rtpTimestamp;
    seen.push({ atMs: presentationTime, session });
    onFrame();
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const until = (isThere) =>
    new Promise((resolve) => {
      onFrame = () => isThere() && resolve();
    });
  const more = () => {
    const goal = seen.length + framesBetween;
    return until(() => seen.length >= goal);
  };
  await more();
  for (let n = 0; n < switches; n += 1) {
    const arrived = until(() => session === n + 2);
    await Promise.all([realtime.switchTo({ model }), arrived]);
    await more();
  }
  await client.release();
  return seen;
};
globalThis.isReady = true;

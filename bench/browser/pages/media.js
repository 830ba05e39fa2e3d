// A session that sends a picture which is hard to compress, and what the browser says of its media.
import { createDecartClient } from 'decart-rx/browser';

const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
const pen = canvas.getContext('2d');
let drawn = 0;
// The encoder is to use the bit rate that it is given.
setInterval(() => {
  drawn += 1;
  for (let i = 0; i < 400; i += 1) {
    pen.fillStyle = `hsl(${(i * 37 + drawn * 5) % 360} 70% ${30 + ((i * 13) % 50)}%)`;
    pen.fillRect((i * 97 + drawn * 7) % 640, (i * 61 + drawn * 3) % 360, 24, 16);
  }
}, 1000 / 30);
const video = Object.assign(document.createElement('video'), { muted: true });
document.body.append(video);

globalThis.measure = async (config, seconds, kbps) => {
  const { realtime } = createDecartClient(config);
  const remote = await realtime.connect({ model: 'lucy-2.1' }, canvas.captureStream(30));
  const connectedMs = performance.now();
  remote.attach(video);
  const measured = { reachedMs: null, bestKbps: 0, freezes: 0, fps: [], framesDropped: 0, lost: 0 };
  await new Promise((resolve) => {
    realtime.stats$.subscribe(({ connection, video: inbound }) => {
      const nowMs = performance.now() - connectedMs;
      const available = (connection.availableOutgoingBitrate ?? 0) / 1000;
      measured.bestKbps = Math.max(measured.bestKbps, Math.round(available));
      if (available >= kbps) measured.reachedMs ??= Math.round(nowMs);
      measured.freezes = inbound?.freezeCount ?? 0;
      measured.framesDropped = inbound?.framesDropped ?? 0;
      measured.lost = inbound?.packetsLost ?? 0;
      if (inbound?.framesPerSecond) measured.fps.push(inbound.framesPerSecond);
      if (nowMs >= seconds * 1000) resolve();
    });
  });
  await realtime.disconnect();
  return measured;
};
globalThis.isReady = true;

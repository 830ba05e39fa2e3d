// A session that notes when its frames are shown, and what is done when they stop.
import { createDecartClient } from 'decart-rx/browser';

const { performance: clock } = globalThis;
const video = document.createElement('video');
video.muted = true;
video.playsInline = true;
document.body.append(video);

const frames = [];
const steps = [];
let realtime = null;
const note = (what) => steps.push([clock.now(), what]);

globalThis.recovery = {
  async connect(config, model) {
    ({ realtime } = createDecartClient(config));
    const count = () => {
      frames.push(clock.now());
      video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
    realtime.remoteStream$.subscribe((remote) => remote?.attach(video));
    realtime.connectionState$.subscribe(note);
    realtime.diagnostics$.subscribe((event) => {
      if (event.name === 'videoStall') note(event.stalled ? 'stalled' : 'recovered');
      if (event.name === 'stallRecovery') note(event.step);
      if (event.name.startsWith('media')) note(event.name);
    });
    const { width, height, fps } = model;
    const camera = await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: fps } });
    await realtime.connect({ model }, camera);
  },
  token: () => realtime.subscribeToken,
  seen: () => ({ frames, steps }),
};

import { createDecartClient } from 'decart-rx/browser';
import { camera, framesIn, video } from './heap-shared.js';

globalThis.cycle = async (config) => {
  const client = createDecartClient(config);
  const remote = await client.realtime.connect({ model: 'lucy-2.1' }, await camera());
  remote.attach(video);
  await framesIn(video, 3);
  await client.release();
};
globalThis.isReady = true;

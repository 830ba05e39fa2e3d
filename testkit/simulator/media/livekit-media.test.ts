import { expect, jest, test } from '@jest/globals';
import { startSimulator } from '../simulator.js';

// The media server's modules take their time to load.
jest.mock('@livekit/rtc-node', () => {
  throw Object.assign(new Error("Cannot find module '@livekit/rtc-node'"), { code: 'MODULE_NOT_FOUND' });
});

test('without the native library mode restyle says what works without it', async () => {
  await expect(startSimulator({ mode: 'restyle', inProcess: true })).rejects.toMatchObject({
    message: expect.stringMatching(/@livekit\/rtc-node.*decart-sim --mode echo/s),
  });
  const simulator = await startSimulator({ inProcess: true });
  await simulator.close();
});

test('a LiveKit server of the caller needs it in any mode: there is nothing else to offer', async () => {
  const media = { url: 'ws://127.0.0.1:9', apiKey: 'k', apiSecret: 's' };
  await expect(startSimulator({ media, inProcess: true })).rejects.toMatchObject({
    message: expect.not.stringContaining('--mode echo'),
  });
});

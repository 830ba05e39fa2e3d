import { VirtualTimeScheduler } from 'rxjs';
import { createMemoryPlatform } from '../../../testkit/memory-platform.js';
import { playSession } from '../../../testkit/session-stage.js';
import { createMemoryLocalStream, createMemoryNetwork, createMemoryTrack } from '../../../transports/memory/index.js';
import { createDecartClient } from '../../client.js';
import type { SessionCalls } from './session-calls.js';

describe('replaceVideoTrack', () => {
  it('is published now, and by the rooms that come', async () => {
    const results: Promise<void>[] = [];
    const track = createMemoryTrack('video');
    playSession(({ at, connect, goLive, network, realtime }) => {
      at(0, () => results.push(realtime.replaceVideoTrack(track)));
      at(1, () => connect());
      at(2, () => goLive());
      at(3, () => results.push(realtime.replaceVideoTrack(track)));
      at(4, () => expect(network.rooms[0]?.replacedTracks).toEqual([track]));
      at(5, () => network.sockets[0]?.closeByServer(1006));
      at(6, () => goLive());
      at(7, () => {
        expect(network.rooms[1]?.request.videoTrack).toBe(track);
        void realtime.disconnect();
      });
    });
    expect(await Promise.allSettled(results)).toMatchObject([
      { reason: { code: 'WEBRTC_SIGNALING_ERROR' } },
      { status: 'fulfilled' },
    ]);
  });
});

test('disconnect() from inside a subscriber resolves when all that was open has closed, not before', async () => {
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({ scheduler, closeDelayMs: 500 });
  const { realtime } = createDecartClient({ apiKey: 'key', scheduler }, createMemoryPlatform({ network }));
  let isDone = false;
  realtime.connectionState$.subscribe((state) => {
    if (state === 'connecting')
      void realtime.disconnect().then(() => {
        isDone = true;
      });
  });
  realtime.connect({ model: 'lucy-2.1' }, createMemoryLocalStream()).catch(() => undefined);
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
  expect([isDone, network.open.sockets]).toEqual([false, 1]);
  scheduler.flush();
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
  expect([isDone, network.open.sockets]).toEqual([true, 0]);
});

test.each<[string, string, (realtime: SessionCalls) => Promise<void>]>([
  ['prompt', 'setImage', (realtime) => realtime.setImage(null, { prompt: 5 as never })],
  ['prompt', 'set', (realtime) => realtime.set({ image: null, prompt: {} as never })],
  ['prompt', 'set without an image', (realtime) => realtime.set({ prompt: 5 as never, image: undefined as never })],
  ['enhance', 'setPrompt', (realtime) => realtime.setPrompt('a', { enhance: 'no' as never })],
  ['enhance', 'setImage', (realtime) => realtime.setImage(null, { enhance: 0 as never })],
  ['options', 'setPrompt', (realtime) => realtime.setPrompt('a', null as never)],
  ['options', 'setImage', (realtime) => realtime.setImage(null, null as never)],
  ['options', 'playAudio', (realtime) => realtime.playAudio(new Uint8Array(1), null as never)],
])('a wrong %s of %s is refused, and nothing of it is sent, now or after a reconnect', async (field, _name, call) => {
  const results: Promise<void>[] = [];
  playSession(({ at, connect, goLive, network, realtime, sent, wishes }) => {
    at(0, () => connect({ initialPrompt: { text: 'good' } }));
    at(1, () => goLive());
    at(2, () => {
      const before = sent(0).length;
      results.push(call(realtime));
      expect(sent(0)).toHaveLength(before);
      network.sockets[0]?.closeByServer(1006);
    });
    at(3, () => goLive());
    at(4, () => {
      expect(wishes(1)).toEqual(['good']);
      void realtime.disconnect();
    });
  });
  await expect(results[0]).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field } });
});

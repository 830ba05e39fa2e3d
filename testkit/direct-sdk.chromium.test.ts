// The last official SDK of direct WebRTC mode, unmodified, against the simulator.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { testWithSound } from './browsers/test-browser.js';
import type { DirectSession } from './pages/direct-sdk-page.js';
import { type OpenPage, openPageSite, type PageSite } from './pages/page-site.js';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator/index.js';

declare const session: DirectSession;

let site: PageSite;
let opened: OpenPage;
let simulator: Simulator;

beforeAll(async () => {
  site = await openPageSite({ onePage: true, entry: 'testkit/pages/direct-sdk-page.ts' });
});
afterAll(() => site?.close());
beforeEach(async () => {
  opened = await site.open({ permissions: ['camera'] });
});
afterEach(async () => {
  await opened?.close();
  await simulator?.close();
});

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);

type Model = Parameters<DirectSession['connect']>[2];

async function connect(options: SimulatorOptions = {}, model: Model = 'lucy_2_rt', camera = true): Promise<void> {
  simulator = await startSimulator(options);
  const { apiKey, baseUrl } = simulator;
  await opened.page.evaluate(([key, url, name, hasCamera]) => session.connect(key, url, name, { camera: hasCamera }), [
    apiKey,
    baseUrl,
    model,
    camera,
  ] as const);
}
const received = () => simulator.received.map(({ type }) => type);

describe('the official SDK of direct WebRTC mode', () => {
  test.each(['echo', 'restyle'] as const)(
    'connects, shows video, has requests acknowledged, and leaves: %s',
    async (mode) => {
      await connect({ mode, tickIntervalMs: 100 });
      await run(() => session.moreFrames(30));
      await run(() => session.client.setPrompt('a forest'));
      await run(() => session.client.setImage(new Blob([Uint8Array.of(1, 2, 3)], { type: 'image/png' })));
      await run(() => session.client.setImage(null));
      await run(() => session.moreFrames(30));
      const first = received().filter((type) => type !== 'ice-candidate');
      expect(first).toEqual(['offer', 'prompt', 'set_image', 'set_image']);
      expect(await run(() => session.client.sessionId)).toMatch(/^session-/);
      const gone = firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
      await run(() => session.client.disconnect());
      await gone;
      expect(await run(() => session.errors)).toEqual([]);
    },
  );

  test.each(['cut', 'kicked'] as const)('reconnects when it is %s', async (how) => {
    await connect();
    await run(() => session.moreFrames(5));
    if (how === 'cut') simulator.faults.dropSocket(1006);
    else simulator.faults.kickFromRoom();
    await run(() => session.until(() => session.states.includes('reconnecting')));
    await run(() => session.until(() => session.client.isConnected()));
    await run(() => session.moreFrames(5));
    expect(received().filter((type) => type === 'offer')).toHaveLength(2);
  });

  test('a viewer sees what the inference sends, never the camera', async () => {
    await connect({ mode: 'restyle' });
    await run(() => session.moreFrames(5));
    await run(() => session.client.setPrompt('a forest'));
    await opened.page.evaluate((key) => session.watch(key), simulator.apiKey);
    const alike = 12;
    expect(await run(() => session.leastDistance(session.viewer, session.camera, 20))).toBeGreaterThan(alike);
    // One of them may be a frame ahead, and the camera's picture jumps once a second: the same frame is waited for.
    await opened.page.evaluate(
      (limit) => session.until(() => session.viewer.distanceTo(session.screen) < limit),
      alike,
    );
    expect((await simulator.stats()).participants).toBe(3);
    await run(() => session.client.disconnect());
    await firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
  });

  testWithSound('a live avatar is heard and seen to speak what is played into it', async () => {
    await connect({}, 'live_avatar', false);
    await run(() => session.moreFrames(5));
    await run(async () => {
      const closed = session.mouth();
      const spoken = session.until(() => session.mouth() > closed + 0.1);
      const heard = session.heardAbove(0.1);
      if (!session.client.playAudio) throw new Error('No avatar.');
      await session.client.playAudio(new Blob([session.tone(1)]));
      await Promise.all([spoken, heard]);
    });
  });

  test('waits in the queue without a word', async () => {
    await connect({ queue: 2, queueIntervalMs: 20 });
    await run(() => session.moreFrames(5));
  });
});

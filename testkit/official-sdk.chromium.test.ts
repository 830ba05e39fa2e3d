// A client from elsewhere: the official JavaScript SDK, against the simulator. Where it misbehaves by its own
// fault the test says `pinned`, and holds what it does: a change there is news, not a failure of the simulator.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WebSocket } from 'playwright-core';
import { filter, firstValueFrom } from 'rxjs';
import { testIn } from './browsers/test-browser.js';
import type { OfficialSession } from './pages/official-sdk-page.js';
import { type OpenPage, openPageSite, type PageSite } from './pages/page-site.js';
import { scenario } from './scenario.js';
import { simulatorMedia } from './simulator/conformance/livekit-server.js';
import { openPlainClient } from './simulator/e2e/plain-client.js';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator/index.js';

declare const session: OfficialSession;

let site: PageSite;
let opened: OpenPage;
let simulator: Simulator;

beforeAll(async () => {
  site = await openPageSite({ onePage: true, entry: 'testkit/pages/official-sdk-page.ts' });
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

async function connect(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ ...simulatorMedia(), ...options });
  await join();
}

async function join(): Promise<void> {
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  await opened.page.evaluate(([key, realtime, rest]) => session.connect(key, realtime, rest), [
    apiKey,
    baseUrl,
    httpBaseUrl,
  ] as const);
}
const joins = () => simulator.received.filter(({ type }) => type === 'livekit_join').length;
const isBack = () =>
  session.until(
    () =>
      session.states.lastIndexOf('connected') > session.states.indexOf('reconnecting') &&
      session.states.includes('reconnecting'),
  );

/** The sockets that the page opens for signaling, as they are opened. */
function signalingSockets(): WebSocket[] {
  const sockets: WebSocket[] = [];
  opened.page.on('websocket', (socket) => socket.url().includes('/v1/stream') && sockets.push(socket));
  return sockets;
}
const received = () => simulator.received.map(({ type }) => type);

describe('the official SDK', () => {
  test('connects, shows remote video, has prompts and images acknowledged, and disconnects', async () => {
    await connect({ tickIntervalMs: 100 });
    await run(() => session.moreFrames(30));
    await run(() => session.client.setPrompt('a forest'));
    await run(() => session.client.setImage(new Blob([Uint8Array.of(1, 2, 3)], { type: 'image/png' })));
    await run(() => session.until(() => session.states.includes('generating')));
    expect(simulator.received.map(({ message }) => message)).toMatchObject([
      { type: 'livekit_join', passthrough: false },
      { type: 'prompt', prompt: 'a rainy street' },
      { type: 'prompt', prompt: 'a forest' },
      { type: 'set_image', image_data: 'AQID' },
    ]);
    expect(await run(() => [session.client.sessionId, session.client.subscribeToken])).toEqual([
      expect.stringMatching(/^session-/),
      expect.any(String),
    ]);
    const gone = firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
    await run(() => session.client.disconnect());
    await gone;
    expect(await run(() => session.states)).toEqual(['connecting', 'connected', 'generating', 'disconnected']);
    expect(await run(() => session.errors)).toEqual([]);
  });

  test('has a refused prompt rejected with the text of the service', async () => {
    await connect();
    simulator.faults.ack({ kind: 'failed', error: 'bad taste' });
    expect(await run(() => session.client.setPrompt('x').catch(({ message }) => message))).toBe('bad taste');
  });

  test('waits in the queue', async () => {
    await connect({ queue: 3, queueIntervalMs: 50 });
    await run(() => session.moreFrames(5));
    expect(await run(() => session.queue)).toEqual([3, 2, 1]);
  });

  test('comes back after a dropped socket. Pinned: it has ended the camera of the app, and sends no video any more', async () => {
    await connect();
    await run(() => session.moreFrames(5));
    simulator.faults.dropSocket(1011);
    await run(() =>
      session.until(() => {
        const { states } = session;
        return states.includes('reconnecting') && states.lastIndexOf('connected') > states.indexOf('reconnecting');
      }),
    );
    expect(received().filter((type) => type === 'livekit_join')).toHaveLength(2);
    // It leaves the old room with LiveKit's default, which stops what was published.
    expect(await run(() => session.cameraState())).toBe('ended');
  });

  test('pinned: after a reconnect it applies the first prompt again, not the one in force', async () => {
    const script = scenario()
      .expectJoin()
      .roomInfo()
      .expectPrompt('a rainy street')
      .ack()
      .expectPrompt('a forest')
      .ack()
      .dropSocket(1011)
      .expectJoin()
      .roomInfo()
      .expectPrompt('a rainy street')
      .ack();
    await connect({ scenario: script });
    await run(() => session.client.setPrompt('a forest'));
    await simulator.scenario?.finished();
  });

  test('pinned: what the service ends for its age, it opens again, and is billed again', async () => {
    await connect();
    await run(() => session.moreFrames(5));
    simulator.faults.endGeneration('timeout');
    await run(isBack);
    expect(joins()).toBe(2);
  });

  const testSockets = testIn('chromium', 'Firefox lets no test watch the sockets of a page');

  testSockets('pinned: without credits it connects again, and is refused', async () => {
    const refused = new Promise<string>((resolve) => {
      opened.page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          const { type, error } = JSON.parse(typeof payload === 'string' ? payload : '{}');
          if (type === 'error') resolve(error);
        }),
      );
    });
    await connect({ credits: 20, tickIntervalMs: 100 });
    expect(await refused).toBe('Insufficient credits');
    expect(joins()).toBeGreaterThan(0);
  });

  testSockets('is refused by a full account, tries again by itself, and comes in when a slot is free', async () => {
    simulator = await startSimulator({ ...simulatorMedia(), maxSessions: 1 });
    const other = await openPlainClient(simulator.baseUrl);
    const sockets = signalingSockets();
    opened.page.once('websocket', (socket) => socket.once('close', () => other.close()));
    await join();
    await run(() => session.moreFrames(5));
    expect(sockets.length).toBeGreaterThan(1);
    expect(joins()).toBeGreaterThan(0);
  });

  test('pinned: two images at a time are both on the wire, and the first ack is taken for the first of them', async () => {
    const script = scenario()
      .expectJoin()
      .roomInfo()
      .expectPrompt()
      .ack()
      .expectImage()
      .expectImage()
      .ack({ of: 'newest', error: 'the second one is bad' })
      .ack();
    await connect({ scenario: script });
    const settled = await run(() =>
      Promise.all(
        ['AAAA', 'BBBB'].map((image) => session.client.setImage(image).then(String, ({ message }) => message)),
      ),
    );
    expect(settled).toEqual(['the second one is bad', 'undefined']);
  });

  test('pinned: a late ack settles the next image, whatever becomes of that', async () => {
    const script = scenario()
      .expectJoin()
      .roomInfo()
      .expectPrompt()
      .ack()
      .expectImage()
      .expectImage()
      .ack()
      .ack({ error: 'the second one is bad' });
    await connect({ scenario: script });
    const settled = await run(async () => {
      const outcome = (image: string, timeout?: number) =>
        session.client.setImage(image, timeout === undefined ? {} : { timeout }).then(String, ({ message }) => message);
      return [await outcome('AAAA', 1), await outcome('BBBB')];
    });
    expect(settled).toEqual(['Image send timed out', 'undefined']);
  });
});

// A network that fails in ways a socket does not report, in Chromium.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { FrameCounter as Counter } from '../../testkit/pages/frame-counter.js';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import type { PageResources, PageSdk } from '../../testkit/pages/session-page.js';
import { openSilentProxy, type SilentProxy } from '../../testkit/simulator/conformance/silent-proxy.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { DecartClient } from './index.js';

declare const sdk: PageSdk;
declare const resources: PageResources;
declare const FrameCounter: typeof Counter;
declare let client: DecartClient;
declare let counter: Counter;
declare let log: string[];

let site: PageSite;
let simulator: Simulator;
let proxy: SilentProxy;
let opened: OpenPage;

beforeAll(async () => {
  [site, simulator] = await Promise.all([openPageSite({ entry: 'testkit/pages/session-page.ts' }), startSimulator()]);
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
beforeEach(async () => {
  proxy = await openSilentProxy(simulator.baseUrl);
  opened = await site.open({ permissions: ['camera'] });
  await opened.page.evaluate(
    async (config) => {
      Object.assign(globalThis, { client: sdk.createDecartClient(config), counter: new FrameCounter(), log: [] });
      const { realtime } = client;
      (await realtime.connect({ model: 'lucy-2.1' })).attach(counter.video);
      await counter.more(3);
      realtime.connectionState$.subscribe((state) => {
        if (state === 'reconnecting' || state === 'connected') log.push(state);
      });
      resources.onStep = (step) => {
        if (step === 'signaling.opening') log.push(step);
      };
      log.length = 0;
    },
    { apiKey: simulator.apiKey, baseUrl: proxy.url },
  );
});
afterEach(async () => {
  await opened.close();
  proxy.close();
});

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);
const reached = (state: string) => opened.page.waitForFunction((wanted) => log.includes(wanted), state);

test('a signaling socket that is dead while media go on is given up when a prompt times out', async () => {
  await run(
    () =>
      new Promise<void>((resolve) => {
        client.realtime.generationTicks$.subscribe(({ seconds }) => seconds > 1 && resolve());
      }),
  );
  proxy.silence();
  const code = await run(async () => {
    await counter.more(3);
    const { realtime } = client;
    const timedOut = realtime.setPrompt('rain', { timeoutMs: 12_000 }).then(
      () => 'done',
      ({ code }) => code,
    );
    await counter.more(3);
    return timedOut;
  });
  expect(code).toBe('WEBRTC_TIMEOUT_ERROR');
  await reached('connected');
  await run(async () => {
    await counter.more(3);
    await client.realtime.setPrompt('rain');
  });
  expect(await run(() => log)).toEqual(['reconnecting', 'signaling.opening', 'connected']);
});

test('a loss without a network is tried again when the browser says that there is one', async () => {
  await run(() => {
    for (const type of ['offline', 'online']) window.addEventListener(type, () => log.push(type));
  });
  await opened.context.setOffline(true);
  await reached('offline');
  simulator.faults.dropSocket(1006);
  await reached('reconnecting');
  await opened.context.setOffline(false);
  await reached('connected');
  await run(() => counter.more(3));
  const entries = await run(() => log);
  expect(entries.filter((entry) => entry !== 'signaling.opening')).toEqual([
    'offline',
    'reconnecting',
    'online',
    'connected',
  ]);
  // One try: none while there was no network, and the first one after that.
  expect(entries.filter((entry) => entry === 'signaling.opening')).toHaveLength(1);
  expect(entries.indexOf('signaling.opening')).toBeGreaterThan(entries.indexOf('reconnecting'));
});

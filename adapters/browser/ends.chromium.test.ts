// What a page has to do with the end of a session, and a session that takes another's place, on live media in Chromium.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { testBrowser } from '../../testkit/browsers/test-browser.js';
import type { FrameCounter as Counter } from '../../testkit/pages/frame-counter.js';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import type { PageResources, PageSdk, seen as seenIn } from '../../testkit/pages/session-page.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { DecartClient } from './index.js';

declare const sdk: PageSdk;
declare const resources: PageResources;
declare const FrameCounter: typeof Counter;
declare const seen: typeof seenIn;
declare let client: DecartClient;
declare let counter: Counter;

let site: PageSite;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  [site, simulator] = await Promise.all([openPageSite({ entry: 'testkit/pages/session-page.ts' }), startSimulator()]);
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
beforeEach(async () => {
  opened = await site.open({ permissions: ['camera'] });
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  await opened.page.evaluate(
    (config) => {
      Object.assign(globalThis, { client: sdk.createDecartClient(config), counter: new FrameCounter() });
    },
    // A warm-up makes a peer connection of its own for a moment, and open ones are counted here.
    { apiKey, baseUrl, httpBaseUrl, preload: false },
  );
});
afterEach(() => opened.close());

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);
const nobody = () => firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
/** Closing; in Firefox closed, too: it may close the sockets of a page itself, just before the page hears that it goes. */
const CLOSED_BEFORE = { chromium: ['2'], firefox: ['2', '3'] };

test('a page that goes away has closed its session before it is gone', async () => {
  await run(async () => {
    (await client.realtime.connect({ model: 'lucy-2.1' })).attach(counter.video);
    await counter.more(3);
    window.addEventListener('pagehide', () => {
      const socket = [...resources.sockets].find(({ url }) => url.includes('/v1/stream'));
      sessionStorage.setItem('socket', `${socket?.readyState}`);
    });
  });
  await opened.page.goto(site.origin);
  expect(CLOSED_BEFORE[testBrowser]).toContain(await run(() => sessionStorage.getItem('socket')));
  await nobody();
});

test('a hidden page ends its session after the limit, and one that is seen again does not', async () => {
  const result = await run(async () => {
    const setVisible = (isVisible: boolean): void => {
      Object.defineProperty(document, 'visibilityState', {
        value: isVisible ? 'visible' : 'hidden',
        configurable: true,
      });
      document.dispatchEvent(new Event('visibilitychange'));
    };
    const { realtime } = client;
    (await realtime.connect({ model: 'lucy-2.1', limits: { hiddenMs: 1000 } })).attach(counter.video);
    const warnings = seen(realtime.limitWarning$);
    const ends = seen(realtime.ended$);
    setVisible(false);
    await new Promise<void>((resolve) => {
      realtime.limitWarning$.subscribe((warning) => warning && resolve());
    });
    setVisible(true);
    await counter.more(60);
    const isConnected = realtime.isConnected();
    setVisible(false);
    await new Promise<void>((resolve) => {
      realtime.connectionState$.subscribe((state) => state === 'disconnected' && resolve());
    });
    return { isConnected, warnings: warnings.map((warning) => warning?.name ?? null), ends };
  });
  expect(result).toMatchObject({
    isConnected: true,
    warnings: [null, 'hidden', null, 'hidden', null],
    ends: [{ by: 'limit', reason: 'hidden' }],
  });
  await nobody();
});

test('a change to another session goes from a stream that lives to one that shows frames, with one camera', async () => {
  const result = await run(async () => {
    const { realtime } = client;
    const remote = await realtime.connect({ model: 'lucy-2.1' });
    remote.attach(counter.video);
    await counter.more(10);
    const states = seen(realtime.connectionState$);
    const source = counter.video.srcObject as MediaStream;
    const changes: object[] = [];
    realtime.remoteStream$.subscribe((stream) => {
      if (stream === remote) return;
      const { readyState, muted } = stream?.videoTrack ?? { readyState: 'none', muted: true };
      changes.push({ old: remote.videoTrack?.readyState, next: readyState, muted });
    });
    const next = await realtime.switchTo({ model: 'lucy-2.5' });
    await counter.more(30);
    // The old session is closed beside the new one.
    while (resources.open().sockets > 2) await counter.more(1);
    const during = resources.open();
    const shown = {
      isSameSource: counter.video.srcObject === source,
      isNext: source.getTracks()[0] === next.videoTrack,
    };
    await client.release();
    return { states, changes, shown, during, after: resources.open() };
  });
  expect(result).toMatchObject({
    // Another source would begin by showing nothing.
    shown: { isSameSource: true, isNext: true },
    during: { sockets: 2, tracks: 1 },
    after: { sockets: 0, peers: 0, tracks: 0 },
  });
  expect(result.states.slice(0, -1).filter((state) => state !== 'connected' && state !== 'generating')).toEqual([]);
  // No moment without a stream in between: the next one is there before the old one ends. The end of the client is last.
  expect(result.changes[0]).toEqual({ old: 'live', next: 'live', muted: false });
  expect(result.changes).toHaveLength(2);
  expect(opened.complaints).toEqual([]);
});

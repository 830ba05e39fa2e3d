// What the browser itself does to a session: hidden pages, autoplay, older media libraries.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { testIn } from '../../testkit/browsers/test-browser.js';
import type { FrameCounter as Counter } from '../../testkit/pages/frame-counter.js';
import { type OpenPage, openPageSite, type PageSite, type PageSiteOptions } from '../../testkit/pages/page-site.js';
import type { PageResources, PageSdk, seen as seenIn } from '../../testkit/pages/session-page.js';
import type { drawStripes as stripes } from '../../testkit/pages/stripes.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { DecartClient } from './index.js';

declare const sdk: PageSdk;
declare const resources: PageResources;
declare const FrameCounter: typeof Counter;
declare const seen: typeof seenIn;
declare const drawStripes: typeof stripes;
declare let client: DecartClient;
declare let counter: Counter;

let site: PageSite | undefined;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator?.close());

async function open(options: Partial<PageSiteOptions> = {}): Promise<OpenPage> {
  site = await openPageSite({ entry: 'testkit/pages/session-page.ts', ...options });
  opened = await site.open();
  const { apiKey, baseUrl } = simulator;
  await opened.page.evaluate(
    (config) => {
      Object.assign(globalThis, { client: sdk.createDecartClient(config), counter: new FrameCounter() });
    },
    { apiKey, baseUrl },
  );
  return opened;
}
afterEach(() => site?.close());
const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);

test.each([
  { how: 'by frame streams', hasFrameStreams: true },
  { how: 'by statistics', hasFrameStreams: false },
])('the first frame is reported in a hidden page, $how', async ({ hasFrameStreams }) => {
  await open();
  const count = await opened.page.evaluate(async (keepsFrameStreams) => {
    // A hidden page renders nothing.
    HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0;
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    if (!keepsFrameStreams) Object.assign(globalThis, { MediaStreamTrackProcessor: undefined });
    const named = seen(client.realtime.diagnostics$);
    const camera = await navigator.mediaDevices.getUserMedia({ video: true });
    const firstFrame = new Promise<void>((resolve) => {
      client.realtime.diagnostics$.subscribe(({ name }) => name === 'firstFrame' && resolve());
    });
    await client.realtime.connect({ model: 'lucy-2.1' }, camera);
    await firstFrame;
    await client.realtime.disconnect();
    return named.filter(({ name }) => name === 'firstFrame').length;
  }, hasFrameStreams);
  expect(count).toBe(1);
});

const testGesture = testIn('chromium', 'in Firefox what a test evaluates counts as a gesture');
testGesture('a refusal to play before a gesture is reported, and a click helps', async () => {
  const { page, context } = await open({
    autoplay: 'after-gesture',
  });
  // What a test evaluates counts as a gesture: reload, and evaluate without one.
  const cdp = await context.newCDPSession(page);
  await page.reload();
  const refuse = async (config: Parameters<PageSdk['createDecartClient']>[0]) => {
    while (!('isReady' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 20));
    Object.assign(globalThis, { client: sdk.createDecartClient(config), counter: new FrameCounter() });
    counter.video.muted = false;
    const errors = seen(client.realtime.errors$);
    // A page that captures may play: what is sent comes from elsewhere, with sound.
    const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
    const own = new MediaStream([drawStripes(['#ff0000']).track, ...sound]);
    const remote = await client.realtime.connect({ model: 'lucy-2.1' }, own);
    const refused = await new Promise<string>((resolve) => {
      remote.attach(counter.video, { onPlaybackRefused: ({ code }) => resolve(code) });
    });
    counter.video.style.cssText = 'position: fixed; inset: 0; width: 100%; height: 100%';
    counter.video.onclick = () => void counter.video.play();
    return { refused, errors: errors.map(({ code }) => code) };
  };
  const { apiKey, baseUrl } = simulator;
  const { result } = await cdp.send('Runtime.evaluate', {
    expression: `(${refuse})(${JSON.stringify({ apiKey, baseUrl })})`,
    awaitPromise: true,
    returnByValue: true,
    userGesture: false,
  });
  expect(result.value).toEqual({ refused: 'PLAYBACK_REFUSED', errors: ['PLAYBACK_REFUSED'] });
  await page.mouse.click(100, 100);
  await run(() => counter.more(5));
});

test.each(['livekit-client-2.20', 'livekit-client'])('over %s, sessions leave no media socket', async (version) => {
  await open(version === 'livekit-client' ? {} : { alias: { 'livekit-client': version } });
  const left = await run(async () => {
    for (let time = 0; time < 3; time += 1) {
      const remote = await client.realtime.connect({ model: 'lucy-2.1' });
      remote.attach(counter.video);
      await counter.more(3);
      await client.realtime.disconnect();
    }
    return { ...resources.open(), made: resources.sockets.size };
  });
  expect(left).toEqual({ sockets: 0, peers: 0, tracks: 0, made: 6 });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/e2e/page-site.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { FrameCounter as Counter, meanColours as colours } from './e2e/frame-counter.js';
import type { PageResources, PageSdk } from './e2e/session-page.js';
import type { DecartClient } from './index.js';

jest.setTimeout(30_000);

declare const sdk: PageSdk;
declare const resources: PageResources;
declare const FrameCounter: typeof Counter;
declare const meanColours: typeof colours;
declare let client: DecartClient;

let site: PageSite;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  site = await openPageSite({ entry: 'adapters/browser/e2e/session-page.ts' });
  simulator = await startSimulator();
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
beforeEach(async () => {
  opened = await site.open({ permissions: ['camera', 'microphone'] });
  const { apiKey, baseUrl } = simulator;
  await opened.page.evaluate((config) => Object.assign(globalThis, { client: sdk.createDecartClient(config) }), {
    apiKey,
    baseUrl,
  });
});
afterEach(async () => {
  simulator.faults.clear();
  await opened.close();
});

const run = <T>(work: () => Promise<T>): Promise<T> => opened.page.evaluate(work);

describe('a session', () => {
  test('connects with a camera of its own, shows frames, and gives everything back', async () => {
    const seen = await run(async () => {
      const remote = await client.realtime.connect({ model: 'lucy-2.1', mirror: 'off' });
      const counter = new FrameCounter();
      remote.attach(counter.video);
      await counter.more(10);
      const during = resources.open();
      await client.realtime.disconnect();
      return { during, after: resources.open(), emptied: counter.video.srcObject === null };
    });
    expect(seen.during).toMatchObject({ tracks: 1 });
    expect(seen.after).toEqual({ sockets: 0, peers: 0, tracks: 0 });
    expect(opened.complaints).toEqual([]);
  });
});

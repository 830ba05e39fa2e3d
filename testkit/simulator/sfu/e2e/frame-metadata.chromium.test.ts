// Frame metadata: what a client writes behind its encoded frames comes back with the echoed ones.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';

import { launchBrowser } from '../../../browsers/test-browser.js';
import { type MediaServer, startMediaServer } from '../media-server.js';
import { LivekitClientPage } from './livekit-client-page.js';

const echo = 'inference-server-0';
const worker = readFileSync(require.resolve('livekit-client/frame-metadata-worker'), 'utf8');

let browser: Browser;
let server: MediaServer;
let page: LivekitClientPage;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  server = await startMediaServer();
  page = await LivekitClientPage.open(browser, server, require.resolve('livekit-client'));
});
afterEach(async () => {
  await page.leave();
  expect(page.errors).toEqual([]);
  await server.close();
});

test.each(['vp8', 'h264'] as const)(
  'each frame that is shown says which one it is, and when it was sent: %s',
  async (codec) => {
    server.attachEcho('studio', echo);
    await page.join('studio', 'alice', worker);
    const startedAtMs = await page.page.evaluate(() => Date.now());
    await page.publishCamera({ codec, frameMetadata: true });
    await page.play(echo);
    await page.frames(1);
    const frames = await page.metadata(echo, 30);
    const ids = frames.map(({ frameId }) => frameId);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(ids[0]).toBeGreaterThan(0);
    for (const { sentAtMs, shownAtMs } of frames) {
      expect(sentAtMs).toBeGreaterThanOrEqual(startedAtMs);
      expect(shownAtMs).toBeGreaterThan(sentAtMs);
    }
  },
);

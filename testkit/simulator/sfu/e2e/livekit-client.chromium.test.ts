import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';

import { launchBrowser } from '../../../browsers/test-browser.js';
import { type MediaServer, startMediaServer } from '../media-server.js';
import { LivekitClientPage } from './livekit-client-page.js';

const echo = 'inference-server-0';
const scripts = {
  '2.20': require.resolve('livekit-client-2.20'),
  newest: require.resolve('livekit-client'),
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each([
  ['newest', 'v1'],
  ['newest', 'v0'],
  ['2.20', 'v1'],
  ['2.20', 'v0'],
] as const)('livekit-client %s over %s signalling', (version, signalling) => {
  let server: MediaServer;
  const pages: LivekitClientPage[] = [];

  async function join(identity = 'alice'): Promise<LivekitClientPage> {
    const page = await LivekitClientPage.open(browser, server, scripts[version]);
    pages.push(page);
    await page.join('studio', identity);
    return page;
  }

  beforeEach(async () => {
    server = await startMediaServer({ signalling });
  });

  afterEach(async () => {
    const left = pages.splice(0);
    for (const page of left) await page.leave();
    await server.close();
    expect(left.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('carries data', async () => {
    const [alice, bob] = [await join(), await join('bob')];
    await alice.sendData('hello');
    expect(await bob.data(1)).toEqual(['alice: hello']);
  });

  test('resumes when the signalling socket is cut', async () => {
    server.attachEcho('studio', echo);
    const page = await join();
    await page.publishCamera();
    await page.play(echo);
    await page.frames(5);
    server.faults.cutSignalling();
    await page.event('reconnected');
    await page.frames(10);
    expect(server.stats().participants).toBe(1);
  });

  test('reconnects from scratch when asked to, publishes again and sees the echo again', async () => {
    server.attachEcho('studio', echo);
    const page = await join();
    await page.publishCamera();
    await page.play(echo);
    await page.frames(5);
    server.faults.forceFullReconnect();
    await page.event('reconnected');
    await page.play(echo);
    await page.frames(10);
    expect(await page.peersSeen()).toEqual([echo]);
  });

  test('is removed when kicked', async () => {
    const page = await join();
    server.kick('studio', 'alice');
    await page.event('disconnected');
    expect(server.stats().participants).toBe(0);
  });

  // How media is sent has nothing to do with how a session is signalled: once for each version.
  if ((version === 'newest') !== (signalling === 'v1')) return;

  test.each([
    ['vp8', false],
    ['vp8', true],
    ['h264', false],
    ['h264', true],
    ['vp9', false],
  ] as const)('echoes %s, simulcast %s, at full size', async (codec, simulcast) => {
    server.attachEcho('studio', echo);
    const page = await join();
    await page.publishCamera({ codec, simulcast });
    await page.play(echo);
    expect(await page.frames(20, 640)).toEqual({ width: 640, height: 360 });
  });

  test('plays audio and video of one participant to another', async () => {
    const [alice, bob] = [await join(), await join('bob')];
    await alice.publishCamera();
    await alice.publishMicrophone();
    await bob.play('alice', 'audio');
    await bob.play('alice');
    await bob.frames(10);
    expect(await bob.peersSeen()).toEqual(['alice']);
  });

  test('a mute reaches the others, and the picture comes back after it', async () => {
    const [alice, bob] = [await join(), await join('bob')];
    await alice.publishCamera();
    await bob.play('alice');
    await bob.frames(5);
    await alice.muteCamera(true);
    await bob.event('trackMuted');
    await alice.muteCamera(false);
    await bob.event('trackUnmuted');
    expect(await bob.frames(5, 640)).toEqual(await alice.cameraSize());
  });

  test('recovers from a network that was away for three seconds', async () => {
    server.attachEcho('studio', echo);
    const page = await join();
    await page.publishCamera();
    await page.play(echo);
    await page.frames(5);
    server.faults.setNetwork({ blackout: true });
    await page.page.waitForFunction(
      (start) => performance.now() - start > 3000,
      await page.page.evaluate(() => performance.now()),
    );
    server.faults.clearNetwork();
    await page.frames(20);
    expect(server.stats().participants).toBe(1);
  });
});

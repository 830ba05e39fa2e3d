import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memoryMediaHarness } from '../../../testkit/conformance/memory-harness.js';
import { mediaConformance } from '../../../testkit/conformance.js';
import { type OpenPage, openPageSite, type PageSite } from '../../../testkit/pages/page-site.js';
import { type LiveKitServer, openLiveKitServer } from '../../../testkit/simulator/conformance/livekit-server.js';
import { createAccessToken } from '../../../testkit/simulator/sfu/media-server.js';

declare const conformance: { readonly names: readonly string[]; run(name: string): Promise<void> };

// The names are known before there is a page.
const names = mediaConformance({ ...memoryMediaHarness(), addsTracks: false }).map(({ name }) => name);

describe.each(['livekit-client', 'livekit-client-2.20'])('media over %s in a browser', (version) => {
  let server: LiveKitServer;
  let site: PageSite;
  let opened: OpenPage;

  beforeAll(async () => {
    server = await openLiveKitServer();
    site = await openPageSite({
      entry: 'testkit/pages/media-page.ts',
      ...(version !== 'livekit-client' && { alias: { 'livekit-client': version } }),
    });
    opened = await site.open();
    const { url, apiKey, apiSecret, kick } = server;
    await opened.page.exposeFunction('createRoom', () => ({ url, room: randomUUID() }));
    await opened.page.exposeFunction('token', (room: string, identity: string, isValid: boolean) =>
      createAccessToken({ apiKey, apiSecret: isValid ? apiSecret : 'another secret', room, identity }),
    );
    await opened.page.exposeFunction('kick', (room: string, identity: string) => kick(room, identity));
    await opened.page.evaluate(() => Object.assign(globalThis, { server: globalThis }));
  });
  afterAll(async () => {
    await opened?.close();
    await site?.close();
    await server?.close();
  });

  test('the page knows the same cases', async () => {
    expect(await opened.page.evaluate(() => conformance.names)).toEqual(names);
  });
  test.each(names)('%s', async (name) => {
    await opened.page.evaluate((one) => conformance.run(one), name);
  });
  test('nothing of that is on the console but the refusals that the browser itself notes', () => {
    const ofBrowser =
      /^(error: (WebSocket connection to .* failed:|Failed to load resource:)|threw: Firefox can’t establish a connection)/;
    expect(opened.complaints.filter((text) => !ofBrowser.test(text))).toEqual([]);
  });
});

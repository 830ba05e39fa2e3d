// What livekit-client does by itself, at both ends of the range that is supported: the reasons for much of the media
// transport. When one of these changes, something there may go.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testBrowser, testIn } from '../../testkit/browsers/test-browser.js';
import type { LiveKitPage } from '../../testkit/pages/livekit-page.js';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import { type LiveKitServer, openLiveKitServer } from '../../testkit/simulator/conformance/livekit-server.js';
import { createAccessToken } from '../../testkit/simulator/sfu/media-server.js';

declare const page: LiveKitPage;
declare const grant: (identity: string) => Promise<{ url: string; token: string }>;
declare const kick: (identity: string) => Promise<void>;

describe.each([
  { version: 'livekit-client', leaked: 0 },
  { version: 'livekit-client-2.20', leaked: 1 },
])('$version by itself', ({ version, leaked }) => {
  let server: LiveKitServer;
  let site: PageSite;
  let opened: OpenPage;

  beforeAll(async () => {
    [server, site] = await Promise.all([
      openLiveKitServer(),
      openPageSite({
        entry: 'testkit/pages/livekit-page.ts',
        ...(version !== 'livekit-client' && { alias: { 'livekit-client': version } }),
      }),
    ]);
  });
  afterAll(async () => {
    await site?.close();
    await server?.close();
  });
  beforeEach(async () => {
    opened = await site.open();
    const { url, apiKey, apiSecret } = server;
    const room = randomUUID();
    await opened.page.exposeFunction('grant', async (identity: string) => ({
      url,
      token: await createAccessToken({ apiKey, apiSecret, room, identity }),
    }));
    await opened.page.exposeFunction('kick', (identity: string) => server.kick(room, identity));
  });
  afterEach(() => opened.close());

  test.each([
    { stopLocalTrackOnUnpublish: true, disconnect: true, readyState: 'ended' },
    { stopLocalTrackOnUnpublish: true, disconnect: false, readyState: 'live' },
    { stopLocalTrackOnUnpublish: false, disconnect: true, readyState: 'ended' },
    { stopLocalTrackOnUnpublish: false, disconnect: false, readyState: 'live' },
  ])(
    'stopLocalTrackOnUnpublish $stopLocalTrackOnUnpublish, disconnect($disconnect): the caller’s camera is $readyState',
    async (options) => {
      const result = await opened.page.evaluate(async ({ stopLocalTrackOnUnpublish, disconnect }) => {
        const room = new page.livekit.Room({ stopLocalTrackOnUnpublish });
        const { url, token } = await grant('me');
        await room.connect(url, token);
        const camera = page.camera();
        await room.localParticipant.publishTrack(camera);
        await room.disconnect(disconnect);
        return camera.readyState;
      }, options);
      expect(result).toBe(options.readyState);
    },
  );

  test.each([
    { stopLocalTrackOnUnpublish: true, readyState: 'ended' },
    { stopLocalTrackOnUnpublish: false, readyState: 'live' },
  ])(
    'stopLocalTrackOnUnpublish $stopLocalTrackOnUnpublish, a kick: the caller’s camera is $readyState',
    async (options) => {
      const result = await opened.page.evaluate(async ({ stopLocalTrackOnUnpublish }) => {
        const room = new page.livekit.Room({ stopLocalTrackOnUnpublish });
        const { url, token } = await grant('me');
        await room.connect(url, token);
        const camera = page.camera();
        await room.localParticipant.publishTrack(camera);
        const left = new Promise((resolve) => room.once(page.livekit.RoomEvent.Disconnected, resolve));
        await kick('me');
        await left;
        return camera.readyState;
      }, options);
      expect(result).toBe(options.readyState);
    },
  );

  test('after a full reconnect the old remote track is ended, and a stream that holds it is frozen', async () => {
    const result = await opened.page.evaluate(async () => {
      const { Room, RoomEvent } = page.livekit;
      const sender = new Room();
      const to = await grant('inference-server-1');
      await sender.connect(to.url, to.token);
      await sender.localParticipant.publishTrack(page.camera());
      const viewer = new Room();
      const received: MediaStreamTrack[] = [];
      viewer.on(RoomEvent.TrackSubscribed, ({ mediaStreamTrack }) => received.push(mediaStreamTrack));
      const at = await grant('viewer');
      await viewer.connect(at.url, at.token);
      const counter = new page.FrameCounter();
      while (received.length === 0) await new Promise(requestAnimationFrame);
      const [old] = received;
      if (!old) throw new Error('No track.');
      await counter.show(new MediaStream([old]));
      await counter.more(5);
      const back = new Promise<void>((resolve) => viewer.once(RoomEvent.Reconnected, resolve));
      await viewer.simulateScenario('full-reconnect');
      await back;
      // The new track is there, whether its event has come or not.
      const present = (): MediaStreamTrack | undefined =>
        [...viewer.remoteParticipants.values()].flatMap((participant) =>
          [...participant.trackPublications.values()].flatMap(({ track }) => track?.mediaStreamTrack ?? []),
        )[0];
      let track = present();
      for (; !track || track === old; track = present()) await new Promise(requestAnimationFrame);
      // As an application does that keeps one stream and adds what comes.
      (counter.video.srcObject as MediaStream).addTrack(track);
      const fresh = await new page.FrameCounter().show(new MediaStream([track]));
      await fresh.more(5);
      const before = { frames: counter.count, time: counter.video.currentTime };
      await fresh.more(20);
      await viewer.disconnect();
      await sender.disconnect();
      return {
        old: old.readyState,
        framesOfOld: counter.count - before.frames,
        clockOfOldRan: counter.video.currentTime > before.time,
      };
    });
    // Firefox stops the clock, too.
    expect(result).toEqual({ old: 'ended', framesOfOld: 0, clockOfOldRan: testBrowser === 'chromium' });
  });

  const testHeap = testIn('chromium', 'Firefox lets no test count the objects of a page');
  testHeap(`keeps ${leaked} sockets for each connect, closed and yet never freed`, async () => {
    const session = await opened.context.newCDPSession(opened.page);
    const sockets = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage');
      const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'WebSocket.prototype' });
      const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId ?? '' });
      const length = await session.send('Runtime.callFunctionOn', {
        objectId: objects.objectId ?? '',
        functionDeclaration: 'function () { return this.length; }',
        returnByValue: true,
      });
      await session.send('Runtime.releaseObject', { objectId: objects.objectId ?? '' });
      return length.result.value;
    };
    const connects = (count: number) =>
      opened.page.evaluate(async (cycles) => {
        for (let n = 0; n < cycles; n += 1) {
          const room = new page.livekit.Room();
          const { url, token } = await grant('me');
          await room.connect(url, token);
          await room.disconnect();
        }
      }, count);
    await connects(2);
    const before = await sockets();
    const cycles = 6;
    await connects(cycles);
    // The last one may still be closing each time.
    expect(Math.round(((await sockets()) - before) / cycles)).toBe(leaked);
  });
});

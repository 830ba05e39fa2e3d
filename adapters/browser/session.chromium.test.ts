import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FrameCounter as Counter } from '../../testkit/pages/frame-counter.js';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import type { firstOf as firstIn, PageResources, PageSdk, seen as seenIn } from '../../testkit/pages/session-page.js';
import { simulatorMedia } from '../../testkit/simulator/conformance/livekit-server.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { DecartClient } from './index.js';

declare const sdk: PageSdk;
declare const resources: PageResources;
declare const FrameCounter: typeof Counter;
declare const seen: typeof seenIn;
declare const firstOf: typeof firstIn;
declare let client: DecartClient;
declare let counter: Counter;
declare let camera: MediaStream;
declare let shown: Counter;
declare let streams: unknown[];
declare let back: Promise<void>;
declare let resumed: Promise<string[]>;
declare let fresh: Promise<object>;

const nothing = { sockets: 0, peers: 0, tracks: 0 };

let site: PageSite;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  [site, simulator] = await Promise.all([
    openPageSite({ onePage: true, entry: 'testkit/pages/session-page.ts' }),
    startSimulator(simulatorMedia()),
  ]);
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
beforeEach(async () => {
  opened = await site.open({ permissions: ['camera', 'microphone'] });
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  await opened.page.evaluate(
    (config) => {
      Object.assign(globalThis, { client: sdk.createDecartClient(config), counter: new FrameCounter() });
    },
    // A warm-up makes a peer connection of its own for a moment, and open ones are counted here.
    { apiKey, baseUrl, httpBaseUrl, preload: false },
  );
});
afterEach(async () => {
  simulator.faults.clear();
  await opened.close();
});

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);

/** A camera that the page opens itself, and a session that shows frames of it. */
const connectWithOwnCamera = () =>
  run(async () => {
    camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
    const remote = await client.realtime.connect({ model: 'lucy-2.1' }, camera);
    remote.attach(counter.video);
    await counter.more(3);
  });
/** Has the session lost, and waits until it is back. */
async function untilBack(lose: () => void): Promise<void> {
  await run(() => {
    const back = new Promise<void>((resolve) => {
      let wasAway = false;
      client.realtime.connectionState$.subscribe((state) => {
        wasAway ||= state === 'reconnecting';
        if (wasAway && state === 'connected') resolve();
      });
    });
    Object.assign(globalThis, { back });
  });
  lose();
  await run(() => back);
}
const end = () =>
  run(async () => {
    await client.realtime.disconnect();
    return {
      open: resources.open(),
      camera: camera.getVideoTracks().map(({ readyState, enabled }) => ({ readyState, enabled })),
    };
  });
const usable = [{ readyState: 'live', enabled: true }];

describe('a session', () => {
  test('connects with a camera of its own, shows frames, and gives everything back', async () => {
    const result = await run(async () => {
      const states = seen(client.realtime.connectionState$);
      const remote = await client.realtime.connect({ model: 'lucy-2.1', publishMicrophone: true });
      remote.attach(counter.video);
      await counter.more(10);
      const during = resources.open();
      // Sound and picture come one after the other.
      await new Promise<void>((resolve) => {
        client.realtime.remoteStream$.subscribe((stream) => stream?.audioTrack && resolve());
      });
      // The service says so on the socket, which may be slower than the frames.
      await new Promise<void>((resolve) => {
        client.realtime.connectionState$.subscribe((state) => state === 'generating' && resolve());
      });
      await client.realtime.disconnect();
      return { during, after: resources.open(), isEmptied: counter.video.srcObject === null, states };
    });
    expect(result).toMatchObject({ during: { tracks: 2, sockets: 2 }, after: nothing, isEmptied: true });
    expect(result.states).toEqual(['disconnected', 'connecting', 'connected', 'generating', 'disconnected']);
    expect(opened.complaints).toEqual([]);
  });

  test.each([
    { step: 'signaling.opening', way: 'abort' },
    { step: 'signaling.opening', way: 'release' },
    { step: 'signaling.opening', way: 'unsubscribe' },
    { step: 'media.opening', way: 'abort' },
    { step: 'media.opening', way: 'release' },
    { step: 'media.opening', way: 'unsubscribe' },
  ] as const)('shows no address on the console when it is ended early: $way at $step', async (when) => {
    const result = await opened.page.evaluate(async ({ step, way }) => {
      const abort = new AbortController();
      const reached = new Promise<void>((resolve) => {
        resources.onStep = (name) => {
          if (name === step) resolve();
        };
      });
      const subscription = client.realtime
        .session$({ model: 'lucy-2.1', signal: abort.signal })
        .subscribe({ error: () => undefined });
      await reached;
      const isConnecting = [...resources.sockets].at(-1)?.readyState === WebSocket.CONNECTING;
      if (way === 'abort') abort.abort();
      if (way === 'unsubscribe') subscription.unsubscribe();
      await client.release();
      await Promise.all(
        [...resources.sockets].map(
          (socket) =>
            socket.readyState === WebSocket.CLOSED ||
            new Promise((resolve) => socket.addEventListener('close', resolve)),
        ),
      );
      return { isConnecting, sockets: resources.open().sockets };
    }, when);
    expect(result).toEqual({ isConnecting: true, sockets: 0 });
    expect(opened.complaints).toEqual([]);
  });

  test('takes prompts and images', async () => {
    await connectWithOwnCamera();
    const before = simulator.received.length;
    await run(async () => {
      await client.realtime.setPrompt('a rainy street');
      await client.realtime.setImage(new Blob([Uint8Array.of(1, 2, 3)], { type: 'image/png' }), { prompt: 'this' });
    });
    const sent = simulator.received.slice(before).map(({ message }) => message);
    expect(sent).toMatchObject([
      { type: 'prompt', prompt: 'a rainy street' },
      { type: 'set_image', image_data: 'AQID', prompt: 'this' },
    ]);
    expect(await end()).toMatchObject({ open: { sockets: 0, peers: 0 }, camera: usable });
  });

  test('replaces the video track, and leaves both tracks to the caller', async () => {
    await connectWithOwnCamera();
    const states = await run(async () => {
      const other = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180 } });
      const [track] = other.getVideoTracks();
      if (!track) throw new Error('The camera has no video track.');
      await client.realtime.replaceVideoTrack(track);
      await counter.more(5);
      await client.realtime.disconnect();
      return [camera, other].flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState));
    });
    expect(states).toEqual(['live', 'live']);
  });

  test('emits statistics of both directions', async () => {
    await connectWithOwnCamera();
    const stats = await run(
      () =>
        new Promise<{ width: number; sentWidth: number; pairs: number }>((resolve) => {
          client.realtime.stats$.subscribe(({ video, outboundVideo, connection }) => {
            if (!video?.framesPerSecond || !outboundVideo?.framesPerSecond) return;
            resolve({
              width: video.frameWidth ?? 0,
              sentWidth: outboundVideo.frameWidth ?? 0,
              pairs: connection.selectedCandidatePairs.length,
            });
          });
        }),
    );
    // One transport carries both directions: its candidate pair is listed once.
    expect(stats.pairs).toBe(1);
    expect(stats.width).toBeGreaterThan(0);
    expect(stats.sentWidth).toBeGreaterThan(0);
  });

  test('is watched by a viewer, who does not fetch the camera', async () => {
    await connectWithOwnCamera();
    await run(async () => {
      const known = new Set(resources.peers);
      const { subscribeToken } = client.realtime;
      const viewer = await client.realtime.subscribe({ token: subscribeToken ?? '' });
      const shown = new FrameCounter();
      (await firstOf(viewer.remoteStream$)).attach(shown.video);
      await shown.more(3);
      const packets = async (): Promise<Map<string, number>> => {
        const reports = await Promise.all(
          [...resources.peers].filter((peer) => !known.has(peer)).map((peer) => peer.getStats()),
        );
        const entries = reports.flatMap((report) => [...report.values()]);
        const inbound = entries.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
        return new Map(inbound.map(({ id, packetsReceived }) => [id, packetsReceived]));
      };
      // Until one video alone goes on, the one that is shown.
      for (let growing = 0; growing !== 1; ) {
        const before = await packets();
        await shown.more(5);
        const after = await packets();
        growing = [...after].filter(([id, count]) => count > (before.get(id) ?? 0)).length;
      }
      await viewer.disconnect();
      Object.assign(globalThis, { shown });
    });
    // Emptied: an ended stream would leave its last picture standing.
    await opened.page.waitForFunction(() => shown.video.srcObject === null);
    expect(await end()).toMatchObject({ camera: usable });
  });

  test('a viewer whose media reconnects in full is shown in the same element', async () => {
    await connectWithOwnCamera();
    await run(async () => {
      const viewer = await client.realtime.subscribe({ token: client.realtime.subscribeToken ?? '' });
      Object.assign(globalThis, { shown: new FrameCounter(), streams: seen(viewer.remoteStream$) });
      (await firstOf(viewer.remoteStream$)).attach(shown.video);
      await shown.more(3);
    });
    simulator.faults.forceFullReconnect();
    await opened.page.waitForFunction(() => streams.filter((stream) => stream !== null).length > 1);
    await run(() => shown.more(5));
    expect(await end()).toMatchObject({ camera: usable });
  });

  test('reads markers off the frames that come back, when quality is debugged', async () => {
    const { latencyMs, elapsedMs } = await run(async () => {
      const startedAtMs = performance.now();
      const stream = await client.realtime.createLocalVideoStream({ model: 'lucy-2.1' }, { debugQuality: true });
      const remote = await client.realtime.connect({ model: 'lucy-2.1', debugQuality: true }, stream);
      remote.attach(counter.video);
      const latency = await new Promise<number>((resolve) => {
        client.realtime.stats$.subscribe(({ latency }) => latency.medianMs !== null && resolve(latency.medianMs));
      });
      return { latencyMs: latency, elapsedMs: performance.now() - startedAtMs };
    });
    expect(latencyMs).toBeGreaterThan(0);
    expect(latencyMs).toBeLessThan(elapsedMs);
  });
});

describe('losses', () => {
  test('a dropped socket: the same element shows frames of a fresh stream again', async () => {
    await connectWithOwnCamera();
    await run(() => {
      Object.assign(globalThis, {
        streams: seen(client.realtime.remoteStream$),
        tracks: seen(client.realtime.connectionState$),
      });
    });
    await untilBack(() => simulator.faults.dropSocket(1006));
    await run(() => counter.more(10));
    // What was lost is closed beside what took its place.
    await run(async () => {
      for (let open = resources.open(); open.sockets > 2 || open.peers > 1; open = resources.open()) {
        await counter.more(1);
      }
    });
    expect(await run(() => resources.open())).toMatchObject({ sockets: 2, peers: 1, tracks: 1 });
    expect(await end()).toMatchObject({ open: { sockets: 0, peers: 0 }, camera: usable });
  });

  test('a kick: the session reconnects, and the camera is still there', async () => {
    await connectWithOwnCamera();
    await untilBack(() => simulator.faults.kickFromRoom());
    await run(() => counter.more(10));
    expect(await end()).toMatchObject({ open: { sockets: 0, peers: 0 }, camera: usable });
  });

  test('a cut of the media signalling: it resumes in place', async () => {
    await connectWithOwnCamera();
    await run(() => {
      const resumed = new Promise<string[]>((resolve) => {
        const names: string[] = [];
        client.realtime.diagnostics$.subscribe(({ name }) => {
          if (name.startsWith('media')) names.push(name);
          if (name === 'mediaReconnected') resolve(names);
        });
      });
      Object.assign(globalThis, { resumed });
    });
    simulator.faults.cutMediaSignalling();
    expect(await run(() => resumed)).toEqual(['mediaReconnecting', 'mediaReconnected']);
    await run(() => counter.more(10));
    expect(await run(() => seen(client.realtime.connectionState$))).not.toContain('reconnecting');
  });

  test('a full reconnect of LiveKit: a fresh stream of live tracks, and the element does not freeze', async () => {
    await connectWithOwnCamera();
    await run(() => {
      const watch = async () => {
        const shown = counter.video.srcObject as MediaStream;
        const [old] = shown.getVideoTracks();
        await new Promise<void>((resolve) => {
          client.realtime.remoteStream$.subscribe((stream) => {
            if (stream && stream.videoTrack !== old) resolve();
          });
        });
        await counter.more(15);
        return {
          old: old?.readyState,
          isFresh: !shown.getTracks().some((track) => track === old),
          live: shown.getTracks().map(({ readyState }) => readyState),
        };
      };
      Object.assign(globalThis, { fresh: watch() });
    });
    simulator.faults.forceFullReconnect();
    expect(await run(() => fresh)).toEqual({ old: 'ended', isFresh: true, live: ['live'] });
    expect(await end()).toMatchObject({ open: { sockets: 0, peers: 0 }, camera: usable });
  });

  test('what looks like leaving the page does not end the camera', async () => {
    await connectWithOwnCamera();
    const states = await run(async () => {
      for (const type of ['beforeunload', 'pagehide']) window.dispatchEvent(new Event(type));
      await counter.more(5);
      // A frozen page is disconnected by LiveKit itself.
      window.dispatchEvent(new Event('freeze'));
      await client.realtime.disconnect();
      return camera.getTracks().map(({ readyState }) => readyState);
    });
    expect(states).toEqual(['live']);
  });
});

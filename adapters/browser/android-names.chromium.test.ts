// The table in docs/direct-webrtc.md, row by row: what the first SDKs of direct WebRTC offered, by the names of this one.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { FrameCounter as Counter, meanColours as meanColoursOf } from '../../testkit/pages/frame-counter.js';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import type { firstOf as firstIn, PageSdk, seen as seenIn } from '../../testkit/pages/session-page.js';
import type { drawStripes as draw, nearest as nearestOf } from '../../testkit/pages/stripes.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { BrowserRemoteStream, DecartClient } from './index.js';

declare const sdk: PageSdk;
declare const FrameCounter: typeof Counter;
declare const meanColours: typeof meanColoursOf;
declare const drawStripes: typeof draw;
declare const nearest: typeof nearestOf;
declare const seen: typeof seenIn;
declare const firstOf: typeof firstIn;
declare let client: DecartClient;
declare let counter: Counter;

let site: PageSite;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  [site, simulator] = await Promise.all([
    openPageSite({ entry: 'testkit/pages/session-page.ts' }),
    startSimulator({ tickIntervalMs: 100 }),
  ]);
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
// `initialize(eglBase)`: there is nothing to call.
beforeEach(async () => {
  opened = await site.open({ permissions: ['camera', 'microphone'] });
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  await opened.page.evaluate(
    (config) => void Object.assign(globalThis, { client: sdk.createDecartClient(config), counter: new FrameCounter() }),
    { apiKey, baseUrl, httpBaseUrl },
  );
});
afterEach(() => opened.close());

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);

test('createCameraVideoTrack(facing, mirror, width, height)', async () => {
  const result = await run(async () => {
    const camera = await client.realtime.createLocalVideoStream(
      { width: 640, height: 360, fps: 30 },
      { facing: 'front', mirror: 'on' },
    );
    const track = camera.videoTrack as MediaStreamTrack;
    const before = track.readyState;
    camera.attach(counter.video);
    await counter.more(3);
    const { videoWidth, videoHeight } = counter.video;
    await camera.dispose();
    return { before, size: [videoWidth, videoHeight], after: track.readyState };
  });
  expect(result).toEqual({ before: 'live', size: [640, 360], after: 'ended' });
});

test.each(['off', 'on'] as const)('createVideoSource(), createVideoTrack(), MirrorMode: %s', async (mirror) => {
  const result = await opened.page.evaluate(async (mode) => {
    const source = drawStripes(['red', 'green', 'blue']).track;
    const size = { width: 640, height: 360, fps: 30 };
    const mine = await client.realtime.createLocalVideoStream(size, { source, mirror: mode });
    const remote = await client.realtime.connect({ model: 'lucy-2.1', transport: 'webrtc', iceServers: [] }, mine);
    remote.attach(counter.video);
    await counter.more(10);
    const colours = meanColours(counter.video, 3).map(nearest);
    await client.release();
    await mine.dispose();
    return colours;
  }, mirror);
  expect(result).toEqual(mirror === 'on' ? ['blue', 'green', 'red'] : ['red', 'green', 'blue']);
});

test('a pipeline of its own with MirrorVideoProcessor', async () => {
  const result = await run(async () => {
    const { track } = drawStripes(['red', 'green', 'blue']);
    const processor = sdk.createFrameProcessor({ mirror: true, nextMarker: null });
    await processor.init({ kind: 'video', track });
    const mine = new MediaStream([processor.processedTrack as MediaStreamTrack]);
    const remote = await client.realtime.connect({ model: 'lucy-2.1', transport: 'webrtc', iceServers: [] }, mine);
    remote.attach(counter.video);
    await counter.more(10);
    const colours = meanColours(counter.video, 3).map(nearest);
    await client.release();
    await processor.destroy();
    return colours;
  });
  expect(result).toEqual(['blue', 'green', 'red']);
});

test('connect, its callbacks, requests, states, statistics and ids, to the end', async () => {
  const before = simulator.received.length;
  const connected = await run(async () => {
    const { realtime } = client;
    const seenBySession = {
      states: seen(realtime.connectionState$),
      errors: seen(realtime.errors$),
      ticks: seen(realtime.generationTicks$),
      usage: seen(realtime.usage$),
      diagnostics: seen(realtime.diagnostics$),
    };
    Object.assign(globalThis, { seenBySession });
    const given: BrowserRemoteStream[] = [];
    const microphone = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
    // connect(localVideoTrack, localAudioTrack, options), onRemoteVideoTrack, onRemoteAudioTrack
    const remote = await realtime.connect(
      {
        model: 'lucy-2.1',
        transport: 'webrtc',
        iceServers: [],
        initialPrompt: { text: 'a forest' },
        onRemoteStream: (stream) => given.push(stream),
      },
      microphone,
    );
    const shown = await firstOf(realtime.remoteStream$);
    // remoteRenderer.addSink(track)
    remote.attach(counter.video);
    await counter.more(10);
    // setPrompt(text, enhance), setImage(imageBase64, prompt, enhance, timeout)
    await realtime.setPrompt('a desert', { enhance: false });
    await realtime.setImage('AQID', { prompt: 'a vase', enhance: false, timeoutMs: 5000 });
    // stats: video, audio, outboundVideo, connection
    const stats = await new Promise<Record<string, unknown>>((resolve) => {
      realtime.stats$.subscribe((sample) => {
        const { video, audio, outboundVideo, remoteInbound, publish } = sample;
        if (video && audio && outboundVideo && remoteInbound && publish) resolve({ ...sample });
      });
    });
    const started = await firstOf(realtime.sessionStarted$);
    return {
      isSame: remote === shown && given.includes(remote),
      hasVideo: remote.videoTrack !== null,
      isConnected: realtime.isConnected(),
      groups: Object.fromEntries(
        Object.entries(stats).map(([name, group]) => [name, group && typeof group === 'object' && Object.keys(group)]),
      ),
      started: started.sessionId,
      sessionId: realtime.sessionId,
    };
  });
  expect(connected).toMatchObject({
    isSame: true,
    hasVideo: true,
    isConnected: true,
    started: connected.sessionId,
    groups: {
      video: expect.arrayContaining([
        'framesPerSecond',
        'frameWidth',
        'frameHeight',
        'bitrate',
        'packetsLost',
        'jitter',
      ]),
      audio: expect.arrayContaining(['bitrate', 'packetsLost', 'jitter']),
      outboundVideo: expect.arrayContaining(['framesPerSecond', 'bitrate', 'qualityLimitationReason']),
      connection: expect.arrayContaining(['currentRoundTripTime', 'availableOutgoingBitrate']),
      latency: expect.anything(),
    },
  });
  const [, , prompt, image] = simulator.received.slice(before).filter(({ type }) => type !== 'ice-candidate');
  expect(prompt?.message).toMatchObject({ type: 'prompt', prompt: 'a desert', enhance_prompt: false });
  expect(image?.message).toMatchObject({ type: 'set_image', prompt: 'a vase', enhance_prompt: false });

  simulator.faults.serverError('Something is wrong.');
  const result = await run(async () => {
    const { seenBySession } = globalThis as unknown as { seenBySession: Record<string, unknown[]> };
    const { realtime } = client;
    const until = (list: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): unknown => ((seenBySession[list]?.length ?? 0) > 0 ? resolve() : requestAnimationFrame(look));
        look();
      });
    await until('errors');
    await until('ticks');
    await realtime.disconnect();
    const isConnected = realtime.isConnected();
    await client.release();
    const codes = Object.values(sdk.ErrorCodes) as string[];
    const { states = [], errors = [], usage = [], diagnostics = [] } = seenBySession;
    return {
      isConnected,
      states,
      isKnown: (errors as { code: string }[]).every(({ code }) => codes.includes(code)),
      seconds: (usage.map((used) => (used as { seconds: number }).seconds) as number[]).some((seconds) => seconds > 0),
      diagnostics: [...new Set(diagnostics.map((event) => (event as { name: string }).name))],
    };
  });
  expect(result).toMatchObject({ isConnected: false, isKnown: true, seconds: true });
  expect(result.states).toEqual(['disconnected', 'connecting', 'connected', 'generating', 'disconnected']);
  expect(result.diagnostics).toEqual(expect.arrayContaining(['phaseTiming', 'firstFrame', 'selectedCandidatePair']));
});

// Direct WebRTC mode on live media: the simulator, and a client over @roamhq/wrtc.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { EMPTY, filter, firstValueFrom, map, switchMap, take, timer, toArray } from 'rxjs';
import { createDecartClient as createClient } from '../../../core/client.js';
import { decodeSubscribeToken, type RealtimeModel } from '../../../core/index.js';
import { toneFile } from '../../../testkit/pages/tone.js';
import { loadForTests } from '../../../testkit/simulator/conformance/direct-node-harness.js';
import { mouthOf } from '../../../testkit/simulator/inference/face.js';
import { type Simulator, startSimulator } from '../../../testkit/simulator/simulator.js';
import { createDirectNodeTransport } from '../../../transports/webrtc/node/index.js';
import { createNodePlatform, type DecartClient, type I420Frame, type NodeLocalStream } from '../index.js';
import { first } from './stage.js';

const model: RealtimeModel = { name: 'lucy_2_rt', urlPath: '/v1/stream', fps: 30, width: 640, height: 360 };
const avatar: RealtimeModel = { name: 'live_avatar', urlPath: '/v1/stream', fps: 25, width: 1280, height: 720 };
/** No server outside of this machine is asked for anything. */
const webrtc = { transport: 'webrtc', iceServers: [{ urls: 'stun:127.0.0.1:9' }] } as const;

let simulator: Simulator;
let client: DecartClient;
let local: NodeLocalStream | null = null;

beforeAll(async () => {
  simulator = await startSimulator({ mode: 'restyle', tickIntervalMs: 100 });
});
afterEach(async () => {
  simulator.faults.clear();
  await client.release();
  await local?.dispose();
  local = null;
});
afterAll(() => simulator?.close());

function open(): DecartClient['realtime'] {
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  const directMedia = createDirectNodeTransport({ load: loadForTests });
  client = createClient({ apiKey, baseUrl, httpBaseUrl }, createNodePlatform({ directMedia })) as DecartClient;
  return client.realtime;
}

async function connect(): Promise<DecartClient['realtime']> {
  const realtime = open();
  local = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  await realtime.connect({ ...webrtc, model, initialPrompt: { text: 'a forest' } }, local);
  return realtime;
}

const framesOf = (realtime: DecartClient['realtime'], count: number) =>
  firstValueFrom(
    realtime.remoteStream$.pipe(
      switchMap((stream) => stream?.frames$ ?? EMPTY),
      take(count),
      toArray(),
    ),
  );
const sent = () => simulator.received.map(({ type }) => type).filter((type) => type !== 'ice-candidate');

describe('a session over a peer connection of its own', () => {
  test('frames, prompts, images, stats, the session id, and nothing left open', async () => {
    const before = sent().length;
    const realtime = await connect();
    const [frame] = await framesOf(realtime, 30);
    expect(frame?.data).toHaveLength(((frame?.width ?? 0) * (frame?.height ?? 0) * 3) / 2);
    await realtime.setPrompt('a desert');
    await realtime.setImage(Uint8Array.of(1, 2, 3));
    expect(sent().slice(before)).toEqual(['prompt', 'offer', 'prompt', 'set_image']);
    await first(realtime.connectionState$, (state) => state === 'generating');
    const stats = await first(realtime.stats$, ({ video, outboundVideo }) => video !== null && outboundVideo !== null);
    expect(stats.connection.currentRoundTripTime).not.toBeNull();
    expect(decodeSubscribeToken(realtime.subscribeToken ?? '')).toMatchObject({ sessionId: realtime.sessionId });
    await realtime.disconnect();
    await firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
    const gone = await simulator.stats();
    expect(gone.participants).toBe(0);
  });

  test.each(['cut', 'kicked'] as const)('comes back when it is %s, with the latest prompt', async (how) => {
    const realtime = await connect();
    await framesOf(realtime, 3);
    await realtime.setPrompt('a desert');
    const before = sent().length;
    const restored = first(realtime.diagnostics$, (event) => event.name === 'intentRestored');
    if (how === 'cut') simulator.faults.dropSocket(1006);
    else simulator.faults.kickFromRoom();
    expect(await restored).toMatchObject({ restored: 'replayed' });
    await framesOf(realtime, 3);
    expect(sent().slice(before)).toEqual(['prompt', 'offer']);
    expect(simulator.received.filter(({ type }) => type === 'prompt').at(-1)?.message).toMatchObject({
      prompt: 'a desert',
    });
  });

  test('a server that the library does not take fails the connect at once', async () => {
    const connecting = open().connect({ ...webrtc, model, iceServers: [{ urls: 'turn:127.0.0.1:9' }] });
    await expect(connecting).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      data: { field: 'iceServers' },
      cause: { message: expect.stringContaining('ICE server') },
    });
    await firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
  });

  test('waits in the queue behind its offer, and is refused as a join is', async () => {
    simulator.faults.refuseJoins(1, 'unauthorized');
    await expect(connect()).rejects.toMatchObject({ code: 'INVALID_API_KEY' });
  });
});

/** A camera without any colour, and how much colour a frame has: a style always brings some. */
const grey: I420Frame = {
  data: new Uint8Array((640 * 360 * 3) / 2).fill(128),
  width: 640,
  height: 360,
  timestampUs: 0,
};
function colourOf({ data, width, height }: I420Frame): number {
  const chroma = data.subarray(width * height);
  return chroma.reduce((sum, value) => sum + Math.abs(value - 128), 0) / chroma.length;
}

describe('a viewer', () => {
  test('sees what the inference sends, never the camera, and ends with the session', async () => {
    const realtime = open();
    local = await realtime.createLocalVideoStream({ model }, { source: timer(0, 33).pipe(map(() => grey)) });
    await realtime.connect({ ...webrtc, model, initialPrompt: { text: 'a forest' } }, local);
    const own = (await framesOf(realtime, 10)).map(colourOf);
    const viewer = await realtime.subscribe({ token: realtime.subscribeToken ?? '', iceServers: webrtc.iceServers });
    const ended = first(viewer.connectionState$, (state) => state === 'disconnected');
    const seen = await firstValueFrom(
      viewer.remoteStream$.pipe(
        switchMap((stream) => stream?.frames$ ?? EMPTY),
        map(colourOf),
        take(20),
        toArray(),
      ),
    );
    for (const colour of seen) expect(colour).toBeGreaterThan(Math.min(...own) / 2);
    expect(Math.min(...own)).toBeGreaterThan(10);
    await realtime.setPrompt('a desert');
    await realtime.disconnect();
    await ended;
    await firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
    expect((await simulator.stats()).participants).toBe(0);
  });
});

describe('a live avatar', () => {
  test('speaks what is played into it, and is silent again', async () => {
    const realtime = open();
    await realtime.connect({ ...webrtc, model: avatar });
    expect(realtime.isPlayAudioAvailable()).toBe(true);
    const [silent] = await framesOf(realtime, 1);
    const closed = silent ? mouthOf(silent) : Number.NaN;
    const mouths$ = realtime.remoteStream$.pipe(switchMap((stream) => stream?.frames$ ?? EMPTY));
    const spoken = first(mouths$, (frame) => mouthOf(frame) > closed + 0.1);
    // Long enough to be seen by a machine that is held up meanwhile.
    await realtime.playAudio(toneFile(2));
    await spoken;
    await first(mouths$, (frame) => mouthOf(frame) < closed + 0.05);
    await expect(realtime.playAudio(Uint8Array.of(1, 2))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

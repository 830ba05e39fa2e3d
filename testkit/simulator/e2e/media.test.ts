import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, type Observable, type OperatorFunction } from 'rxjs';
import { bufferCount, filter, map, skip, takeUntil, toArray } from 'rxjs/operators';
import type { I420Frame } from '../../../transports/livekit/node/index.js';
import { namedLiveKit, simulatorMedia } from '../conformance/livekit-server.js';
import type { SimulatorOptions } from '../options.js';
import { startMediaServer } from '../sfu/media-server.js';
import { type Simulator, startSimulator } from '../simulator.js';
import {
  colourDistance,
  type MediaClient,
  markerOf,
  meanColour,
  openMediaClient,
  releaseMediaClients,
} from './media-client.js';
import { openPlainClient } from './plain-client.js';

let simulator: Simulator | undefined;
let client: MediaClient | undefined;
afterEach(async () => {
  await client?.leave();
  await simulator?.close();
  client = undefined;
  simulator = undefined;
});
afterAll(releaseMediaClients);

async function open(options: SimulatorOptions, session: Parameters<typeof openMediaClient>[1] = {}) {
  simulator = await startSimulator({ inProcess: process.env.SIM_IN_PROCESS === '1', ...simulatorMedia(), ...options });
  client = await openMediaClient(simulator, session);
  return { simulator, client, faults: simulator.faults };
}

/** A server of its own has no network that could be made bad. */
const embeddedTest = namedLiveKit() === null ? test : test.skip;

const soon = <T>(frames$: Observable<I420Frame>, ...operators: [OperatorFunction<I420Frame, T>]): Promise<T> =>
  firstValueFrom(frames$.pipe(...operators));
const markers = () => (frames$: Observable<I420Frame>) =>
  frames$.pipe(
    map(markerOf),
    filter((seq) => seq !== null),
  );
/** The numbers of frames that come back of those that go out once the faults that were ordered have come about. */
async function newFrames({ sent$, frames$ }: MediaClient, { stats }: Simulator): Promise<number[]> {
  // The faults travel to the media process before the question, and the answer comes from there.
  await stats();
  const before = await firstValueFrom(sent$);
  return firstValueFrom(
    frames$.pipe(
      markers(),
      filter((seq) => seq > before),
      takeUntil(sent$.pipe(skip(30))),
      toArray(),
    ),
  );
}

describe.each(['echo', 'restyle'] as const)('%s', (mode) => {
  test('frames come back as participant inference-server-0, and the generation starts with them', async () => {
    const { client } = await open({ mode, tickIntervalMs: 20 }, { query: { pixel_latency: '1' } });
    const seqs = await soon(client.frames$, (frames$) => frames$.pipe(markers(), bufferCount(20)));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBeGreaterThan(15);
    await client.signaling.next('generation_started');
    await client.signaling.next('generation_tick');
  });

  test('the inference stalls and goes on', async () => {
    const { client, simulator, faults } = await open({ mode }, { query: { pixel_latency: '1' } });
    await firstValueFrom(client.frames$);
    faults.stallInference(true);
    expect(await newFrames(client, simulator)).toEqual([]);
    faults.stallInference(false);
    await firstValueFrom(client.frames$);
  });

  test('the inference lags', async () => {
    const { client, faults } = await open({ mode }, { query: { pixel_latency: '1' } });
    let latest = 0;
    const sending = client.sent$.subscribe((seq) => {
      latest = seq;
    });
    await firstValueFrom(client.frames$);
    faults.inferenceLag(500);
    await soon(client.frames$, (frames$) =>
      frames$.pipe(
        markers(),
        // 500 ms are 15 frames.
        filter((seq) => latest - seq >= 14),
      ),
    );
    sending.unsubscribe();
  });

  test('a kicked client loses its room', async () => {
    const { client, faults } = await open({ mode });
    await firstValueFrom(client.frames$);
    faults.kickFromRoom();
    expect(await client.event('lost')).toMatchObject({ failure: { code: expect.any(String) } });
  });

  test('a client whose socket is dropped loses its room', async () => {
    const { client, faults } = await open({ mode });
    await firstValueFrom(client.frames$);
    faults.dropSocket(4000, 'test');
    expect(await client.signaling.closed).toMatchObject({ code: 4000 });
    await client.event('lost');
  });

  test('a cut of the media signalling is survived', async () => {
    const { client, faults } = await open({ mode });
    await firstValueFrom(client.frames$);
    faults.cutMediaSignalling();
    await client.event('reconnected');
    await firstValueFrom(client.frames$);
  });

  test('a full reconnect brings frames again', async () => {
    const { client, faults } = await open({ mode });
    await firstValueFrom(client.frames$);
    faults.forceFullReconnect();
    await client.event('reconnecting');
    await client.event('reconnected');
    await firstValueFrom(client.frames$);
  });
});

describe('restyle', () => {
  test('the picture follows prompt and image', async () => {
    const { client } = await open({ mode: 'restyle' }, { prompt: 'a rainy neon street' });
    type Colour = ReturnType<typeof meanColour>;
    const look = (unlike?: Colour) =>
      soon(client.frames$, (frames$) =>
        frames$.pipe(
          skip(15),
          map(meanColour),
          filter((colour) => unlike === undefined || colourDistance(colour, unlike) > 10),
        ),
      );
    const rain = await look();
    client.signaling.send({ type: 'prompt', prompt: 'oil painting of a harbour', enhance_prompt: true });
    await client.signaling.next('prompt_ack');
    await client.signaling.next('prompt_ack');
    const harbour = await look(rain);
    client.signaling.send({ type: 'set_image', image_data: 'iVBORw0K', enhance_prompt: true });
    await client.signaling.next('set_image_ack');
    const image = await look(harbour);
    expect(colourDistance(harbour, image)).toBeGreaterThan(10);
  });
});

describe('the network', () => {
  embeddedTest('a blackout stops the frames, its end brings them back', async () => {
    const { client, simulator, faults } = await open({}, { query: { pixel_latency: '1' } });
    await firstValueFrom(client.frames$);
    faults.udpBlackout(true);
    expect(await newFrames(client, simulator)).toEqual([]);
    faults.udpBlackout(false);
    await firstValueFrom(client.frames$);
  });

  embeddedTest('frames still come on a bad network', async () => {
    const { client, faults } = await open({});
    await firstValueFrom(client.frames$);
    faults.network('4g');
    faults.lossPercent(2);
    await soon(client.frames$, (frames$) => frames$.pipe(skip(30)));
  });
});

describe('elsewhere', () => {
  test('media can run in this process', async () => {
    const { client, simulator } = await open({ inProcess: true });
    await firstValueFrom(client.frames$);
    expect((await simulator.stats()).process?.pid).toBe(process.pid);
  });

  test.each(['echo', 'restyle'] as const)('rooms can be on a LiveKit server of the caller: %s', async (mode) => {
    const { url, apiKey, apiSecret, stats, close } = await startMediaServer();
    const warnings: string[] = [];
    const { client, faults } = await open(
      { mode, media: { url, apiKey, apiSecret }, onWarning: (text) => warnings.push(text) },
      { prompt: 'a rainy neon street', query: { pixel_latency: '1' } },
    );
    const [frame] = await Promise.all([
      soon(client.frames$, (frames$) => frames$.pipe(skip(15))),
      client.signaling.next('generation_started'),
    ]);
    expect(stats()).toMatchObject({ rooms: 1, participants: 2 });
    const [, u, v] = meanColour(frame);
    const isGrey = Math.hypot(u - 128, v - 128) < 5;
    expect(isGrey).toBe(mode === 'echo');
    faults.lossPercent(1);
    faults.cutMediaSignalling();
    faults.clear();
    // The faults travel to the media process and their warnings back before the answer to this.
    await simulator?.stats();
    expect(warnings).toEqual([
      'Fault network is not available with an external LiveKit server.',
      'Fault cut-media-signalling needs the option media.relay with an external LiveKit server.',
    ]);
    faults.kickFromRoom();
    await client.event('lost');
    await client.leave();
    await close();
  });

  test('a session that ends takes its room on a LiveKit server of the caller with it', async () => {
    const { url, apiKey, apiSecret, close } = await startMediaServer();
    const { client, faults } = await open({ media: { url, apiKey, apiSecret } });
    await firstValueFrom(client.frames$);
    faults.dropSocket(4000, 'test');
    expect(await client.event('lost')).toMatchObject({ failure: { code: expect.any(String) } });
    await client.leave();
    await close();
  });

  test('a LiveKit server of the caller is reached by way of a relay where that is wanted', async () => {
    const { url, apiKey, apiSecret, close } = await startMediaServer();
    const { client, faults } = await open({ media: { url, apiKey, apiSecret, relay: true } });
    await firstValueFrom(client.frames$);
    faults.cutMediaSignalling();
    await client.event('reconnected');
    await firstValueFrom(client.frames$);
    await client.leave();
    await close();
  });

  test('an inference that cannot join is a warning without secrets', async () => {
    let warn: (text: string) => void = () => {};
    const warned = new Promise<string>((resolve) => {
      warn = resolve;
    });
    const media = { url: 'ws://127.0.0.1:1', apiKey: 'devkey', apiSecret: 'a-secret-of-some-length' };
    simulator = await startSimulator({ media, onWarning: (text) => warn(text) });
    const signaling = await openPlainClient(simulator.baseUrl);
    signaling.send({ type: 'livekit_join', passthrough: true });
    const { token } = await signaling.next('livekit_room_info');
    expect(await warned).toMatch(/^The inference of room-\S+ failed: The media room could not be joined/);
    expect(await warned).not.toContain(String(token).split('.')[0]);
    signaling.close();
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { testIn } from '../../../testkit/browsers/test-browser.js';
import type { FrameCounter as Counter, meanColours as colours } from '../../../testkit/pages/frame-counter.js';
import type { markers as markersOf } from '../../../testkit/pages/markers.js';
import { type OpenPage, openPageSite, type PageSite } from '../../../testkit/pages/page-site.js';
import type { PageResources, PageSdk, seen as seenIn } from '../../../testkit/pages/session-page.js';
import type { nearest as nearestOf, drawStripes as stripes } from '../../../testkit/pages/stripes.js';
import { type Simulator, startSimulator } from '../../../testkit/simulator/index.js';
import type { BrowserLocalStream, BrowserVideoSource, DecartClient, DecartError } from '../index.js';

declare const sdk: PageSdk;
declare const resources: PageResources;
declare const FrameCounter: typeof Counter;
declare const meanColours: typeof colours;
declare const drawStripes: typeof stripes;
declare const markers: typeof markersOf;
declare const nearest: typeof nearestOf;
declare const seen: typeof seenIn;
declare let client: DecartClient;
declare let counter: Counter;

let site: PageSite;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  [site, simulator] = await Promise.all([
    openPageSite({
      onePage: true,
      entry: 'testkit/pages/session-page.ts',
      files: ['adapters/browser/frames/frame-worker.ts'],
    }),
    startSimulator(),
  ]);
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
beforeEach(async () => {
  opened = await site.open();
  const { apiKey, baseUrl } = simulator;
  await opened.page.evaluate(
    (config) => {
      const createWorker = () => new Worker('/frame-worker.js', { type: 'module' });
      const made = sdk.createDecartClient({ ...config, createWorker });
      Object.assign(globalThis, { client: made, counter: new FrameCounter() });
    },
    // A warm-up makes a peer connection of its own for a moment, and open ones are counted here.
    { apiKey, baseUrl, preload: false },
  );
});
afterEach(() => opened.close());

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);

test('what is mirrored here comes back mirrored, and is unmirrored while it runs', async () => {
  const result = await run(async () => {
    const { track } = drawStripes(['#ff0000', '#00ff00', '#0000ff']);
    const size = { width: 640, height: 360, fps: 30 };
    const stream = await client.realtime.createLocalVideoStream(size, { source: track, mirror: 'on' });
    const remote = await client.realtime.connect({ model: 'lucy-2.1' }, stream);
    remote.attach(counter.video);
    await counter.more(5);
    const mirrored = meanColours(counter.video, 3).map(nearest);
    await stream.setMirror('off');
    const plain = await counter.until(() => meanColours(counter.video, 3).map(nearest), 'red');
    await client.realtime.disconnect();
    await stream.dispose();
    return { mirrored, plain, source: track.readyState };
  });
  expect(result).toEqual({
    mirrored: ['blue', 'green', 'red'],
    plain: ['red', 'green', 'blue'],
    source: 'live',
  });
});

test.each(['stream', 'track', 'clip', 'test-pattern'])(
  'local video from a %s, which stays its owner’s',
  async (kind) => {
    const result = await opened.page.evaluate(async (from) => {
      const { track } = drawStripes(['#ff0000', '#0000ff']);
      const clip = document.createElement('video');
      clip.muted = true;
      clip.srcObject = new MediaStream([track]);
      await clip.play();
      const sources: Record<string, BrowserVideoSource> = {
        stream: new MediaStream([track]),
        track,
        clip,
        'test-pattern': 'test-pattern',
      };
      const stream = await client.realtime.createLocalVideoStream(
        { width: 640, height: 360, fps: 30 },
        { source: sources[from], mirror: 'on' },
      );
      stream.attach(counter.video);
      await counter.more(5);
      const colours = from === 'test-pattern' ? [] : meanColours(counter.video, 2).map(nearest);
      await stream.dispose();
      return {
        colours,
        source: track.readyState,
        output: stream.videoTrack?.readyState,
        captured: resources.captured.length,
      };
    }, kind);
    const colours = kind === 'test-pattern' ? [] : ['blue', 'red'];
    expect(result).toEqual({ colours, source: 'live', output: 'ended', captured: 0 });
  },
);

test.each(['livekit', 'webrtc'] as const)(
  'over %s, a session says which codec is sent, and where frames are mirrored, when it is not as asked for',
  async (transport) => {
    const result = await opened.page.evaluate(async (over) => {
      Object.assign(globalThis, { MediaStreamTrackGenerator: undefined });
      const codecs = [{ mimeType: 'video/VP8', clockRate: 90_000 }];
      RTCRtpSender.getCapabilities = () => ({ codecs, headerExtensions: [] });
      const size = { width: 640, height: 360, fps: 30 };
      const stream = await client.realtime.createLocalVideoStream(size, { source: 'test-pattern', mirror: 'on' });
      const diagnostics = seen(client.realtime.diagnostics$);
      const remote = await client.realtime.connect(
        {
          model: { name: 'lucy_2_rt', urlPath: '/v1/stream', ...size },
          ...(over === 'webrtc' && { transport: over, iceServers: [] }),
          realtimeConfiguration: { media: { video: { preferredCodec: 'h264' } } },
        },
        stream,
      );
      remote.attach(counter.video);
      await counter.more(5);
      await client.realtime.disconnect();
      await stream.dispose();
      return diagnostics.flatMap((event) =>
        event.name === 'transportState' && event.kind.endsWith('Fallback') ? [`${event.kind}: ${event.value}`] : [],
      );
    }, transport);
    expect(result).toEqual(['codecFallback: vp8', 'frameFallback: canvas']);
  },
);

test('what is no source, or no longer one, is refused', async () => {
  const result = await run(async () => {
    const { track } = drawStripes(['#000']);
    track.stop();
    const size = { width: 640, height: 360, fps: 30 };
    const refusals = [];
    for (const source of [track, 'webcam', {}, document.createElement('video'), 7]) {
      refusals.push(
        // As a page without types may.
        await client.realtime
          .createLocalVideoStream(size, { source: source as 'camera' })
          .catch(({ code }: DecartError) => code),
      );
    }
    const disposed = await client.realtime.createLocalVideoStream(size, { source: 'test-pattern' });
    await disposed.dispose();
    refusals.push(
      await client.realtime.connect({ model: 'lucy-2.1' }, disposed).catch(({ code }: DecartError) => code),
    );
    return refusals;
  });
  expect(result).toEqual(Array(6).fill('INVALID_INPUT'));
});

test('of a stream the first live video track is taken, and one whose video has ended is refused', async () => {
  const result = await run(async () => {
    const [ended, live] = [drawStripes(['#000']).track, drawStripes(['#000']).track];
    ended.stop();
    const showing = (...tracks: MediaStreamTrack[]): HTMLVideoElement => {
      const video = document.createElement('video');
      video.srcObject = new MediaStream(tracks);
      return video;
    };
    const take = (source: BrowserVideoSource): Promise<string> =>
      client.realtime.createLocalVideoStream({ width: 640, height: 360, fps: 30 }, { source, mirror: 'off' }).then(
        async (stream) => {
          const { videoTrack } = stream;
          await stream.dispose();
          return videoTrack === live ? 'live' : String(videoTrack?.readyState);
        },
        ({ code }: DecartError) => code,
      );
    const taken: string[] = [];
    for (const source of [
      new MediaStream([ended, live]),
      showing(ended, live),
      new MediaStream([ended]),
      showing(ended),
    ])
      taken.push(await take(source));
    return taken;
  });
  expect(result).toEqual(['live', 'live', 'INVALID_INPUT', 'INVALID_INPUT']);
});

test('processors of one’s own come behind the mirror, and one that fails leaves what was', async () => {
  const result = await run(async () => {
    const { track } = drawStripes(['#ff0000', '#0000ff']);
    const size = { width: 640, height: 360, fps: 30 };
    const stream: BrowserLocalStream = await client.realtime.createLocalVideoStream(size, {
      source: track,
      mirror: 'on',
    });
    const tracks = seen(stream.videoTrack$);
    const inputs: string[] = [];
    const look = async (given: MediaStreamTrack): Promise<string> => {
      const one = await new FrameCounter().show(new MediaStream([given]));
      await one.more(3);
      return meanColours(one.video, 2).map(nearest).join();
    };
    let processedTrack: MediaStreamTrack | undefined;
    const own = {
      name: 'own',
      get processedTrack() {
        return processedTrack;
      },
      async init({ track: input }: { track: MediaStreamTrack }) {
        inputs.push(await look(input));
        processedTrack = input.clone();
      },
      restart: async () => undefined,
      destroy: async () => processedTrack?.stop(),
    };
    await stream.setProcessors([own]);
    const isOwn = stream.videoTrack === processedTrack;
    const broken = { ...own, name: 'broken', init: () => Promise.reject(new Error('no')) };
    const failure = await stream.setProcessors([broken]).catch(({ code }: DecartError) => code);
    const after = stream.videoTrack && (await look(stream.videoTrack));
    await stream.setProcessors([]);
    const plain = stream.videoTrack && (await look(stream.videoTrack));
    await stream.dispose();
    return { inputs, isOwn, failure, after, plain, tracks: tracks.length };
  });
  expect(result).toMatchObject({ isOwn: true, failure: 'INVALID_INPUT', after: 'blue,red', plain: 'blue,red' });
  expect(result.inputs).toEqual(['blue,red', 'blue,red']);
});

test('the latency marker is stamped behind processors of one’s own', async () => {
  const result = await run(async () => {
    const { track } = drawStripes(['#ff0000', '#0000ff']);
    const size = { width: 640, height: 360, fps: 30 };
    const options = { source: track, mirror: 'on', debugQuality: true } as const;
    const stream = await client.realtime.createLocalVideoStream(size, options);
    const before = stream.videoTrack && (await markers(stream.videoTrack, 2));
    // It hides what was stamped before it.
    const cover = drawStripes(['#00ff00']).track;
    const covering = {
      name: 'cover',
      processedTrack: cover,
      init: async () => undefined,
      restart: async () => undefined,
      destroy: async () => cover.stop(),
    };
    await stream.setProcessors([covering]);
    const after = stream.videoTrack && (await markers(stream.videoTrack, 3));
    await stream.dispose();
    return { before: before?.length, after: after?.length, markers: stream.markers, cover: cover.readyState };
  });
  expect(result).toEqual({ before: 2, after: 3, markers: 'stamped', cover: 'ended' });
});

testIn('chromium', 'Firefox starts no worker')(
  'a camera that is gone while the worker waits for its frames is reported as such, and leaves none',
  async () => {
    const { apiKey, baseUrl } = simulator;
    const result = await opened.page.evaluate(
      async (config) => {
        const createWorker = () => {
          const worker = new Worker('/frame-worker.js', { type: 'module' });
          worker.addEventListener('message', () => resources.captured[0]?.stop());
          return worker;
        };
        const { realtime, release } = sdk.createDecartClient({ ...config, createWorker });
        const failure = await realtime
          .createLocalVideoStream({ model: 'lucy-2.1' }, { mirror: 'on' })
          .then(() => null)
          .catch(({ code, data }: DecartError) => [code, data?.device, data?.reason]);
        await release();
        return failure;
      },
      { apiKey, baseUrl, preload: false },
    );
    expect(result).toEqual(['MEDIA_DEVICE_ERROR', 'camera', 'unplugged']);
    await opened.workersEnded();
  },
);

const moments = {
  made: 'not yet the worker for its frames',
  ready: 'whose worker waits for its frames',
};
const endings = ['abort', 'disconnect', 'unsubscribe', 'release'] as const;
for (const [moment, what] of Object.entries(moments)) {
  for (const way of endings) {
    testIn('chromium', 'Firefox starts no worker')(
      `a connect whose camera is open, but ${what}, leaves none when it is ended: ${way}`,
      async () => {
        const { apiKey, baseUrl } = simulator;
        const result = await opened.page.evaluate(
          async ({ at, end, config }) => {
            const said: string[] = [];
            let made: (worker: Worker) => void = () => undefined;
            const making = new Promise<Worker>((resolve) => {
              made = resolve;
            });
            const createWorker = () => {
              const worker = new Worker('/frame-worker.js', { type: 'module' });
              made(worker);
              return worker;
            };
            const { realtime, release } = sdk.createDecartClient({ ...config, createWorker });
            const abort = new AbortController();
            const options = { model: 'lucy-2.1', mirror: 'on', signal: abort.signal } as const;
            const session = realtime.session$(options).subscribe({ error: () => undefined });
            const worker = await making;
            const ready = new Promise<void>((resolve) => {
              worker.addEventListener('message', ({ data }) => {
                said.push(data.type);
                resolve();
              });
            });
            const terminated = new Promise<void>((resolve) => {
              const terminate = worker.terminate.bind(worker);
              worker.terminate = () => {
                resolve();
                terminate();
              };
            });
            if (at === 'ready') await ready;
            if (end === 'abort') abort.abort();
            if (end === 'disconnect') await realtime.disconnect();
            if (end === 'unsubscribe') session.unsubscribe();
            if (end === 'release') await release();
            await terminated;
            const result = { said: said[0] ?? null, open: resources.open().tracks };
            await release();
            return result;
          },
          { at: moment, end: way, config: { apiKey, baseUrl } },
        );
        expect(result).toEqual({ said: moment === 'ready' ? 'ready' : null, open: 0 });
        await opened.workersEnded();
      },
    );
  }
}

import { NEVER, type Observable, of, throwError } from 'rxjs';
import { playVideo } from '../../testkit/memory-video.js';
import { playSession, type SessionStage } from '../../testkit/session-stage.js';
import { createMemoryLocalStream, type MemoryLocalStream } from '../../transports/memory/index.js';
import { DecartError } from '../errors.js';
import type { NetworkProbe } from '../ports/network.js';
import type { LocalStreamRequest } from '../ports/platform.js';
import type { ConnectivityReport } from './classify.js';
import type { ConnectivityOptions } from './options.js';

/** A promise settles outside virtual time: what it settles with is collected, and looked at when the play is over. */
function check({ realtime }: SessionStage, options: ConnectivityOptions): Promise<ConnectivityReport | string> {
  return realtime.checkConnectivity(options).catch((error: unknown) => (error as DecartError).code);
}

const network = (gather: NetworkProbe['gather']): NetworkProbe => ({ unchecked: ['relays were not tried'], gather });
const noCandidates: NetworkProbe = network(() => NEVER);

interface Camera {
  readonly requests: LocalStreamRequest[];
  readonly streams: MemoryLocalStream[];
}

/** Local media that are marked when asked to, and are remembered. */
function camera(): Camera & {
  readonly createLocalStream: (request: LocalStreamRequest) => Observable<MemoryLocalStream>;
} {
  const requests: LocalStreamRequest[] = [];
  const streams: MemoryLocalStream[] = [];
  return {
    requests,
    streams,
    createLocalStream: (request) => {
      const stream = Object.assign(createMemoryLocalStream(), { markers: 'stamped' as const });
      requests.push(request);
      streams.push(stream);
      return of(stream);
    },
  };
}

/** Plays the service for the latest socket and room; frames that are sent come back after `lagMs`. */
function echo(stage: SessionStage, { requests }: Camera, lagMs: number): void {
  const { goLive, network: net, scheduler, at } = stage;
  goLive();
  const room = net.rooms.at(-1);
  playVideo(room, scheduler);
  room?.firstFrame();
  const next = requests.at(-1)?.nextMarker;
  for (let ms = 0; ms < 14_000; ms += 40) {
    at(ms, () => {
      const seq = next?.();
      if (seq !== undefined) at(lagMs, () => room?.marker(seq));
    });
  }
}

const model = { name: 'own', urlPath: '/v1/stream', fps: 25, width: 320, height: 180 };

describe('the network alone', () => {
  test.each([
    ['good', of({ candidateType: 'srflx', elapsedMs: 20 }), ['relays were not tried']],
    [
      'fair',
      of({ candidateType: 'srflx', elapsedMs: 151 }),
      [expect.stringContaining('151 ms'), 'relays were not tried'],
    ],
    ['poor', of({ candidateType: 'host', elapsedMs: 1 }), [expect.stringContaining('relay'), 'relays were not tried']],
    ['critical', NEVER, [expect.stringContaining('No network candidate'), 'relays were not tried']],
  ])('is %s', async (quality, gathered$, reasons) => {
    let report: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        report = check(stage, {});
      },
      { platform: () => ({ network: network(() => gathered$) }) },
    );
    expect(await report).toMatchObject({ quality, reasons });
  });

  test('asks the given servers, and is unchecked where the platform cannot check', async () => {
    const asked: (readonly string[])[] = [];
    let reports: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        reports = Promise.all([check(stage, { stunUrls: ['stun:127.0.0.1:3478'] }), check(stage, {})]);
      },
      {
        platform: () => ({
          network: network((stunUrls) => {
            asked.push(stunUrls);
            return of({ candidateType: 'srflx', elapsedMs: 1 });
          }),
        }),
      },
    );
    await reports;
    expect(asked).toEqual([['stun:127.0.0.1:3478'], ['stun:stun.l.google.com:19302']]);
    playSession((stage) => {
      reports = check(stage, {});
    });
    expect(await reports).toMatchObject({ quality: 'fair', metrics: { transport: 'unchecked' } });
  });

  test('is aborted before it begins, while it gathers, and by the release of the client', async () => {
    const abortedBefore = new AbortController();
    abortedBefore.abort();
    const aborted = new AbortController();
    let reports: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        const { signal } = aborted;
        reports = Promise.all([
          check(stage, { signal: abortedBefore.signal }),
          check(stage, { signal }),
          check(stage, {}),
        ]);
        stage.at(100, () => aborted.abort());
        stage.at(200, () => void stage.client.release());
      },
      { platform: () => ({ network: noCandidates }) },
    );
    expect(await reports).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
  });

  test.each([
    ['no URL', { stunUrls: ['stun.example.com'] }],
    ['a relay', { stunUrls: ['turn:example.com'] }],
    ['none', { stunUrls: [] }],
    ['a deep check without a model', { deep: true }],
    ['a broken model', { deep: true, model: { ...model, width: 0 } }],
  ] satisfies [string, ConnectivityOptions][])('refuses %s', async (_name, options) => {
    let report: Promise<unknown> = Promise.resolve();
    playSession((stage) => {
      report = check(stage, options);
    });
    expect(await report).toBe('INVALID_INPUT');
  });

  test('refuses an unknown model', async () => {
    let report: Promise<unknown> = Promise.resolve();
    playSession((stage) => {
      report = check(stage, { deep: true, model: 'nobody' });
    });
    expect(await report).toBe('MODEL_NOT_FOUND');
  });
});

describe('deep', () => {
  test('is a short session of its own that ends at 5 latency samples', async () => {
    const opened = camera();
    let report: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        const { at, network: net, sent, log } = stage;
        at(0, () => {
          report = check(stage, { deep: true, model });
        });
        at(100, () => {
          expect(opened.requests).toMatchObject([{ width: 320, height: 180, fps: 25, source: 'test-pattern' }]);
          expect(net.sockets[0]?.url).toContain('pixel_latency=1');
          echo(stage, opened, 700);
          expect(sent(0)).toEqual([{ type: 'livekit_join', passthrough: true }]);
        });
        // The first frame at 800; latency counts from 2800 on, and is seen in the sample at 3100.
        at(3000, () => expect(net.open).toMatchObject({ sockets: 1, rooms: 1 }));
        at(3101, () => {
          expect(net.open).toMatchObject({ sockets: 0, rooms: 0 });
          expect(log).toEqual([]);
        });
      },
      { platform: () => opened },
    );
    expect(await report).toEqual({
      quality: 'fair',
      metrics: {
        transport: 'unchecked',
        rttMs: 20,
        ttffMs: 800,
        g2gMs: 700,
        g2gDropRatio: null,
        packetLoss: 0,
        upstreamJitterMs: null,
        sampleCount: 8,
      },
      reasons: ['The latency from camera to display was 700 ms.'],
    });
    expect(opened.streams.map(({ disposed }) => disposed)).toEqual([true]);
  });

  test('leaves a running session alone', async () => {
    const opened = camera();
    let report: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        const { at, connect, goLive, network: net, realtime, log, scheduler } = stage;
        at(0, () => connect());
        at(1, () => {
          goLive();
          playVideo(net.rooms[0], scheduler);
        });
        at(5000, () => {
          report = check(stage, { deep: true, model });
        });
        at(5100, () => echo(stage, opened, 100));
        at(20_000, () => {
          expect(net.sockets.map(({ state }) => state)).toEqual(['open', 'closed']);
          expect(realtime.isConnected()).toBe(true);
          expect(log).toEqual(['1 session live']);
          void realtime.disconnect();
        });
      },
      { platform: () => opened },
    );
    expect(await report).toMatchObject({ quality: 'good', metrics: { g2gMs: 100 } });
  });

  test.each<[string, (stage: SessionStage) => void, unknown]>([
    [
      'a refused key',
      ({ at, network: net }) => at(1, () => net.sockets[0]?.refuse(401)),
      { quality: 'critical', metrics: { transport: 'failed' }, reasons: [expect.stringContaining('session failed')] },
    ],
    [
      'a service that keeps silent',
      ({ at, network: net }) => at(1, () => net.sockets[0]?.accept()),
      { quality: 'critical', metrics: { transport: 'failed' } },
    ],
    [
      'a queue that is too long',
      ({ at, network: net, say }) => {
        at(1, () => net.sockets[0]?.accept());
        at(2, () => say(0, { type: 'queue_position', position: 9, queue_size: 9 }));
        at(20_001, () => expect(net.open.sockets).toBe(0));
      },
      { quality: 'critical', reasons: [expect.stringContaining('did not connect within 20 s')] },
    ],
    [
      'a session that is lost while it is sampled',
      ({ at, network: net, goLive }) => {
        at(1, () => goLive());
        at(2, () => net.sockets[0]?.closeByServer(1011));
      },
      { quality: 'critical', metrics: { transport: 'failed' } },
    ],
    [
      'a frame that never comes',
      ({ at, goLive, network: net }) => {
        at(1, () => goLive());
        at(12_002, () => expect(net.open.sockets).toBe(0));
      },
      { quality: 'critical', reasons: ['No frame had come back after 12001 ms.'] },
    ],
  ])('%s is a verdict', async (_name, play, expected) => {
    const opened = camera();
    let report: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        stage.at(0, () => {
          report = check(stage, { deep: true, model });
        });
        play(stage);
      },
      { platform: () => opened },
    );
    expect(await report).toMatchObject(expected as object);
    expect(opened.streams.map(({ disposed }) => disposed)).toEqual([true]);
  });

  test('a local stream that cannot be opened is a verdict', async () => {
    let report: Promise<unknown> = Promise.resolve();
    playSession(
      (stage) => {
        report = check(stage, { deep: true, model });
      },
      {
        platform: () => ({
          createLocalStream: () => throwError(() => new DecartError({ code: 'INVALID_INPUT', message: 'No canvas.' })),
        }),
      },
    );
    expect(await report).toMatchObject({ quality: 'critical', reasons: ['The probe session failed: No canvas.'] });
  });

  test.each([0, 1, 5, 50, 150, 3000])('is aborted after %i ms, and leaves nothing open', async (abortAtMs) => {
    const opened = camera();
    const aborting = new AbortController();
    let report: Promise<unknown> = Promise.resolve();
    let released: Promise<void> = Promise.resolve();
    playSession(
      (stage) => {
        const { at, network: net, client } = stage;
        at(0, () => {
          report = check(stage, { deep: true, model, signal: aborting.signal });
        });
        at(100, () => net.sockets[0]?.state === 'connecting' && echo(stage, opened, 5000));
        at(20_000, () => {
          released = client.release();
        });
        at(abortAtMs, () => aborting.abort());
        at(abortAtMs + 1, () => expect(net.open).toEqual({ sockets: 0, rooms: 0, streams: 0 }));
      },
      { platform: () => opened },
    );
    expect(await report).toBe('ABORTED');
    await released;
    expect(opened.streams.every(({ disposed }) => disposed)).toBe(true);
  });

  test('is aborted by the release of the client, which waits for it', async () => {
    const opened = camera();
    let report: Promise<unknown> = Promise.resolve();
    let released: Promise<void> = Promise.resolve();
    playSession(
      (stage) => {
        stage.at(0, () => {
          report = check(stage, { deep: true, model });
        });
        stage.at(100, () => echo(stage, opened, 500));
        stage.at(1000, () => {
          released = stage.client.release();
        });
      },
      { platform: () => opened },
    );
    expect(await report).toBe('ABORTED');
    await released;
    expect(opened.streams.map(({ disposed }) => disposed)).toEqual([true]);
  });
});

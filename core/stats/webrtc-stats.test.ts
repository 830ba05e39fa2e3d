import fc from 'fast-check';
import { latencyUnavailable } from '../latency/report.js';
import { qualitySignals } from '../quality/signals.js';
import { type RtcStatsEntry, statsEntries } from './entry.js';
import { normaliseFractionLost } from './fraction-lost.js';
import { initialStatsState, type RawStatsSample, type RealtimeStats, stepStats } from './webrtc-stats.js';

const entry = (type: string, timestamp: number, members: Record<string, unknown> = {}): RtcStatsEntry => ({
  id: type,
  type,
  timestamp,
  ...members,
});
const inbound = (timestamp: number, members: Record<string, unknown>) =>
  entry('inbound-rtp', timestamp, { kind: 'video', ssrc: 1, ...members });
const outbound = (timestamp: number, members: Record<string, unknown>) =>
  entry('outbound-rtp', timestamp, { kind: 'video', ssrc: 2, ...members });

function run(samples: readonly Partial<RawStatsSample>[]): RealtimeStats[] {
  let state = initialStatsState;
  return samples.map((sample, index) => {
    const [next, stats] = stepStats(state, { timestampMs: index * 1000, publisher: [], subscriber: [], ...sample });
    state = next;
    return stats;
  });
}

describe('stepStats', () => {
  it('has nothing to say about an empty sample', () => {
    expect(run([{}])).toEqual([
      {
        timestampMs: 0,
        publish: null,
        video: null,
        audio: null,
        outboundVideo: null,
        remoteInbound: null,
        connection: { currentRoundTripTime: null, availableOutgoingBitrate: null, selectedCandidatePairs: [] },
        latency: latencyUnavailable('debug-quality-off'),
      },
    ]);
  });

  it('normalises a whole sample and turns it into signals', () => {
    const at = (timestamp: number, step: number): Partial<RawStatsSample> => ({
      publisher: [
        outbound(timestamp, {
          bytesSent: 1000 + step * 250_000,
          framesEncoded: step * 30,
          framesPerSecond: 30,
          frameWidth: 1280,
          frameHeight: 720,
          encoderImplementation: 'libvpx',
          qualityLimitationReason: 'cpu',
        }),
        entry('remote-inbound-rtp', timestamp, {
          kind: 'video',
          localId: 'outbound-rtp',
          fractionLost: 64,
          jitter: 0.004,
          roundTripTime: 0.05,
        }),
        entry('candidate-pair', timestamp, {
          state: 'succeeded',
          nominated: true,
          currentRoundTripTime: 0.04,
          availableOutgoingBitrate: 2_000_000,
          localCandidateId: 'local',
          remoteCandidateId: 'remote',
        }),
        {
          id: 'local',
          type: 'local-candidate',
          timestamp,
          candidateType: 'relay',
          protocol: 'udp',
          address: '10.0.0.1',
        },
        { id: 'remote', type: 'remote-candidate', timestamp, candidateType: 'host', protocol: 'udp' },
      ],
      subscriber: [
        inbound(timestamp, {
          bytesReceived: step * 125_000,
          framesDecoded: step * 25,
          framesPerSecond: 24,
          freezeCount: step,
          jitter: 0.01,
          packetsLost: 3,
        }),
        entry('audio', timestamp, {
          type: 'inbound-rtp',
          kind: 'audio',
          bytesReceived: step * 4000,
          packetsLost: 1,
          jitter: 0.002,
        }),
      ],
    });
    const last = run([at(5000, 0), at(6000, 1)]).at(-1);
    expect(last).toMatchObject({
      publish: {
        bytesSent: 251_000,
        deltaBytes: 250_000,
        framesEncoded: 30,
        deltaFrames: 30,
        frameWidth: 1280,
        encoderImplementation: 'libvpx',
        qualityLimitationReason: 'cpu',
      },
      video: { bitrate: 1_000_000, framesPerSecond: 24, freezeCountDelta: 1, packetsLost: 3 },
      audio: { bitrate: 32_000, packetsLost: 1, jitter: 0.002 },
      outboundVideo: { bitrate: 2_000_000, framesPerSecond: 30, frameHeight: 720 },
      remoteInbound: { fractionLost: 0.25, jitter: 0.004, roundTripTime: 0.05 },
      connection: { currentRoundTripTime: 0.04, availableOutgoingBitrate: 2_000_000 },
    });
    expect(JSON.stringify(last)).not.toContain('10.0.0.1');
    expect(last && qualitySignals(last)).toEqual({
      rttMs: 50,
      g2gMs: null,
      ttffMs: null,
      upstreamJitterMs: 4,
      fractionLost: 0.25,
      g2gDropRatio: null,
      availableOutgoingKbps: 2000,
      fps: 24,
      freezeCountDelta: 1,
      qualityLimitationReason: 'cpu',
      isRelayed: true,
      g2gUnavailable: 'debug-quality-off',
    });
  });

  it('takes rates from the timestamps of the reports, not from when they were asked for', () => {
    const stats = run([
      { timestampMs: 0, subscriber: [inbound(1000, { bytesReceived: 0, framesDecoded: 0 })] },
      { timestampMs: 60_000, subscriber: [inbound(3000, { bytesReceived: 1000, framesDecoded: 50 })] },
    ]);
    expect(stats[1]?.video).toMatchObject({ bitrate: 4000, framesPerSecond: 25 });
  });

  it('keeps the rates when the same report comes again, and counts nothing twice', () => {
    const stats = run([
      {
        publisher: [outbound(1000, { bytesSent: 0 })],
        subscriber: [inbound(1000, { bytesReceived: 0, freezeCount: 0 })],
      },
      {
        publisher: [outbound(2000, { bytesSent: 500 })],
        subscriber: [inbound(2000, { bytesReceived: 1000, freezeCount: 1 })],
      },
      {
        publisher: [outbound(2000, { bytesSent: 500 })],
        subscriber: [inbound(2000, { bytesReceived: 1000, freezeCount: 1 })],
      },
      {
        publisher: [outbound(3000, { bytesSent: 900 })],
        subscriber: [inbound(3000, { bytesReceived: 3000, freezeCount: 1 })],
      },
    ]);
    expect(stats.map(({ video }) => video?.bitrate)).toEqual([null, 8000, 8000, 16_000]);
    expect(stats.map(({ video }) => video?.freezeCountDelta)).toEqual([null, 1, 0, 0]);
    expect(stats.map(({ publish }) => publish?.deltaBytes)).toEqual([0, 500, 0, 400]);
  });

  it.each([
    ['a counter that fell', inbound(2000, { bytesReceived: 10, framesDecoded: 1, freezeCount: 0 })],
    [
      'another ssrc under the same id',
      inbound(2000, { ssrc: 99, bytesReceived: 9000, framesDecoded: 99, freezeCount: 9 }),
    ],
    [
      'another track under the same id',
      inbound(2000, { trackIdentifier: 'b', bytesReceived: 9000, framesDecoded: 99 }),
    ],
    ['a clock that went back', inbound(500, { bytesReceived: 9000, framesDecoded: 99 })],
  ])('has no rates after %s, and right ones after that', (_, reset) => {
    const stats = run([
      { subscriber: [inbound(1000, { bytesReceived: 5000, framesDecoded: 50, freezeCount: 3 })] },
      { subscriber: [reset] },
      {
        subscriber: [{ ...reset, timestamp: reset.timestamp + 1000, bytesReceived: Number(reset.bytesReceived) + 125 }],
      },
    ]);
    expect(stats[1]?.video).toMatchObject({ bitrate: null, framesPerSecond: null, freezeCountDelta: null });
    expect(stats[2]?.video).toMatchObject({ bitrate: 1000 });
  });

  it('sums the layers, and takes the size of the largest active one', () => {
    const layer = (id: string, timestamp: number, members: Record<string, unknown>) => ({
      ...outbound(timestamp, members),
      id,
    });
    const stats = run([
      {
        publisher: [
          layer('q', 1000, { bytesSent: 10, framesEncoded: 1, frameWidth: 320, frameHeight: 180 }),
          layer('h', 1000, { bytesSent: 20, framesEncoded: 2, frameWidth: 640, frameHeight: 360 }),
          layer('f', 1000, { bytesSent: 0, framesEncoded: 0, frameWidth: 1280, frameHeight: 720, active: false }),
        ],
      },
      {
        publisher: [
          layer('q', 2000, { bytesSent: 110, framesEncoded: 11, frameWidth: 320, frameHeight: 180 }),
          // Started again: counts from here on only.
          layer('h', 2000, { bytesSent: 7, framesEncoded: 0, frameWidth: 640, frameHeight: 360 }),
          layer('f', 2000, { bytesSent: 0, framesEncoded: 0, frameWidth: 1280, frameHeight: 720, active: false }),
        ],
      },
    ]);
    expect(stats[0]?.publish).toMatchObject({ bytesSent: 30, framesEncoded: 3, deltaBytes: 0, frameWidth: 640 });
    expect(stats[1]?.publish).toMatchObject({ bytesSent: 117, deltaBytes: 100, deltaFrames: 10, frameHeight: 360 });
    expect(stats[1]?.outboundVideo?.bitrate).toBe(800);
  });

  it('says 0 frames per second when the platform says nothing or repeats an old value', () => {
    const stats = run([
      { subscriber: [inbound(1000, { framesDecoded: 30, framesPerSecond: 30 })] },
      { subscriber: [inbound(2000, { framesDecoded: 60, framesPerSecond: 30 })] },
      { subscriber: [inbound(3000, { framesDecoded: 60 })] },
      { subscriber: [inbound(4000, { framesDecoded: 60, framesPerSecond: 30 })] },
    ]);
    expect(stats.map(({ video }) => video?.framesPerSecond)).toEqual([30, 30, 0, 0]);
  });

  it('means the stream that data still arrives on', () => {
    const old = (timestamp: number) => ({
      ...inbound(timestamp, { ssrc: 1, bytesReceived: 90_000, frameWidth: 1 }),
      id: 'old',
    });
    const fresh = (timestamp: number, bytesReceived: number) => ({
      ...inbound(timestamp, { ssrc: 3, bytesReceived, frameWidth: 2 }),
      id: 'fresh',
    });
    const stats = run([{ subscriber: [old(1000), fresh(1000, 0)] }, { subscriber: [old(2000), fresh(2000, 10)] }]);
    expect(stats[1]?.video?.frameWidth).toBe(2);
  });

  it('keeps the two transports apart even when their ids are alike', () => {
    const same = (timestamp: number, bytesReceived: number) => inbound(timestamp, { bytesReceived });
    const stats = run([
      { publisher: [same(1000, 900_000)], subscriber: [same(1000, 0)] },
      { publisher: [same(2000, 900_000)], subscriber: [same(2000, 125)] },
    ]);
    expect(stats[1]?.video?.bitrate).toBe(1000);
  });

  it('never has a negative or infinite rate, whatever the counters do', () => {
    const sample = fc.record({
      timestamp: fc.nat(10_000),
      ssrc: fc.nat(2),
      count: fc.option(fc.nat(1_000_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), (samples) => {
        const stats = run(
          samples.map(({ timestamp, ssrc, count }) => ({
            publisher: [outbound(timestamp, { ssrc, bytesSent: count, framesEncoded: count })],
            subscriber: [inbound(timestamp, { ssrc, bytesReceived: count, framesDecoded: count, freezeCount: count })],
          })),
        );
        for (const { publish, outboundVideo, video } of stats) {
          const rates = [
            publish?.deltaBytes,
            publish?.deltaFrames,
            outboundVideo?.bitrate,
            outboundVideo?.framesPerSecond,
          ];
          for (const rate of [...rates, video?.bitrate, video?.framesPerSecond, video?.freezeCountDelta]) {
            expect(rate === null || (Number.isFinite(rate) && Number(rate) >= 0)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('candidate pairs', () => {
  const pair = (id: string, members: Record<string, unknown>) => ({ ...entry('candidate-pair', 1, members), id });
  const done = { state: 'succeeded' };

  it.each([
    [
      'nominated and succeeded',
      [pair('a', done), pair('b', { ...done, nominated: true }), pair('c', { availableOutgoingBitrate: 1 })],
      'b',
    ],
    ['not one that only was nominated', [pair('a', { state: 'failed', nominated: true }), pair('b', done)], 'b'],
    ['one with an estimate', [pair('a', done), pair('b', { state: 'in-progress', availableOutgoingBitrate: 5 })], 'b'],
    ['any that succeeded', [pair('a', { state: 'waiting' }), pair('b', done), pair('c', done)], 'b'],
    [
      'the busiest of two nominated',
      [pair('a', { ...done, nominated: true, bytesSent: 1 }), pair('b', { ...done, nominated: true, bytesSent: 2 })],
      'b',
    ],
    [
      "the transport's own choice",
      [
        pair('a', { ...done, nominated: true, bytesSent: 9 }),
        pair('b', { ...done, nominated: true }),
        entry('transport', 1, { selectedCandidatePairId: 'b' }),
      ],
      'b',
    ],
  ])('%s', (_, entries, chosen) => {
    expect(run([{ publisher: entries }])[0]?.connection.selectedCandidatePairs.map(({ id }) => id)).toEqual([chosen]);
  });

  it('are none when none is of use', () => {
    expect(run([{ publisher: [pair('a', { state: 'failed' })] }])[0]?.connection.selectedCandidatePairs).toEqual([]);
  });
});

describe('normaliseFractionLost', () => {
  it.each([
    [0, 0],
    [0.02, 0.02],
    [1, 1],
    [2, 2 / 256],
    [255, 255 / 256],
    [300, 1],
    [-1, null],
    [Number.NaN, null],
    [null, null],
    [undefined, null],
  ])('%p is %p', (reported, fraction) => {
    expect(normaliseFractionLost(reported)).toBe(fraction);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.double(), (reported) => {
        const once = normaliseFractionLost(reported);
        expect(normaliseFractionLost(once)).toBe(once);
      }),
    );
  });
});

describe('statsEntries', () => {
  it("reads a browser's report and leaves out what is none", () => {
    const report = new Map<string, unknown>([
      ['a', { id: 'a', type: 'inbound-rtp', timestamp: 1, kind: 'video' }],
      ['b', null],
      ['c', { id: 'c' }],
    ]);
    expect(statsEntries(report)).toEqual([{ id: 'a', type: 'inbound-rtp', timestamp: 1, kind: 'video' }]);
  });
});

describe('what is given to the encoder', () => {
  const at = (timestamp: number, frames: number, more: object = {}): RawStatsSample => ({
    timestampMs: timestamp,
    publisher: [
      { id: 'O', type: 'outbound-rtp', kind: 'video', timestamp, mediaSourceId: 'S', framesEncoded: 0 },
      { id: 'other', type: 'media-source', kind: 'video', timestamp, frames: 0 },
      { id: 'S', type: 'media-source', kind: 'video', timestamp, frames, ...more },
    ],
    subscriber: [],
  });
  const source = (...samples: readonly RawStatsSample[]): (number | null | undefined)[] => {
    let state = initialStatsState;
    return samples.map((sample) => {
      const [next, stats] = stepStats(state, sample);
      state = next;
      return stats.outboundVideo?.sourceFramesPerSecond;
    });
  };

  it('comes from its own source, as reported or counted', () => {
    expect(source(at(1000, 30), at(2000, 55))).toEqual([null, 25]);
    expect(source(at(1000, 30, { framesPerSecond: 29 }))).toEqual([29]);
    expect(source(at(1000, 30), at(2000, 30))).toEqual([null, 0]);
  });

  it('picks the layer with the higher target among equally large ones', () => {
    const layer = (id: string, targetBitrate: number, framesPerSecond: number) => ({
      ...{ id, type: 'outbound-rtp', kind: 'video', timestamp: 1000, frameWidth: 640, frameHeight: 360 },
      targetBitrate,
      framesPerSecond,
    });
    const publisher = [layer('q', 450_000, 20), layer('h', 2_000_000, 30)];
    const [, stats] = stepStats(initialStatsState, { timestampMs: 1000, publisher, subscriber: [] });
    expect(stats.outboundVideo?.framesPerSecond).toBe(30);
  });
});

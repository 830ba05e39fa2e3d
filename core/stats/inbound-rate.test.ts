import { latencyUnavailable } from '../latency/report.js';
import { firstFrameLimitMs, initialInboundRateState, stepInboundRate } from './inbound-rate.js';
import type { RealtimeStats } from './webrtc-stats.js';

interface Shown {
  readonly atMs: number;
  readonly source?: number | null;
  readonly encoded?: number | null;
  readonly fps?: number | null;
  readonly decoded?: number;
}

/** A sample with video both ways as far as it is given; `fps: undefined`: no statistics of received video. */
const sample = ({ atMs, source = 30, encoded = 30, fps, decoded = 1 }: Shown): RealtimeStats => {
  const common = { bitrate: null, frameWidth: null, frameHeight: null };
  const inbound = { packetsReceived: 1, bytesReceived: 1, packetsLost: 0, jitter: 0 };
  return {
    timestampMs: atMs,
    publish: null,
    video:
      fps === undefined
        ? null
        : {
            ...common,
            ...inbound,
            framesPerSecond: fps,
            framesReceived: decoded,
            framesDecoded: decoded,
            framesDropped: 0,
            freezeCount: 0,
            freezeCountDelta: 0,
            totalFreezesDuration: 0,
            decoderImplementation: null,
          },
    audio: null,
    outboundVideo:
      encoded === null && source === null
        ? null
        : { ...common, framesPerSecond: encoded, qualityLimitationReason: null, sourceFramesPerSecond: source },
    remoteInbound: null,
    connection: { currentRoundTripTime: null, availableOutgoingBitrate: null, selectedCandidatePairs: [] },
    latency: latencyUnavailable('debug-quality-off'),
  };
};

const rates = (samples: readonly Shown[]): readonly (number | null)[] => {
  let state = initialInboundRateState;
  return samples.map((shown) => {
    const [next, rate] = stepInboundRate(state, sample(shown));
    state = next;
    return rate;
  });
};

test.each<[string, readonly Shown[], readonly (number | null)[]]>([
  ['what is received', [{ atMs: 0, fps: 30 }], [30]],
  ['a standstill while the source goes on', [{ atMs: 0, fps: 0 }], [0]],
  ['a standstill while the network has stopped the encoder', [{ atMs: 0, fps: 0, encoded: 0 }], [0]],
  ['nothing sent', [{ atMs: 0, fps: 0, source: 0 }], [null]],
  [
    'a source that is stopping, whose last frames did not come through',
    [
      { atMs: 0, fps: 15, source: 15 },
      { atMs: 1000, fps: 0, source: 1 },
      { atMs: 2000, fps: 0, source: 0 },
    ],
    [15, null, null],
  ],
  [
    'a standstill while the source goes on at half its rate',
    [
      { atMs: 0, fps: 30, source: 30 },
      { atMs: 1000, fps: 0, source: 14 },
      { atMs: 2000, fps: 0, source: 14 },
    ],
    [30, null, 0],
  ],
  ['nothing sent, by the encoder alone', [{ atMs: 0, fps: 0, source: null, encoded: 0 }], [null]],
  ['not known yet whether anything is sent', [{ atMs: 0, fps: 0, source: null, encoded: null, decoded: 0 }], [0]],
  ['nothing published, something received', [{ atMs: 0, fps: 25, source: null, encoded: null }], [25]],
  [
    'nothing published, nothing received, for ever',
    [
      { atMs: 0, source: null, encoded: null },
      { atMs: 60_000, source: null, encoded: null },
    ],
    [null, null],
  ],
  ['no first frame yet', [{ atMs: 0 }, { atMs: firstFrameLimitMs - 1 }], [null, null]],
  ['no first frame in time', [{ atMs: 0 }, { atMs: firstFrameLimitMs }], [null, 0]],
  [
    'packets but no decoded frame in time',
    [
      { atMs: 0, fps: null, decoded: 0 },
      { atMs: firstFrameLimitMs, fps: null, decoded: 0 },
    ],
    [null, 0],
  ],
  [
    'a track that was replaced a moment ago',
    [
      { atMs: 0, fps: 30 },
      { atMs: 60_000, fps: 30 },
      { atMs: 61_000, fps: null, decoded: 0 },
    ],
    [30, 30, null],
  ],
  [
    'sending that began late',
    [{ atMs: 0, source: 0 }, { atMs: 30_000, source: 0 }, { atMs: 31_000 }, { atMs: 40_000 }],
    [null, null, null, 0],
  ],
])('%s', (_name, samples, expected) => {
  expect(rates(samples)).toEqual(expected);
});

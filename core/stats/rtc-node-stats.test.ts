import fc from 'fast-check';
import { normaliseRtcNodeStats } from './rtc-node-stats.js';

const rtc = { id: 'x', timestamp: 1_760_000_000_123_456n };
const stats = (type: string, value: unknown) => ({ stats: { case: type, value } });
const base = { id: 'x', timestamp: 1_760_000_000_123.456 };

describe('normaliseRtcNodeStats', () => {
  it('flattens the groups of an outbound stream, with numbers for bigints and words for enums', () => {
    const value = {
      rtc,
      stream: { ssrc: 7, kind: 'video', codecId: '' },
      sent: { bytesSent: 123n, packetsSent: 4n },
      outbound: { frameWidth: 640, framesPerSecond: 0, qualityLimitationReason: 2, active: true, rid: undefined },
    };
    expect(normaliseRtcNodeStats([stats('outboundRtp', value)])).toEqual([
      {
        ...base,
        type: 'outbound-rtp',
        ssrc: 7,
        kind: 'video',
        bytesSent: 123,
        packetsSent: 4,
        frameWidth: 640,
        qualityLimitationReason: 'bandwidth',
        active: true,
      },
    ]);
  });

  it('leaves out a 0 that stands for nothing measured, and keeps one that was', () => {
    const pair = { state: 4, nominated: true, currentRoundTripTime: 0, availableOutgoingBitrate: 0, bytesSent: 0n };
    const [unmeasured, measured] = normaliseRtcNodeStats([
      stats('candidatePair', { rtc, candidatePair: { ...pair, responsesReceived: 0n } }),
      stats('candidatePair', { rtc, candidatePair: { ...pair, responsesReceived: 3n } }),
    ]);
    const common = { ...base, type: 'candidate-pair', state: 'succeeded', nominated: true, bytesSent: 0 };
    expect(unmeasured).toEqual({ ...common, responsesReceived: 0 });
    expect(measured).toEqual({ ...common, responsesReceived: 3, currentRoundTripTime: 0 });
  });

  it.each([
    [
      'localCandidate',
      { candidate: { candidateType: 3, relayProtocol: 1 } },
      { type: 'local-candidate', candidateType: 'relay', relayProtocol: 'tcp' },
    ],
    ['remoteCandidate', { candidate: { candidateType: 0 } }, { type: 'remote-candidate', candidateType: 'host' }],
    ['candidatePair', { candidatePair: { state: 77 } }, { type: 'candidate-pair', state: 'unknown' }],
    ['dataChannel', { dc: { state: 1 } }, { type: 'data-channel', state: 1 }],
    [
      'remoteInboundRtp',
      { remoteInbound: { fractionLost: 0, roundTripTime: 0, roundTripTimeMeasurements: 0n } },
      { type: 'remote-inbound-rtp', fractionLost: 0, roundTripTimeMeasurements: 0 },
    ],
    ['inboundRtp', { inbound: { totalFreezeDuration: 1.5 } }, { type: 'inbound-rtp', totalFreezesDuration: 1.5 }],
  ])('names %s as W3C does', (type, groups, expected) => {
    expect(normaliseRtcNodeStats([stats(type, { rtc, ...groups })])).toEqual([{ ...base, ...expected }]);
  });

  it('takes a timestamp in milliseconds as it is', () => {
    const [entry] = normaliseRtcNodeStats([stats('codec', { rtc: { id: 'x', timestamp: 1_760_000_000_123 } })]);
    expect(entry?.timestamp).toBe(1_760_000_000_123);
  });

  it('skips what has another shape, and never throws', () => {
    expect(normaliseRtcNodeStats([null, 1, {}, { stats: { case: undefined } }, stats('codec', {})])).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.anything()), fc.string(), fc.anything(), (junk, type, value) => {
        const entries = normaliseRtcNodeStats([...junk, stats(type, value)]);
        expect(entries.every((entry) => typeof entry.timestamp === 'number')).toBe(true);
      }),
    );
  });
});

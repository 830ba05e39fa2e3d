import fc from 'fast-check';
import { qualityRank } from '../quality/score.js';
import {
  type ConnectivityProbe,
  classifyConnectivity,
  classifyDeepProbe,
  type DeepProbe,
  probeOfCandidates,
} from './classify.js';

describe('probeOfCandidates', () => {
  it.each([
    [[], { transport: 'failed', rttMs: null }],
    [[{ candidateType: 'host', elapsedMs: 1 }], { transport: 'relay', rttMs: null }],
    [[{ candidateType: 'relay', elapsedMs: 50 }], { transport: 'relay', rttMs: null }],
    [
      [
        { candidateType: 'host', elapsedMs: 1 },
        { candidateType: 'srflx', elapsedMs: 70 },
        { candidateType: 'srflx', elapsedMs: 40 },
      ],
      { transport: 'udp', rttMs: 40 },
    ],
  ])('%j is %j', (candidates, probe) => {
    expect(probeOfCandidates(candidates)).toEqual(probe);
  });
});

describe('classifyConnectivity', () => {
  it.each<[ConnectivityProbe, string, number]>([
    [{ transport: 'udp', rttMs: 150 }, 'good', 0],
    [{ transport: 'udp', rttMs: 151 }, 'fair', 1],
    [{ transport: 'udp', rttMs: 300 }, 'fair', 1],
    [{ transport: 'udp', rttMs: 301 }, 'poor', 1],
    [{ transport: 'udp', rttMs: 5000 }, 'poor', 1],
    [{ transport: 'udp', rttMs: null }, 'good', 0],
    [{ transport: 'relay', rttMs: null }, 'poor', 1],
    [{ transport: 'failed', rttMs: null }, 'critical', 1],
    [{ transport: 'unchecked', rttMs: null, unchecked: ['UDP: there is no peer connection here.'] }, 'fair', 2],
  ])('%j is %s', (probe, quality, reasons) => {
    const report = classifyConnectivity(probe);
    expect(report).toMatchObject({ quality, metrics: { transport: probe.transport, rttMs: probe.rttMs } });
    expect(report.reasons).toHaveLength(reasons);
  });
});

describe('classifyDeepProbe', () => {
  it.each<[DeepProbe, string, RegExp | null]>([
    [{ transport: 'udp', ttffMs: 4000, g2gMs: 500, g2gDropRatio: 0.001, packetLoss: 0.001 }, 'good', null],
    [{ transport: 'udp', ttffMs: 4001 }, 'fair', /4001 ms/],
    [{ transport: 'udp', ttffMs: 10_000 }, 'poor', /first frame/],
    [{ transport: 'udp', ttffMs: 10_001 }, 'critical', /first frame/],
    [{ transport: 'udp', ttffMs: 1000, g2gMs: 901 }, 'poor', /camera to display/],
    [{ transport: 'udp', ttffMs: 1000, g2gDropRatio: 0.02 }, 'poor', /2\.0 %/],
    [{ transport: 'udp', ttffMs: 1000, packetLoss: 13 }, 'critical', /5\.1 %/],
    [{ transport: 'udp', ttffMs: 1000, rttMs: 9000 }, 'good', null],
    [{ transport: 'udp', rttMs: 301 }, 'poor', /round trip/],
    [{ transport: 'relay', rttMs: 301, isRelayed: true }, 'fair', /round trip/],
    [{ transport: 'udp', rttMs: 20, noFrameMs: 12_400 }, 'critical', /No frame had come back after 12400 ms/],
    [{ transport: 'udp' }, 'fair', /nothing was measured/],
    [{ transport: 'failed', failure: 'the service refused the key', ttffMs: 1 }, 'critical', /refused the key/],
    [{ transport: 'failed' }, 'critical', /failed\./],
  ])('%j is %s', (probe, quality, reason) => {
    const report = classifyDeepProbe(probe);
    expect(report.quality).toBe(quality);
    if (reason === null) expect(report.reasons).toEqual([]);
    else expect(report.reasons.join(' ')).toMatch(reason);
  });

  it('names one reason at least for every verdict that is not good, and judges worse what is worse', () => {
    const metrics = ['ttffMs', 'g2gMs', 'g2gDropRatio', 'packetLoss'] as const;
    const probes = fc.record({
      transport: fc.constant('udp' as const),
      rttMs: fc.option(fc.nat(1000)),
      ttffMs: fc.nat(20_000),
      g2gMs: fc.option(fc.nat(3000)),
      g2gDropRatio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      packetLoss: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(
        probes,
        fc.constantFrom(...metrics),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (probe, name, by) => {
          const report = classifyDeepProbe(probe);
          expect(report.reasons.length > 0).toBe(report.quality !== 'good');
          const isShare = name === 'g2gDropRatio' || name === 'packetLoss';
          const value = probe[name] ?? 0;
          const worse = { ...probe, [name]: isShare ? Math.min(1, value + by) : value + by * 5000 };
          expect(qualityRank(classifyDeepProbe(worse).quality)).toBeGreaterThanOrEqual(qualityRank(report.quality));
        },
      ),
    );
  });
});

import type { Observable } from 'rxjs';
import { marbles } from '../../testkit/marbles.js';
import { latencyUnavailable } from '../latency/report.js';
import type { GatheredCandidate } from '../ports/network.js';
import type { RealtimeStats } from '../stats/webrtc-stats.js';
import type { ConnectivityProbe } from './classify.js';
import { deepProbeOf, probeNetwork, sampleSession } from './probe.js';

const candidates = {
  h: { candidateType: 'host', elapsedMs: 1 },
  s: { candidateType: 'srflx', elapsedMs: 42 },
} satisfies Record<string, GatheredCandidate>;
const unchecked = ['relays'];
const probes = {
  u: { transport: 'udp', rttMs: 42, unchecked },
  r: { transport: 'relay', rttMs: null, unchecked },
  f: { transport: 'failed', rttMs: null, unchecked },
} satisfies Record<string, ConnectivityProbe>;

const stats = (more: Partial<RealtimeStats> = {}): RealtimeStats => ({
  timestampMs: 0,
  publish: null,
  video: null,
  audio: null,
  outboundVideo: null,
  remoteInbound: null,
  connection: { currentRoundTripTime: null, availableOutgoingBitrate: null, selectedCandidatePairs: [] },
  latency: latencyUnavailable('no-marker-read'),
  ...more,
});
const withLatency = (sampleCount: number): RealtimeStats =>
  stats({
    latency: {
      ...{ ttffMs: 900, medianMs: 80, p90Ms: 90, dropRatio: 0, outcomeCount: 9, unavailable: null },
      sampleCount,
    },
  });

describe('probeNetwork', () => {
  test.each([
    ['answers with the first server-reflexive candidate', 'hh--s', '----(u|)', '^---!'],
    ['says relay when gathering ends without one', 'h--|', '---(r|)', '^--!'],
    ['says failed when nothing was found', '---|', '---(f|)', '^--!'],
    ['gives up after 5 s', '10ms h 6000ms s', '5s (r|)', '^ 4999ms !'],
  ])('%s', (_name, gathered, expected, subscribed) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const gathered$ = cold<GatheredCandidate>(gathered, candidates);
      const probe$ = probeNetwork({ unchecked, gather: () => gathered$ }, [], scheduler);
      expectObservable(probe$).toBe(expected, probes);
      const until = subscribed.includes('4999') ? '^ 4999ms !' : `^${'-'.repeat(expected.indexOf('(') - 1)}!`;
      expectSubscriptions(gathered$.subscriptions).toBe(until);
    });
  });

  test('knows nothing on a platform that cannot look', () => {
    marbles(({ expectObservable, scheduler }) => {
      expectObservable(probeNetwork(undefined, [], scheduler)).toBe('(x|)', {
        x: { transport: 'unchecked', rttMs: null },
      });
    });
  });

  test('stops gathering when nobody waits any more', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const gathered$ = cold<GatheredCandidate>('h----', candidates);
      const probe$ = probeNetwork({ unchecked, gather: () => gathered$ }, [], scheduler);
      expectObservable(probe$, '^--!').toBe('----');
      expectSubscriptions(gathered$.subscriptions).toBe('^--!');
    });
  });
});

describe('sampleSession', () => {
  const counts = (source: Observable<readonly RealtimeStats[]>, log: number[]) =>
    source.subscribe((samples) => log.push(samples.length));

  test('ends at 5 latency samples', () => {
    marbles(({ cold, flush, scheduler }) => {
      const log: number[] = [];
      counts(sampleSession(cold('a-b-c-c', { a: stats(), b: withLatency(4), c: withLatency(5) }), scheduler), log);
      flush();
      expect(log).toEqual([3]);
    });
  });

  test('ends after 12 s, with whatever there is', () => {
    marbles(({ cold, expectObservable, scheduler }) => {
      const a = stats();
      expectObservable(sampleSession(cold('1s a 9s a 9s a', { a }), scheduler)).toBe('12s (x|)', { x: [a, a] });
      expectObservable(sampleSession(cold<RealtimeStats>('-'), scheduler)).toBe('12s (x|)', { x: [] });
    });
  });
});

describe('deepProbeOf', () => {
  const pair = (local: { candidateType: string; protocol: string | null }, remoteType = 'host'): RealtimeStats =>
    stats({
      connection: {
        currentRoundTripTime: 0.05,
        availableOutgoingBitrate: null,
        selectedCandidatePairs: [
          {
            id: 'P',
            local: { ...local, relayProtocol: null },
            remote: { candidateType: remoteType, protocol: 'udp', relayProtocol: null },
            currentRoundTripTime: 0.05,
            availableOutgoingBitrate: null,
          },
        ],
      },
    });
  test.each([
    ['udp', pair({ candidateType: 'host', protocol: 'udp' })],
    ['tcp', pair({ candidateType: 'host', protocol: 'tcp' })],
    ['relay', pair({ candidateType: 'relay', protocol: 'udp' })],
    ['relay', pair({ candidateType: 'host', protocol: 'udp' }, 'relay')],
    ['unchecked', pair({ candidateType: 'host', protocol: null })],
    ['unchecked', stats()],
  ])('transport %s', (transport, sample) => {
    expect(deepProbeOf([sample], 5, 10)).toMatchObject({ transport, ttffMs: 5 });
  });

  test('takes the latency of the last sample and medians of the rest', () => {
    const remote = (fractionLost: number, roundTripTime: number) =>
      stats({ remoteInbound: { fractionLost, roundTripTime, jitter: 0.002 } });
    const samples = [remote(0, 0.1), remote(0.2, 0.9), { ...remote(0.01, 0.2), latency: withLatency(7).latency }];
    expect(deepProbeOf(samples, 5, 10)).toEqual({
      transport: 'unchecked',
      rttMs: 200,
      isRelayed: false,
      ttffMs: 900,
      g2gMs: 80,
      g2gDropRatio: 0,
      packetLoss: 0.01,
      upstreamJitterMs: 2,
      sampleCount: 7,
    });
  });

  test('says how long the check waited when no frame arrived', () => {
    expect(deepProbeOf([stats()], null, 12_400)).toMatchObject({ ttffMs: null, noFrameMs: 12_400 });
    expect(deepProbeOf([], null, 12_400)).toMatchObject({ rttMs: null, noFrameMs: 12_400, sampleCount: 0 });
  });
});

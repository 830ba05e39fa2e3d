import {
  EMPTY,
  map,
  type Observable,
  type SchedulerLike,
  scan,
  startWith,
  takeLast,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import type { GatheredCandidate, NetworkProbe } from '../ports/network.js';
import { qualitySignals } from '../quality/signals.js';
import { median } from '../stats/median.js';
import type { RealtimeStats } from '../stats/webrtc-stats.js';
import { type ConnectivityProbe, type ConnectivityTransport, type DeepProbe, probeOfCandidates } from './classify.js';

/** How long candidates are gathered for. */
export const GATHERING_LIMIT_MS = 5000;
/** How long a probe session may take to connect. */
export const CONNECT_LIMIT_MS = 20_000;
/** How long a probe session is sampled for. */
export const SAMPLING_LIMIT_MS = 12_000;
/** With this many latency samples a probe session has shown enough. */
export const ENOUGH_LATENCY_SAMPLES = 5;

/** Gathers candidates, 5 s at most; the first server-reflexive one answers the question. Emits once. */
export function probeNetwork(
  network: NetworkProbe | undefined,
  stunUrls: readonly string[],
  scheduler: SchedulerLike,
): Observable<ConnectivityProbe> {
  const gathered$: Observable<GatheredCandidate> = network?.gather(stunUrls) ?? EMPTY;
  return gathered$.pipe(
    takeUntil(timer(GATHERING_LIMIT_MS, scheduler)),
    takeWhile(({ candidateType }) => candidateType !== 'srflx', true),
    scan<GatheredCandidate, readonly GatheredCandidate[]>((candidates, one) => [...candidates, one], []),
    startWith([]),
    takeLast(1),
    map((candidates) =>
      network === undefined
        ? { transport: 'unchecked', rttMs: null }
        : { ...probeOfCandidates(candidates), unchecked: network.unchecked },
    ),
  );
}

/** Collects the samples of a live session, 12 s at most, until there are 5 latency samples. Emits all of them at once. */
export const sampleSession = (
  stats$: Observable<RealtimeStats>,
  scheduler: SchedulerLike,
): Observable<readonly RealtimeStats[]> =>
  stats$.pipe(
    takeUntil(timer(SAMPLING_LIMIT_MS, scheduler)),
    takeWhile(({ latency }) => latency.sampleCount < ENOUGH_LATENCY_SAMPLES, true),
    scan<RealtimeStats, readonly RealtimeStats[]>((samples, one) => [...samples, one], []),
    startWith([]),
    takeLast(1),
  );

/**
 * What a probe session's samples say. `firstFrameMs`: when the first frame came, null when none did;
 * `elapsedMs`: how long it was waited for, from the start of the connect.
 */
export function deepProbeOf(
  samples: readonly RealtimeStats[],
  firstFrameMs: number | null,
  elapsedMs: number,
): DeepProbe {
  const signals = samples.map((sample) => qualitySignals(sample));
  const latency = samples.at(-1)?.latency;
  const ttffMs = latency?.ttffMs ?? firstFrameMs;
  const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
  return {
    transport: transportOf(samples.at(-1)),
    rttMs: median(known(signals.map(({ rttMs }) => rttMs))),
    isRelayed: signals.at(-1)?.isRelayed ?? false,
    ttffMs,
    ...(ttffMs === null && { noFrameMs: elapsedMs }),
    g2gMs: latency?.medianMs ?? null,
    g2gDropRatio: latency?.dropRatio ?? null,
    packetLoss: median(known(signals.map(({ fractionLost }) => fractionLost))),
    upstreamJitterMs: median(known(signals.map(({ upstreamJitterMs }) => upstreamJitterMs))),
    sampleCount: latency?.sampleCount ?? 0,
  };
}

function transportOf(sample: RealtimeStats | undefined): ConnectivityTransport {
  const pair = sample?.connection.selectedCandidatePairs[0];
  if (pair === undefined) return 'unchecked';
  if (pair.local.candidateType === 'relay' || pair.remote.candidateType === 'relay') return 'relay';
  if (pair.local.protocol === null) return 'unchecked';
  return pair.local.protocol === 'udp' ? 'udp' : 'tcp';
}

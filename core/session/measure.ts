import {
  catchError,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  interval,
  map,
  merge,
  type Observable,
  of,
  pairwise,
  type SchedulerLike,
  scan,
  share,
  shareReplay,
  startWith,
  switchMap,
  tap,
} from 'rxjs';
import { latencyReport, latencyUnavailable } from '../latency/report.js';
import type { LatencyTracker } from '../latency/tracker.js';
import { qualitySignals } from '../quality/signals.js';
import { type ConnectionQualityReport, qualityReports } from '../quality/smooth.js';
import { initialVideoStallState, stepVideoStall, type VideoStallEvent } from '../stats/video-stall.js';
import {
  initialStatsState,
  type RawStatsSample,
  type RealtimeStats,
  type StatsState,
  stepStats,
} from '../stats/webrtc-stats.js';
import type { LocalStream, RemoteStream } from '../streams.js';
import type { SessionLoop } from './run.js';
import { selectAttemptId, selectLiveAttemptId } from './select.js';
import { isActive, isLive } from './state.js';

export interface Measurement {
  readonly stats$: Observable<RealtimeStats>;
  readonly quality$: Observable<ConnectionQualityReport | null>;
  latestQuality(): ConnectionQualityReport | null;
}

export interface MeasureDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
}

const SAMPLE_INTERVAL_MS = 1000;

/** What is measured of a live session: one poll, which runs only while somebody needs it. */
export function measureSession<L extends LocalStream, R extends RemoteStream>(deps: MeasureDeps<L, R>): Measurement {
  const { loop, scheduler, latency } = deps;
  let ttffMs: number | null = null;
  let latest: ConnectionQualityReport | null = null;

  // Measurements begin anew with every try, and when the media connection has re-established itself in place.
  const begin = (): void => {
    latency.markStart(scheduler.now());
    ttffMs = null;
  };
  loop.state$.pipe(map(selectAttemptId), distinctUntilChanged()).subscribe((id) => id !== null && begin());
  const mediaReconnected$ = loop.facts$.pipe(
    filter((fact) => {
      if (fact.type !== 'diagnostic') return false;
      if (fact.diagnostic.name === 'firstFrame') ttffMs = fact.diagnostic.timeSinceConnectMs;
      return fact.diagnostic.name === 'mediaReconnected';
    }),
    tap(begin),
    share(),
  );
  mediaReconnected$.subscribe();

  const liveAttempt$ = loop.state$.pipe(map(selectLiveAttemptId), distinctUntilChanged());
  /** The live attempt, anew whenever measuring begins anew; `null` while there is none. */
  const epoch$ = liveAttempt$.pipe(
    switchMap((attempt) =>
      attempt === null
        ? of(null)
        : mediaReconnected$.pipe(
            map(() => attempt),
            startWith(attempt),
          ),
    ),
  );

  const read = (attempt: number): Observable<RawStatsSample> => {
    const room = loop.room(attempt);
    if (room === null) return EMPTY;
    return room.readStats().pipe(
      map((raw) => ({ ...raw, timestampMs: scheduler.now(), latency: latencyNow() })),
      // A room that is just going has no statistics: the next sample, if any, will tell.
      catchError(() => EMPTY),
    );
  };

  const latencyNow = () => {
    const state = loop.state();
    if (!isActive(state) || !state.engagement.plan.pixelLatency) return latencyUnavailable('debug-quality-off');
    if (state.engagement.localStream === 'none') return latencyUnavailable('no-local-video');
    return latencyReport(latency.snapshot());
  };

  const stats$ = epoch$.pipe(
    switchMap((attempt) =>
      attempt === null
        ? EMPTY
        : interval(SAMPLE_INTERVAL_MS, scheduler).pipe(
            exhaustMap(() => read(attempt)),
            scan<RawStatsSample, readonly [StatsState, RealtimeStats | null]>(
              ([state], sample) => stepStats(state, sample),
              [initialStatsState, null],
            ),
            map(([, stats]) => stats),
            filter((stats) => stats !== null),
          ),
    ),
    share(),
  );

  const quality$ = epoch$.pipe(
    switchMap((attempt) =>
      attempt === null
        ? of(null)
        : stats$.pipe(
            map(qualitySignals),
            map((signals) => ({ ...signals, ttffMs: signals.ttffMs ?? ttffMs })),
            qualityReports(),
            startWith(null),
          ),
    ),
    distinctUntilChanged(),
    tap((report) => {
      latest = report;
    }),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  // What was measured last is of no use once the connection is gone, whoever is subscribed.
  liveAttempt$.subscribe(() => {
    latest = null;
  });

  watchVideo(deps, stats$);
  return { stats$, quality$, latestQuality: () => latest };
}

/** Tells the loop of stalls and of the selected candidate pair, where stalls are to be acted upon. */
function watchVideo<L extends LocalStream, R extends RemoteStream>(
  { loop }: MeasureDeps<L, R>,
  stats$: Observable<RealtimeStats>,
): void {
  const watched$ = loop.state$.pipe(
    map((state) => (isLive(state) && state.engagement.plan.recoverStalledAfterMs !== null ? state.attempt.id : null)),
    distinctUntilChanged(),
  );
  const stallsOf = (attempt: number): Observable<unknown> =>
    stats$.pipe(
      scan<RealtimeStats, readonly [typeof initialVideoStallState, VideoStallEvent | null]>(
        ([stall], { timestampMs, video, outboundVideo }) => {
          // Where nothing is sent nothing can come back, which is no stall.
          const isSending = outboundVideo === null || (outboundVideo.framesPerSecond ?? 0) >= 1;
          return stepVideoStall(stall, {
            timestampMs,
            framesPerSecond: isSending ? (video?.framesPerSecond ?? null) : null,
          });
        },
        [initialVideoStallState, null],
      ),
      tap(([, event]) => {
        if (event?.stalled) loop.dispatch({ type: 'media.stalled', attempt });
        if (event?.stalled === false) loop.dispatch({ type: 'media.recovered', attempt, durationMs: event.durationMs });
      }),
    );
  const pairsOf = (attempt: number): Observable<unknown> =>
    stats$.pipe(
      map(({ connection }) => connection.selectedCandidatePairs[0] ?? null),
      startWith(null),
      pairwise(),
      tap(([before, pair]) => {
        if (pair === null || pair.id === before?.id) return;
        const { candidateType, protocol } = pair.local;
        const remote = { candidateType: pair.remote.candidateType, protocol: pair.remote.protocol };
        loop.dispatch({ type: 'media.pairSelected', attempt, local: { candidateType, protocol }, remote });
      }),
    );
  watched$
    .pipe(switchMap((attempt) => (attempt === null ? EMPTY : merge(stallsOf(attempt), pairsOf(attempt)))))
    .subscribe();
}

import {
  catchError,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  finalize,
  interval,
  map,
  type Observable,
  of,
  type SchedulerLike,
  type Subscription,
  scan,
  share,
  shareReplay,
  startWith,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { type LatencyReport, latencyReport, latencyUnavailable } from '../latency/report.js';
import type { LatencyTracker } from '../latency/tracker.js';
import type { MediaTransport } from '../ports.js';
import { qualitySignals } from '../quality/signals.js';
import { type ConnectionQualityReport, qualityReports } from '../quality/smooth.js';
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
import { createVideoWatch } from './watch-video.js';

export interface Measurement {
  readonly stats$: Observable<RealtimeStats>;
  readonly quality$: Observable<ConnectionQualityReport | null>;
  latestQuality(): ConnectionQualityReport | null;
}

export interface MeasureDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly media: Pick<MediaTransport<L, R>, 'readsMarkers'>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
}

const SAMPLE_INTERVAL_MS = 1000;
/** Statistics that take longer are given up, so that a library that hangs does not end the measuring. */
const READ_LIMIT_MS = 5000;

interface Sample {
  readonly stats: RealtimeStats;
  /** Of the received video, as far as they say something of the connection. */
  readonly framesPerSecond: number | null;
}

/** What is measured of a live session: one poll, which runs only while somebody needs it. */
export function measureSession<L extends LocalStream, R extends RemoteStream>(deps: MeasureDeps<L, R>): Measurement {
  const { loop, media, scheduler, latency } = deps;
  let firstFrameMs: number | null = null;
  /** Time to first frame from before the media connection came back in place; what is measured after that is no such time. */
  let earlierTtffMs: number | null = null;
  let latest: ConnectionQualityReport | null = null;

  /** The live attempt, anew with each live session; `null` while there is none. */
  const liveAttempts = (): Observable<number | null> =>
    loop.state$.pipe(map(selectLiveAttemptId), distinctUntilChanged());
  const mediaReconnections = (): Observable<unknown> =>
    loop.facts$.pipe(filter((fact) => fact.type === 'diagnostic' && fact.diagnostic.name === 'mediaReconnected'));

  const latencyNow = (): LatencyReport => {
    const state = loop.state();
    if (!isActive(state) || !state.engagement.plan.pixelLatency) return latencyUnavailable('debug-quality-off');
    const report = latencyReport(latency.snapshot());
    // Once numbers are matched, it does not matter who stamped them.
    if (report.unavailable !== 'no-marker-read') return { ...report, ttffMs: earlierTtffMs ?? report.ttffMs };
    const local = loop.localStream(state.engagement.connectId);
    if (local === null || local.videoTrack === null) return latencyUnavailable('no-local-video');
    if (local.markers === undefined) return latencyUnavailable('unstamped-source');
    if (local.markers === 'too-small') return latencyUnavailable('frame-too-small');
    return media.readsMarkers === false ? latencyUnavailable('no-frame-access') : report;
  };

  const read = (attempt: number): Observable<RawStatsSample> =>
    (loop.room(attempt)?.readStats() ?? EMPTY).pipe(
      map((raw) => ({ ...raw, timestampMs: scheduler.now(), latency: latencyNow() })),
      takeUntil(timer(READ_LIMIT_MS, scheduler)),
      // A room that is just going has no statistics: the next sample, if any, will tell.
      catchError(() => EMPTY),
    );

  const samplesOf = (attempt: number): Observable<Sample> => {
    const watch = createVideoWatch(attempt, loop.dispatch);
    return interval(SAMPLE_INTERVAL_MS, scheduler).pipe(
      exhaustMap(() => read(attempt)),
      scan<RawStatsSample, readonly [StatsState, RealtimeStats | null]>(
        ([state], sample) => stepStats(state, sample),
        [initialStatsState, null],
      ),
      map(([, stats]) => stats),
      filter((stats) => stats !== null),
      map((stats) => ({ stats, framesPerSecond: watch(stats) })),
    );
  };

  const reportsOf = (ofAttempt$: Observable<Sample>): Observable<ConnectionQualityReport | null> =>
    ofAttempt$.pipe(
      map(({ stats, framesPerSecond }) => qualitySignals(stats, framesPerSecond)),
      map((signals) => ({ ...signals, ttffMs: signals.ttffMs ?? firstFrameMs })),
      qualityReports(),
      startWith(null),
    );

  const createPipes = (): Pipes => {
    const samples$ = liveAttempts().pipe(
      switchMap((attempt) => (attempt === null ? EMPTY : samplesOf(attempt))),
      share(),
    );
    const quality$ = liveAttempts().pipe(
      // Anew with every live session, and when its media connection has re-established itself in place; the sampling goes on.
      switchMap((attempt) =>
        attempt === null
          ? of(null)
          : samples$.pipe(
              connect((ofAttempt$) =>
                mediaReconnections().pipe(
                  startWith(null),
                  switchMap(() => reportsOf(ofAttempt$)),
                ),
              ),
            ),
      ),
      distinctUntilChanged(),
      tap((report) => {
        latest = report;
      }),
      finalize(() => {
        latest = null;
      }),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    return { stats$: samples$.pipe(map(({ stats }) => stats)), quality$ };
  };

  let made: Pipes | null = null;
  /** Put together when first needed: a client that never connects needs none of it. */
  const pipes = (): Pipes => {
    made ??= createPipes();
    return made;
  };
  const quality$ = defer(() => pipes().quality$);

  let attemptId: number | null = null;
  let watching: Subscription | null = null;
  loop.state$.subscribe({
    next: (state) => {
      const id = selectAttemptId(state);
      if (id !== attemptId && id !== null) {
        firstFrameMs = null;
        earlierTtffMs = null;
        latency.markStart(scheduler.now());
      }
      attemptId = id;
      // A frozen session has to be noticed whether anyone is looking or not.
      const isWatched = isLive(state) && state.engagement.plan.recoverStalledAfterMs !== null;
      if (isWatched) {
        watching ??= quality$.subscribe();
      } else {
        watching?.unsubscribe();
        watching = null;
      }
    },
    complete: () => watching?.unsubscribe(),
  });
  loop.facts$.subscribe((fact) => {
    if (fact.type !== 'diagnostic') return;
    const { diagnostic } = fact;
    if (diagnostic.name === 'firstFrame') firstFrameMs = diagnostic.timeSinceConnectMs;
    if (diagnostic.name !== 'mediaReconnected') return;
    // The media may take another way now: what was measured on the old one is void.
    earlierTtffMs ??= latency.snapshot().ttffMs ?? firstFrameMs;
    latency.markStart(scheduler.now());
  });

  return { stats$: defer(() => pipes().stats$), quality$, latestQuality: () => latest };
}

type Pipes = Pick<Measurement, 'stats$' | 'quality$'>;

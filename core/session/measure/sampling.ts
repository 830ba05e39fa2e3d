// One sampler, written out: as operators it would keep some twenty subscribers alive in every session.
import { defer, EMPTY, interval, Observable, type SchedulerLike, Subject, Subscription } from 'rxjs';
import { type LatencyReport, latencyReport, latencyUnavailable } from '../../latency/report.js';
import type { LatencyTracker } from '../../latency/tracker.js';
import type { MediaTransport, RoomStats } from '../../ports/media.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { qualitySignals } from '../../quality/signals.js';
import { type ConnectionQualityReport, initialQualityState, stepQuality } from '../../quality/smooth.js';
import { StateSubject } from '../../state-subject.js';
import { initialStatsState, type RealtimeStats, stepStats } from '../../stats/webrtc-stats.js';
import { selectLiveAttemptId } from '../machine/select.js';
import { isActive } from '../machine/state.js';
import type { SessionLoop } from '../runtime/loop.js';
import { createVideoWatch } from './watch-video.js';

/** What is known of the first frame of the present connection, in milliseconds; `null` while it is not. */
export interface FirstFrame {
  /** From the connect to the first frame. */
  timeMs(): number | null;
  /** Its time to first frame from before the media connection came back in place: what is measured after that is none. */
  earlierTtffMs(): number | null;
}

export interface SamplingDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly media: Pick<MediaTransport<L, R>, 'readsMarkers'>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
  readonly firstFrame: FirstFrame;
}

/** What is sampled of a live session. One poll, which runs only while either stream has a subscriber. */
export interface Sampling {
  readonly stats$: Observable<RealtimeStats>;
  readonly quality$: Observable<ConnectionQualityReport | null>;
  latestQuality(): ConnectionQualityReport | null;
}

const SAMPLE_INTERVAL_MS = 1000;
/** Statistics that take longer are given up, so that a library that hangs does not end the measuring. */
const READ_LIMIT_MS = 5000;

export function createSampling<L extends LocalStream, R extends RemoteStream>(deps: SamplingDeps<L, R>): Sampling {
  const { loop, media, scheduler, latency, firstFrame } = deps;
  const statsSubject = new Subject<RealtimeStats>();
  const qualitySubject = new StateSubject<ConnectionQualityReport | null>(null);

  const latencyNow = (): LatencyReport => {
    const state = loop.state();
    const { pixelLatency = false, frameTiming = false } = isActive(state) ? state.connection.plan : {};
    if (!pixelLatency && !frameTiming) return latencyUnavailable('debug-quality-off');
    const report = latencyReport(latency.snapshot());
    // Once numbers are matched, it does not matter who stamped them.
    if (report.unavailable !== 'no-marker-read') {
      return { ...report, ttffMs: firstFrame.earlierTtffMs() ?? report.ttffMs };
    }
    const local = loop.localStream(state);
    if (local === null || local.videoTrack === null) return latencyUnavailable('no-local-video');
    if (frameTiming) return latencyUnavailable('no-frame-timing');
    if (local.markers === undefined) return latencyUnavailable('unstamped-source');
    if (local.markers === 'too-small') return latencyUnavailable('frame-too-small');
    return media.readsMarkers === false ? latencyUnavailable('no-frame-access') : report;
  };

  /**
   * The quality verdict is reset with every session, and when its media connection has been re-established in place.
   */
  let qualityState = initialQualityState;
  const forgetQuality = (): void => {
    qualityState = initialQualityState;
    if (qualitySubject.value !== null) qualitySubject.next(null);
  };

  /** Samples one live attempt until it is unsubscribed from. */
  function sample(attempt: number): Subscription {
    const watch = createVideoWatch(attempt, loop.dispatch);
    let statsState = initialStatsState;
    let reading = Subscription.EMPTY;

    const take = (raw: RoomStats): void => {
      const timestampMs = scheduler.now();
      const [nextStats, stats] = stepStats(statsState, { ...raw, timestampMs, latency: latencyNow() });
      statsState = nextStats;
      const signals = qualitySignals(stats, watch(stats));
      // A subscriber may end the session here: by the stall that was just noticed, or by the statistics.
      if (!sampling.closed) statsSubject.next(stats);
      if (sampling.closed) return;
      const ttffMs = signals.ttffMs ?? firstFrame.timeMs();
      const state = loop.state();
      if (!isActive(state)) return;
      const [nextQuality, report] = stepQuality(qualityState, { ...signals, ttffMs }, state.connection.plan.quality);
      qualityState = nextQuality;
      qualitySubject.next(report);
    };

    const sampling = interval(SAMPLE_INTERVAL_MS, scheduler).subscribe(() => {
      if (!reading.closed) return;
      // A room that is closing has no statistics: the next sample, if any, has them.
      reading = defer(() => loop.room(attempt)?.readStats() ?? EMPTY).subscribe({ next: take, error: () => undefined });
      sampling.add(reading);
      if (!reading.closed) reading.add(scheduler.schedule(() => reading.unsubscribe(), READ_LIMIT_MS));
    });
    return sampling;
  }

  let needed = 0;
  let following = Subscription.EMPTY;

  /** Follows the session. */
  function follow(): Subscription {
    let attempt: number | null = null;
    let sampling = Subscription.EMPTY;
    const started = new Subscription(() => {
      sampling.unsubscribe();
      forgetQuality();
    });
    started.add(
      loop.outputs$.subscribe((output) => {
        if (output.type === 'diagnostic' && output.diagnostic.name === 'mediaReconnected') forgetQuality();
      }),
    );
    started.add(
      loop.state$.subscribe({
        next: (state) => {
          const live = selectLiveAttemptId(state);
          if (live === attempt) return;
          attempt = live;
          sampling.unsubscribe();
          forgetQuality();
          if (live !== null) sampling = sample(live);
        },
        complete: () => {
          statsSubject.complete();
          qualitySubject.complete();
        },
      }),
    );
    return started;
  }

  const whileNeeded = <T>(subject: Subject<T>): Observable<T> =>
    new Observable((subscriber) => {
      subject.subscribe(subscriber);
      needed += 1;
      if (needed === 1) following = follow();
      return () => {
        needed -= 1;
        if (needed === 0) following.unsubscribe();
      };
    });

  return {
    stats$: whileNeeded(statsSubject),
    quality$: whileNeeded(qualitySubject),
    latestQuality: () => qualitySubject.value,
  };
}

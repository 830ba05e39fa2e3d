import {
  catchError,
  concatMap,
  defer,
  finalize,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  Subject,
  switchMap,
  take,
  throwError,
} from 'rxjs';
import { aborts } from '../abort.js';
import { DecartError, failureOf } from '../errors.js';
import type { LatencyTracker } from '../latency/tracker.js';
import type { RealtimeModel } from '../models.js';
import type { Platform } from '../ports/platform.js';
import type { LocalStream, RemoteStream } from '../ports/streams.js';
import { localRequestOf } from '../session/client/connect.js';

import type { PlainClient } from '../session/client/realtime-client.js';

import { clientReleased } from '../session/machine/endings.js';
import { timeLimit } from '../time-limit.js';
import { type ConnectivityReport, classifyConnectivity, classifyDeepProbe, type DeepProbe } from './classify.js';
import { type CheckedOptions, type ConnectivityOptions, checkConnectivityOptions } from './options.js';
import { CONNECT_LIMIT_MS, deepProbeOf, probeNetwork, sampleSession } from './probe.js';

/** A client of its own, so that a running session is not disturbed, and the tracker of its latency. */
export interface Probe<L extends LocalStream, R extends RemoteStream> {
  readonly realtime: PlainClient<L, R>;
  readonly latency: LatencyTracker;
}

export interface ConnectivityDeps<L extends LocalStream, R extends RemoteStream> {
  readonly platform: Pick<Platform<L, R>, 'network' | 'createLocalStream'>;
  readonly scheduler: SchedulerLike;
  openProbe(): Probe<L, R>;
}

export interface ConnectivityChecks {
  check(options?: ConnectivityOptions): Promise<ConnectivityReport>;
  /** Aborts the running checks; resolves when all that they opened is closed. None is begun after that. */
  close(): Promise<void>;
}

const probeOptions = {
  debugQuality: true,
  publishCamera: false,
  reconnect: { retries: 0 },
  recoverStalledAfterMs: false,
  connectBudgetMs: CONNECT_LIMIT_MS,
} as const;

export function createConnectivityChecks<L extends LocalStream, R extends RemoteStream>(
  deps: ConnectivityDeps<L, R>,
): ConnectivityChecks {
  const { platform, scheduler, openProbe } = deps;
  const closedSubject = new Subject<DecartError>();
  const closing = new Set<Promise<void>>();

  /** Closes a probe, once, however it ends. */
  function closer(realtime: PlainClient<L, R>, local: () => L | null): () => Promise<void> {
    let closed: Promise<void> | null = null;
    return () => {
      if (closed !== null) return closed;
      const closes = (async () => {
        await realtime.release();
        await local()?.dispose();
      })().finally(() => closing.delete(closes));
      closing.add(closes);
      closed = closes;
      return closes;
    };
  }

  const deep$ = (model: RealtimeModel): Observable<DeepProbe> =>
    defer(() => {
      const startMs = scheduler.now();
      const { realtime, latency } = openProbe();
      let local: L | null = null;
      let firstFrameMs: number | null = null;
      const closeProbe = closer(realtime, () => local);
      realtime.diagnostics$.subscribe((event) => {
        if (event.name === 'firstFrame') firstFrameMs = event.timeSinceConnectMs;
      });
      const picture = { source: 'test-pattern', debugQuality: true, mirror: 'off' } as const;
      return platform.createLocalStream(localRequestOf({ latency, scheduler }, { model }, picture)).pipe(
        switchMap((opened) => {
          local = opened;
          return realtime.session$({ ...probeOptions, model }, opened);
        }),
        // Time in the service's queue counts here: a check must not take minutes.
        timeLimit({ limitMs: CONNECT_LIMIT_MS, scheduler, late: notConnected }),
        switchMap((session) => sampleSession(session.stats$, scheduler)),
        take(1),
        map((samples) => deepProbeOf(samples, firstFrameMs, scheduler.now() - startMs)),
        catchError((error: unknown) => of(failedProbe(error))),
        concatMap((probe) => from(closeProbe()).pipe(map(() => probe))),
        finalize(closeProbe),
      );
    });

  const report$ = ({ deep, model, stunUrls }: CheckedOptions): Observable<ConnectivityReport> =>
    deep
      ? deep$(model).pipe(map((probe) => classifyDeepProbe(probe)))
      : probeNetwork(platform.network, stunUrls, scheduler).pipe(map((probe) => classifyConnectivity(probe)));

  return {
    check: (options = {}) =>
      new Promise((resolve, reject) => {
        const abort$ = merge(closedSubject, aborts(options?.signal));
        const checked$ = defer(() => report$(checkConnectivityOptions(options)));
        merge(abort$.pipe(mergeMap((error) => throwError(() => error))), checked$)
          .pipe(take(1))
          .subscribe({ next: resolve, error: reject });
      }),
    async close() {
      closedSubject.next(new DecartError(clientReleased));
      await Promise.all(closing);
    },
  };
}

const notConnected = (): DecartError =>
  new DecartError({
    code: 'WEBRTC_TIMEOUT_ERROR',
    message: `The probe session did not connect within ${CONNECT_LIMIT_MS / 1000} s.`,
    data: { stage: 'connect' },
  });

function failedProbe(error: unknown): DeepProbe {
  const { message } = failureOf(error, { code: 'WEBRTC_ICE_ERROR', message: 'The probe session could not be opened.' });
  return { transport: 'failed', failure: message.replace(/\.$/, '') };
}

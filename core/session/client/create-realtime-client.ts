import { filter, firstValueFrom, map, race, type SchedulerLike, tap, timer } from 'rxjs';
import type { createConnectivityChecks, Probe } from '../../connectivity/check.js';
import type { ConnectivityOptions } from '../../connectivity/options.js';
import { DecartError } from '../../errors.js';
import type { LatencyTracker } from '../../latency/tracker.js';
import { type Lazy, lazyOnce, withLazy } from '../../lazy.js';
import type { Platform } from '../../ports/platform.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { PriceOf } from '../../prices.js';
import type { CallOptions } from '../../rest/call.js';
import type { QuotaClient } from '../../rest/quota.js';
import type { SubscribeOptions, ViewerClient, ViewerSession } from '../../viewer/viewer.js';
import { clientReleased } from '../machine/endings.js';
import { selectRoomInfo, sessionStartedOf } from '../machine/select.js';
import { isLive, type SessionState } from '../machine/state.js';
import type { Sampling } from '../measure/sampling.js';
import type { SessionLoop } from '../runtime/loop.js';
import { createSessionCalls } from './calls.js';
import { type ConnectDeps, connectTo, localRequestOf } from './connect.js';
import { sessionSteps } from './inspect.js';
import { observeSession } from './observe.js';
import type { ConnectOptions } from './options.js';
import type { LocalStreamOptions, LocalStreamSize, PlainClient, Successor } from './realtime-client.js';
import { clientScope, type SessionScope, sessionScope } from './scope.js';
import type { RealtimeStreams } from './session-streams.js';

/** Ports close within 3 s. What has not closed by then, a stream whose `dispose()` never settles say, is left behind. */
const CLOSE_LIMIT_MS = 5000;

export interface SessionDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
  readonly renewKey: ConnectDeps<L, R>['renewKey'];
  readonly onRenamed: ConnectDeps<L, R>['onRenamed'];
  readonly sampling: Sampling;
  readonly priceOf: PriceOf;
  readonly checks: Lazy<typeof createConnectivityChecks>;
  /** Another client over the same platform, with a loop and a clock of its own. */
  openProbe(): Probe<L, R>;
  readonly viewers: Lazy<ViewerClient<R>>;
  readonly quotas: Lazy<QuotaClient>;
}

/** The realtime client over a loop: one session at a time, as observables and calls. */
export function createRealtimeClient<L extends LocalStream, R extends RemoteStream>(
  deps: SessionDeps<L, R>,
): PlainClient<L, R> {
  const { loop, platform } = deps;
  const { sampling, scheduler } = deps;
  const checks = lazyOnce(deps.checks, (create) => create(deps));
  const connectDeps: ConnectDeps<L, R> = { ...deps, quality$: sampling.quality$ };
  const stuck = new Set<string>();
  const observeDeps = { loop, sampling, platformErrors$: platform.errors$ };

  /** What a scope shows, with ids that are read when asked for: a reconnect changes them. */
  function seen(scope: SessionScope) {
    const identity = {
      get sessionId() {
        return selectRoomInfo(scope.state())?.sessionId ?? null;
      },
      get subscribeToken() {
        return sessionStartedOf(selectRoomInfo(scope.state()))?.subscribeToken ?? null;
      },
      get [sessionSteps]() {
        return loop.steps$;
      },
      toJSON: () => ({ connectionState: scope.state().status, sessionId: identity.sessionId }),
    };
    return Object.defineProperties(
      observeSession(observeDeps, scope),
      Object.getOwnPropertyDescriptors(identity),
    ) as RealtimeStreams<L, R> & typeof identity;
  }

  /** Adds to what is seen without reading it. */
  const withCalls = <T extends object, C extends object>(shown: T, calls: C): T & C =>
    Object.defineProperties(shown, Object.getOwnPropertyDescriptors(calls)) as T & C;

  const connecting = (options: ConnectOptions<R>, localStream: unknown, successor?: Successor) =>
    connectTo(connectDeps, options, localStream, successor);

  /** Resolves when what is being closed now has closed, or never will. */
  async function allClosed(): Promise<void> {
    // A call made from inside a subscriber is carried out behind it: look once that is done.
    await Promise.resolve();
    const closing = new Set(loop.state().closing.filter((resource) => !stuck.has(resource)));
    const isClosed = (state: SessionState): boolean => !state.closing.some((resource) => closing.has(resource));
    if (isClosed(loop.state())) return;
    const giveUp$ = timer(CLOSE_LIMIT_MS, scheduler).pipe(
      tap(() => {
        for (const resource of loop.state().closing) stuck.add(resource);
      }),
    );
    await firstValueFrom(race(loop.state$.pipe(filter(isClosed)), giveUp$), { defaultValue: null });
  }

  let released: Promise<void> | null = null;
  const watching = new Set<ViewerSession<R>>();

  const checkNotReleased = (): void => {
    if (released !== null) throw new DecartError(clientReleased);
  };

  /** Calls what may have to be loaded first, unless the client is released meanwhile. */
  const callLater = <P, T>(part: Lazy<P>, signal: AbortSignal | undefined, call: (part: P) => Promise<T>): Promise<T> =>
    firstValueFrom(
      withLazy(part, signal, (loaded) => {
        checkNotReleased();
        return call(loaded);
      }),
    );

  async function subscribe(options: SubscribeOptions): Promise<ViewerSession<R>> {
    const viewer = await callLater(deps.viewers, options?.signal, (viewers) => viewers.subscribe(options));
    watching.add(viewer);
    platform.follow?.(viewer);
    viewer.connectionState$.subscribe({ complete: () => watching.delete(viewer) });
    if (released !== null) await viewer.disconnect();
    checkNotReleased();
    return viewer;
  }

  return withCalls(seen(clientScope(loop)), {
    ...createSessionCalls(loop, null),
    connect: (options: ConnectOptions<R>, localStream?: object | null) =>
      new Promise<R>((resolve, reject) => {
        // Stays subscribed after it has emitted: unsubscribing would end the session.
        connecting(options, localStream).subscribe({ next: ({ stream }) => resolve(stream), error: reject });
      }),
    session$: (options: ConnectOptions<R>, localStream?: object | null, successor?: Successor) =>
      connecting(options, localStream, successor).pipe(
        map(({ connectId }) => withCalls(seen(sessionScope(loop, connectId)), createSessionCalls(loop, connectId))),
      ),
    createLocalVideoStream: async (size: LocalStreamSize, options: LocalStreamOptions = {}) =>
      firstValueFrom(platform.createLocalStream(localRequestOf(deps, size, options))),
    subscribe,
    isConnected: () => isLive(loop.state()),
    getConnectionQuality: sampling.latestQuality,
    checkConnectivity: (options?: ConnectivityOptions) =>
      callLater(checks.load, options?.signal, ({ check }) => check(options)),
    quota: (options?: CallOptions) => callLater(deps.quotas, options?.signal, ({ quota }) => quota(options)),
    async disconnect() {
      loop.dispatch({ type: 'caller.disconnectRequested' });
      await allClosed();
    },
    release() {
      released ??= (async () => {
        loop.dispatch({ type: 'caller.releaseRequested' });
        await Promise.all([checks.present?.close(), ...[...watching].map((viewer) => viewer.disconnect())]);
        await allClosed();
        loop.close();
      })();
      return released;
    },
  } satisfies Omit<PlainClient<L, R>, keyof ReturnType<typeof seen>>);
}

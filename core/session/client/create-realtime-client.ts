import { filter, firstValueFrom, map, type SchedulerLike } from 'rxjs';
import type { ConnectivityOptions, createConnectivityChecks, Probe } from '../../connectivity/check.js';
import { DecartError } from '../../errors.js';
import type { LatencyTracker } from '../../latency/tracker.js';
import { madeOf, type Part, withPart } from '../../lazy.js';
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
import type { LocalStreamOptions, LocalStreamSize, PlainClient, RealtimeStreams } from './realtime-client.js';

export interface SessionDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
  readonly renewKey: ConnectDeps<L, R>['renewKey'];
  readonly onRenamed: ConnectDeps<L, R>['onRenamed'];
  readonly sampling: Sampling;
  readonly priceOf: PriceOf;
  readonly checks: Part<typeof createConnectivityChecks>;
  /** Another client over the same platform, with a loop and a clock of its own. */
  openProbe(): Probe<L, R>;
  readonly viewers: Part<ViewerClient<R>>;
  readonly quotas: Part<QuotaClient>;
}

/** The realtime client over a loop: one session at a time, as observables and calls. */
export function createRealtimeClient<L extends LocalStream, R extends RemoteStream>(
  deps: SessionDeps<L, R>,
): PlainClient<L, R> {
  const { loop, platform } = deps;
  const { stats$, quality$, latestQuality } = deps.sampling;
  const checks = madeOf(deps.checks, (create) => create(deps));
  const connectDeps: ConnectDeps<L, R> = { ...deps, quality$ };
  const streams: RealtimeStreams<L, R> = { ...observeSession(loop, platform.errors$), stats$, quality$ };

  /** Ids are read when asked for: a reconnect changes them. */
  const identity = {
    get sessionId() {
      return selectRoomInfo(loop.state())?.sessionId ?? null;
    },
    get subscribeToken() {
      return sessionStartedOf(selectRoomInfo(loop.state()))?.subscribeToken ?? null;
    },
    get [sessionSteps]() {
      return loop.steps$;
    },
  };

  const identified = <T extends object>(value: T): T & typeof identity =>
    Object.defineProperties(value, Object.getOwnPropertyDescriptors(identity)) as T & typeof identity;

  const connecting = (options: ConnectOptions<R>, localStream: unknown) => connectTo(connectDeps, options, localStream);

  /** Resolves when what is being closed now has closed. */
  async function allClosed(): Promise<void> {
    // A call made from inside a subscriber is carried out behind it: look once that is done.
    await Promise.resolve();
    const closing = new Set(loop.state().closing);
    const isClosed = (state: SessionState): boolean => !state.closing.some((resource) => closing.has(resource));
    await firstValueFrom(loop.state$.pipe(filter(isClosed)), { defaultValue: null });
  }

  let released: Promise<void> | null = null;
  const watching = new Set<ViewerSession<R>>();

  const checkNotReleased = (): void => {
    if (released !== null) throw new DecartError(clientReleased);
  };

  /** Calls what may have to be loaded first, unless the client is released meanwhile. */
  const callLater = <P, T>(part: Part<P>, signal: AbortSignal | undefined, call: (part: P) => Promise<T>): Promise<T> =>
    firstValueFrom(
      withPart(part, signal, (loaded) => {
        checkNotReleased();
        return call(loaded);
      }),
    );

  async function subscribe(options: SubscribeOptions): Promise<ViewerSession<R>> {
    const viewer = await callLater(deps.viewers, options.signal, (viewers) => viewers.subscribe(options));
    watching.add(viewer);
    viewer.connectionState$.subscribe({ complete: () => watching.delete(viewer) });
    if (released !== null) await viewer.disconnect();
    checkNotReleased();
    return viewer;
  }

  return identified({
    ...streams,
    ...createSessionCalls(loop, null),
    connect: (options: ConnectOptions<R>, localStream?: unknown) =>
      new Promise<R>((resolve, reject) => {
        // Stays subscribed after it has emitted: unsubscribing would end the session.
        connecting(options, localStream).subscribe({ next: ({ stream }) => resolve(stream), error: reject });
      }),
    session$: (options: ConnectOptions<R>, localStream?: unknown) =>
      connecting(options, localStream).pipe(
        map(({ connectId }) => identified({ ...streams, ...createSessionCalls(loop, connectId) })),
      ),
    createLocalVideoStream: async (size: LocalStreamSize, options: LocalStreamOptions = {}) =>
      firstValueFrom(platform.createLocalStream(localRequestOf(deps, size, options))),
    subscribe,
    isConnected: () => isLive(loop.state()),
    getConnectionQuality: latestQuality,
    checkConnectivity: (options?: ConnectivityOptions) =>
      callLater(checks.made, options?.signal, ({ check }) => check(options)),
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
  } satisfies Omit<PlainClient<L, R>, keyof typeof identity>);
}

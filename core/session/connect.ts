import { distinctUntilChanged, filter, map, Observable, type SchedulerLike, takeWhile } from 'rxjs';
import { DecartError } from '../errors.js';
import type { LatencyTracker } from '../latency/tracker.js';
import type { LocalStreamRequest, Platform } from '../ports.js';
import type { ConnectionQualityReport } from '../quality/smooth.js';
import type { LocalStream, RemoteStream } from '../streams.js';
import { type ConnectOptions, checkConnectOptions, invalidInput, modelOf } from './connect-options.js';
import type { LocalStreamOptions, LocalStreamSize } from './realtime-client.js';
import type { SessionLoop } from './run.js';
import { selectConnectId, selectStreamId } from './select.js';

export interface ConnectDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
  readonly quality$: Observable<ConnectionQualityReport | null>;
}

/** One connect, as it goes: its stream once it is connected, an error when it fails or is lost for good. */
export interface Connected<R> {
  readonly connectId: number;
  readonly stream: R;
}

/**
 * Subscribing connects, unsubscribing disconnects. Emits once; completes when the session is ended by `disconnect()`
 * or a newer connect after that, errors in every other case.
 */
export const connectTo = <L extends LocalStream, R extends RemoteStream>(
  deps: ConnectDeps<L, R>,
  options: ConnectOptions<R>,
  given: unknown,
): Observable<Connected<R>> =>
  new Observable((subscriber) => {
    const { loop, platform, latency, scheduler } = deps;
    let running: number | null = null;
    let wasConnected = false;
    try {
      const localStream = given === undefined || given === null ? null : platform.adoptLocalStream(given);
      const ownsCamera = localStream === null && (options.publishCamera ?? platform.hasCamera);
      const { plan, model, policy } = checkConnectOptions(
        options,
        localStream ? 'caller' : ownsCamera ? 'owned' : 'none',
      );
      const localOptions: LocalStreamOptions = { ...options, microphone: options.publishMicrophone ?? false };
      loop.connect(
        {
          localStream,
          localRequest: ownsCamera ? localRequestOf(deps, { model }, localOptions) : null,
          image: options.initialImage ?? null,
          onMarker: options.debugQuality ? (seq) => latency.recordInbound(seq, scheduler.now()) : null,
          shouldRetry: policy.shouldRetry ?? null,
          settle(failure) {
            const streamId = selectStreamId(loop.state());
            const stream = streamId === null ? null : loop.stream(streamId);
            if (failure !== null || stream === null || running === null) return;
            wasConnected = true;
            subscriber.next({ connectId: running, stream });
          },
          end(failure) {
            running = null;
            if (wasConnected && failure.code === 'ABORTED') subscriber.complete();
            else subscriber.error(new DecartError(failure));
          },
        },
        (connectId) => {
          running = connectId;
          return { type: 'caller.connectRequested', connectId, plan, seed: platform.seed() };
        },
      );
      tellCallbacks(deps, options, () => running);
    } catch (error) {
      return subscriber.error(error);
    }
    return () => {
      if (running !== null) loop.dispatch({ type: 'caller.connectAborted', connectId: running });
    };
  });

/** The callbacks among the options, for as long as their connect is in force. */
function tellCallbacks<L extends LocalStream, R extends RemoteStream>(
  { loop, quality$ }: ConnectDeps<L, R>,
  { onRemoteStream, onConnectionQuality }: ConnectOptions<R>,
  running: () => number | null,
): void {
  const inForce = <T>(source: Observable<T>): Observable<T> => source.pipe(takeWhile(() => running() !== null));
  if (onRemoteStream) {
    const ofThis = loop.state$.pipe(
      inForce,
      filter((state) => selectConnectId(state) === running()),
      map(selectStreamId),
      distinctUntilChanged(),
      map((id) => (id === null ? null : loop.stream(id))),
    );
    ofThis.subscribe((stream) => stream && onRemoteStream(stream));
  }
  if (onConnectionQuality) {
    quality$.pipe(inForce).subscribe((report) => report && onConnectionQuality(report));
  }
}

/** A local stream's request in full. @throws DecartError INVALID_INPUT or MODEL_NOT_FOUND */
export function localRequestOf<L extends LocalStream, R extends RemoteStream>(
  { latency, scheduler }: Pick<ConnectDeps<L, R>, 'latency' | 'scheduler'>,
  size: LocalStreamSize,
  options: LocalStreamOptions,
): LocalStreamRequest {
  const { width, height, fps } = 'model' in size ? modelOf(size.model) : size;
  for (const [field, value] of Object.entries({ width, height, fps })) {
    if (!(Number.isFinite(value) && value > 0)) throw invalidInput(field, 'expected a positive number');
  }
  const { facing = 'front', mirror = 'auto', debugQuality = false, microphone = false, source } = options;
  const nextMarker = debugQuality ? () => latency.stampNext(scheduler.now()) : null;
  return { width, height, fps, facing, mirror, microphone, source, nextMarker };
}

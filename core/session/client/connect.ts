import { distinctUntilChanged, filter, map, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { aborts } from '../../abort.js';
import { checkFields, checkObject, checkOneOf, checkTypes, checkVideoSize, invalidInput } from '../../check.js';
import { DecartError, type Failure } from '../../errors.js';
import type { LatencyTracker } from '../../latency/tracker.js';
import { isAvatarModel } from '../../models.js';
import type { LocalStreamRequest, Platform } from '../../ports/platform.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { PriceOf } from '../../prices.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import type { ReconnectPolicy } from '../machine/retry-policy.js';
import { selectConnectId } from '../machine/select.js';
import type { SessionState } from '../machine/state.js';
import type { SessionLoop } from '../runtime/loop.js';
import { invoke } from './callbacks.js';
import { connectFields } from './connect-fields.js';
import { latencyPlanOf } from './debug-quality.js';
import { type ConnectOptions, checkConnectOptions, modelOf } from './options.js';
import type { LocalStreamOptions, LocalStreamSize, Successor } from './realtime-client.js';

export interface ConnectDeps<L extends LocalStream, R extends RemoteStream> {
  readonly loop: SessionLoop<L, R>;
  readonly platform: Platform<L, R>;
  readonly scheduler: SchedulerLike;
  readonly latency: LatencyTracker;
  readonly priceOf: PriceOf;
  /** Has a key that the service has refused replaced; `false`: there is no better one. `null`: it cannot be. */
  readonly renewKey: (() => boolean) | null;
  /** Called with a deprecated model name that was given, and with the name that replaces it. */
  onRenamed(name: string, current: string): void;
  readonly quality$: Observable<ConnectionQualityReport | null>;
}

/** One connect, as it goes: its stream once it is connected, an error when it fails or is lost for good. */
export interface Connected<R> {
  readonly connectId: number;
  readonly stream: R;
}

/**
 * Subscribing connects, unsubscribing disconnects. Emits once; completes when the session is ended by `disconnect()`
 * or a newer connect after that, errors in every other case. `options.signal` counts until it has emitted.
 */
export const connectTo = <L extends LocalStream, R extends RemoteStream>(
  deps: ConnectDeps<L, R>,
  options: ConnectOptions<R>,
  given: unknown,
  successor?: Successor,
): Observable<Connected<R>> =>
  new Observable((subscriber) => {
    const { loop, platform, latency, scheduler, priceOf } = deps;
    let connectId: number | null = null;
    let isOver = false;
    let wasConnected = false;
    let aborting: Subscription | null = null;
    try {
      checkObject(options, 'options');
      aborting = aborts(options.signal).subscribe((error) => subscriber.error(error));
      subscriber.add(aborting);
      if (subscriber.closed) return;
      checkTypes(options, ['onRemoteStream', 'onConnectionQuality'], 'function');
      const localStream = given === undefined || given === null ? null : platform.adoptLocalStream(given);
      // After that, which says so when the arguments are swapped.
      checkFields(options, 'options', connectFields);
      const takesVideo = options.transport !== 'webrtc' || !isAvatarModel(modelOf(options.model).name);
      const ownsCamera = localStream === null && (options.publishCamera ?? (platform.hasCamera && takesVideo));
      const { policy, model, ...checked } = checkConnectOptions(
        options,
        localStream ? 'caller' : ownsCamera ? 'owned' : 'none',
        { priceOf, requiredCodec: platform.requiredCodec },
      );
      const asked = typeof options.model === 'string' ? options.model : options.model.name;
      if (asked !== model.name) deps.onRenamed(asked, model.name);
      const shouldRetry = retryRule(policy.shouldRetry, deps.renewKey);
      const plan = { ...checked.plan, asksCaller: shouldRetry !== null };
      if (plan.transport === 'webrtc' && !platform.directMedia)
        throw invalidInput('transport', "this platform has no directMedia, which 'webrtc' needs");
      if (plan.frameTiming && (plan.transport === 'webrtc' || platform.media.timesFrames !== true))
        throw invalidInput('debugQuality', "'metadata' needs LiveKit media in a browser, and createMetadataWorker");
      const localOptions: LocalStreamOptions = { ...options, microphone: options.publishMicrophone ?? false };
      const handles = {
        localStream,
        videoTrack: successor?.videoTrack ?? null,
        localRequest: ownsCamera ? localRequestOf(deps, { model }, localOptions) : null,
        image: options.initialImage ?? null,
        iceServers: checked.iceServers,
        onMarker: plan.pixelLatency ? (seq: number) => latency.recordInbound(seq, scheduler.now()) : null,
        onLatency: plan.frameTiming ? (ms: number) => latency.recordLatency(ms, scheduler.now()) : null,
        shouldRetry,
        resolve() {
          const stream = loop.remoteStream(loop.state());
          if (stream === null || connectId === null) return;
          wasConnected = true;
          aborting?.unsubscribe();
          subscriber.next({ connectId, stream });
        },
        end(failure: Failure) {
          isOver = true;
          if (wasConnected && failure.code === 'ABORTED') subscriber.complete();
          else subscriber.error(new DecartError(failure));
        },
      };
      const seed = platform.seed();
      successor?.onAccepted();
      loop.connect(handles, (id) => {
        // A call made from inside a subscriber waits for its turn, and may be taken back before that comes.
        if (isOver) return null;
        connectId = id;
        return { type: 'caller.connectRequested', connectId: id, plan, seed };
      });
      if (platform.online$) {
        const online$ = platform.online$.pipe(filter(() => selectConnectId(loop.state()) === connectId));
        subscriber.add(online$.subscribe((isOnline) => loop.dispatch({ type: 'network.changed', isOnline })));
      }
      if (plan.limits.hidden !== null && platform.visible$) {
        const visible$ = platform.visible$.pipe(filter(() => selectConnectId(loop.state()) === connectId));
        subscriber.add(visible$.subscribe((isVisible) => loop.dispatch({ type: 'page.visibilityChanged', isVisible })));
      }
      subscriber.add(invokeCallbacks(deps, options, (state) => !isOver && selectConnectId(state) === connectId));
    } catch (error) {
      return subscriber.error(error);
    }
    return () => {
      if (isOver) return;
      isOver = true;
      if (connectId !== null) loop.dispatch({ type: 'caller.connectAborted', connectId });
    };
  });

/** The caller's rule; before that, a key that was kept too long is replaced and tried again. `null`: the default rule. */
function retryRule(
  own: ReconnectPolicy['shouldRetry'],
  renewKey: (() => boolean) | null,
): ((error: DecartError) => boolean) | null {
  if (renewKey === null) return own ?? null;
  return (error) =>
    (error.code === 'INVALID_API_KEY' && error.permanent && renewKey()) || (own?.(error) ?? !error.permanent);
}

/** Calls the callbacks among the options, while their connect is in force. */
function invokeCallbacks<L extends LocalStream, R extends RemoteStream>(
  { loop, quality$ }: ConnectDeps<L, R>,
  { onRemoteStream, onConnectionQuality }: ConnectOptions<R>,
  isInForce: (state: SessionState) => boolean,
): Subscription {
  const callbacks = new Subscription();
  if (onRemoteStream) {
    const stream$ = loop.state$.pipe(filter(isInForce), map(loop.remoteStream), distinctUntilChanged());
    callbacks.add(
      stream$.subscribe((stream) => stream && invoke(loop, 'onRemoteStream', () => onRemoteStream(stream))),
    );
  }
  if (onConnectionQuality) {
    const report$ = quality$.pipe(filter(() => isInForce(loop.state())));
    callbacks.add(
      report$.subscribe((report) => report && invoke(loop, 'onConnectionQuality', () => onConnectionQuality(report))),
    );
  }
  return callbacks;
}

/** A local stream's request in full. @throws DecartError INVALID_INPUT or MODEL_NOT_FOUND */
export function localRequestOf<L extends LocalStream, R extends RemoteStream>(
  { latency, scheduler }: Pick<ConnectDeps<L, R>, 'latency' | 'scheduler'>,
  size: LocalStreamSize,
  options: LocalStreamOptions,
): LocalStreamRequest {
  checkObject(size, 'size', '{ model } or { width, height, fps }');
  checkObject(options, 'options');
  const { width, height, fps } = 'model' in size ? modelOf(size.model) : size;
  checkVideoSize({ width, height, fps });
  const { facing = 'front', mirror = 'auto', debugQuality = false, microphone = false, source } = options;
  checkOneOf(facing, ['front', 'back'], 'facing');
  checkOneOf(mirror, ['off', 'on', 'auto'], 'mirror');
  const nextMarker = latencyPlanOf(debugQuality).pixelLatency ? () => latency.stampNext(scheduler.now()) : null;
  return { width, height, fps, facing, mirror, microphone, source, nextMarker };
}

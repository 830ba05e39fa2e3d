import {
  checkDurationMs,
  checkModel,
  checkObject,
  checkOneOf,
  checkPath,
  checkText,
  checkTypes,
  checkVideoSize,
  type Some,
  withDefaults,
} from '../../check.js';
import { checkIceServers } from '../../ice-servers.js';
import {
  currentName,
  isAvatarModel,
  type RealtimeModel,
  type RealtimeModelInput,
  RealtimeModels,
} from '../../models.js';
import type { IceServer, VideoCodec } from '../../ports/media.js';
import type { ImageInput } from '../../ports/platform.js';
import type { RemoteStream } from '../../ports/streams.js';
import type { PriceOf } from '../../prices.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import { completeThresholds, defaultQualityThresholds, type QualityThresholds } from '../../quality/thresholds.js';
import { type ConnectPlan, defaultTimeouts } from '../machine/connect-plan.js';
import { limitPlanOf, type SessionLimits } from '../machine/limit-plan.js';
import { type ReconnectPolicy, reconnectPolicyOf } from '../machine/retry-policy.js';
import { type DebugQuality, latencyPlanOf } from './debug-quality.js';
import { configurationOf, type RealtimeConfiguration } from './realtime-configuration.js';

/** What a session is connected with. Only `model` is required. Checked before anything is opened. */
export interface ConnectOptions<R extends RemoteStream = RemoteStream> {
  /** One of {@link RealtimeModels}, its name, or a model of your own. */
  readonly model: RealtimeModelInput;
  /** Style from the first frame on. `enhance` default `true`. */
  readonly initialPrompt?: { readonly text: string; readonly enhance?: boolean | undefined } | undefined;
  /** The reference image from the first frame on: see {@link ImageInput}. @default none */
  readonly initialImage?: ImageInput | undefined;
  /** Size of what comes back, for models that can do it. @default the service's own, 720p */
  readonly resolution?: '720p' | '1080p' | undefined;
  /** Timeouts of the connection, codec and bitrate of the published video. */
  readonly realtimeConfiguration?: RealtimeConfiguration | undefined;
  /** Open a camera for this session, when no local stream is given. @default where the platform has cameras */
  readonly publishCamera?: boolean | undefined;
  /** Send the microphone, too, with a camera that the session opens itself. @default false */
  readonly publishMicrophone?: boolean | undefined;
  /** Which camera, when the session opens one itself. @default 'front' */
  readonly facing?: 'front' | 'back' | undefined;
  /** Flip frames left to right before they are sent; `auto`: when facing front. @default 'auto' */
  readonly mirror?: 'off' | 'on' | 'auto' | undefined;
  /** Measure true latency, see {@link DebugQuality}. Not for production sessions. @default false */
  readonly debugQuality?: DebugQuality | undefined;
  /** Show the remote stream only once the initial state is acknowledged. @default true */
  readonly holdUntilInitialState?: boolean | undefined;
  /** `lean`: the initial state follows the join as a frame of its own. `bundled`: it rides along. @default 'lean' */
  readonly handshake?: 'lean' | 'bundled' | undefined;
  /**
   * How media travel: over a LiveKit room, or over a peer connection of their own. `webrtc` is the older mode, which
   * the service may refuse. In Node it needs the package `@roamhq/wrtc`. @default 'livekit'
   */
  readonly transport?: 'livekit' | 'webrtc' | undefined;
  /** STUN and TURN servers for `transport: 'webrtc'`. @default a public STUN server */
  readonly iceServers?: readonly IceServer[] | undefined;
  /**
   * More parameters for the signaling URL. In Safari on a Mac `livekit_server_codec=vp8` is one of them, and VP8 is
   * published, unless you name another `livekit_server_codec` here.
   */
  readonly queryParams?: Readonly<Record<string, string>> | undefined;
  /** How often to try again, and when; what is left out keeps its default. @default {@link defaultReconnectPolicy} */
  readonly reconnect?: Some<ReconnectPolicy> | undefined;
  /** For the whole of the first connect; it starts again after a wait in the queue. Milliseconds. @default 60000 */
  readonly connectBudgetMs?: number | undefined;
  /**
   * What to do when the account is at its limit of concurrent sessions. `fail`: the connect fails with
   * SESSION_LIMIT_REACHED. `wait`: it asks for a slot again, every few seconds, until there is one or the caller has
   * enough (`signal`, `disconnect()`); `connectBudgetMs` does not run meanwhile, and `waitingForCapacity$` shows it.
   * @default 'fail'
   */
  readonly whenFull?: 'fail' | 'wait' | undefined;
  /**
   * Seconds after which the service ends the session: the token's `constraints.realtime.maxSessionDuration`. Only
   * `renewBeforeMs` needs it.
   */
  readonly maxSessionDuration?: number | undefined;
  /**
   * Renew the session so long before `maxSessionDuration`, milliseconds: the same again, with the latest prompt and
   * image, comes up behind it and takes its place with its first frame. `session$` emits the renewed session, too.
   * Allow for the time that a connect takes, some seconds. @default the session ends when the service ends it
   */
  readonly renewBeforeMs?: number | undefined;
  /**
   * When the session ends by itself, over all reconnects; `limitWarning$` says so before, `ended$` then. Default:
   * never.
   *
   * @example At most a dollar, and not for an empty chair:
   * ```ts
   * import type { ConnectOptions } from 'decart-rx';
   *
   * const limits: ConnectOptions['limits'] = { maxCost: 1, idleMs: 300_000, hiddenMs: 60_000 };
   * ```
   */
  readonly limits?: SessionLimits | undefined;
  /**
   * When no video frames have arrived for this long, the media connection is asked to resume; when that does not
   * bring frames back in the same time again, the session reconnects. Milliseconds, default 5,000; `false`: never, and
   * then nothing is measured unless `stats$` or `quality$` has a subscriber.
   */
  readonly recoverStalledAfterMs?: number | false | undefined;
  /**
   * What `quality$` judges by. What is left out has its default, that of {@link defaultQualityThresholds}; only the
   * bandwidth that is needed, `requiredUpstreamKbps`, follows `maxBitrate` of `realtimeConfiguration`.
   */
  readonly qualityThresholds?: Some<QualityThresholds> | undefined;
  /** Called with each remote stream, after a reconnect again. What it throws is a CALLBACK_ERROR on `errors$`. */
  readonly onRemoteStream?: ((stream: R) => void) | undefined;
  /** Called with each report of `quality$`. What it throws is a CALLBACK_ERROR on `errors$`. */
  readonly onConnectionQuality?: ((report: ConnectionQualityReport) => void) | undefined;
  /** Aborts the connect; has no effect once connected. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The model that was meant.
 * @throws DecartError MODEL_NOT_FOUND for an unknown name, INVALID_INPUT for a broken model of the caller's own
 */
export function modelOf(given: unknown): RealtimeModel {
  const asked = checkModel(given, 'realtime', RealtimeModels);
  // The service still takes an older name; who uses a constant or a name of ours gets the present one.
  const isOurs = typeof given === 'string' || given === RealtimeModels.LUCY_2_1_VTON_2;
  const model = (isOurs && RealtimeModels.fromName(currentName(asked.name) ?? '')) || asked;
  checkPath(model.urlPath, 'model.urlPath');
  checkVideoSize(model, 'model.');
  return model;
}

function promptOf(given: ConnectOptions['initialPrompt']): ConnectPlan['initialPrompt'] {
  if (given === undefined || given === null) return null;
  checkObject(given, 'initialPrompt', "{ text: 'rain' }");
  checkTypes(given, ['enhance'], 'boolean', 'initialPrompt.');
  return { text: checkText(given.text, 'initialPrompt.text'), enhance: given.enhance ?? true };
}

/** Checked and complete options, and the caller's own retry rule beside them. */
export interface CheckedConnect {
  readonly plan: ConnectPlan;
  readonly model: RealtimeModel;
  readonly policy: ReconnectPolicy;
  /** May hold credentials: no part of the plan, which is shown. */
  readonly iceServers: readonly IceServer[];
}

/** What a connect depends on besides its options. */
export interface ConnectSurroundings {
  readonly priceOf: PriceOf;
  /** The only codec that works with the service on this platform; `undefined`: any. */
  readonly requiredCodec: VideoCodec | undefined;
}

/** Names the codec that the service shall use. */
const CODEC_PARAM = 'livekit_server_codec';

/**
 * Checks everything that a caller may pass to `connect()`.
 * @throws DecartError MODEL_NOT_FOUND or INVALID_INPUT, naming the field
 */
export function checkConnectOptions(
  options: Omit<ConnectOptions, 'onRemoteStream'>,
  localStream: ConnectPlan['localStream'],
  { priceOf, requiredCodec }: ConnectSurroundings,
): CheckedConnect {
  const model = modelOf(options.model);
  checkTypes(options, ['publishCamera', 'publishMicrophone', 'holdUntilInitialState'], 'boolean');
  const policy = reconnectPolicyOf(options.reconnect);
  const { resolution, handshake = 'lean' } = options;
  const { recoverStalledAfterMs = defaultTimeouts.recoverStalledAfterMs, qualityThresholds } = options;
  if (resolution !== undefined) checkOneOf(resolution, ['720p', '1080p'], 'resolution');
  checkOneOf(options.facing ?? 'front', ['front', 'back'], 'facing');
  checkOneOf(options.mirror ?? 'auto', ['off', 'on', 'auto'], 'mirror');
  const transport = checkOneOf(options.transport ?? 'livekit', ['livekit', 'webrtc'], 'transport');
  const { publish: wanted, connectionTimeoutMs } = configurationOf(options.realtimeConfiguration);
  // A codec that the caller names explicitly is passed on as it is.
  checkObject(options.queryParams ?? {}, 'queryParams');
  const given = withDefaults<Readonly<Record<string, string>>>({}, options.queryParams ?? {});
  checkTypes(given, Object.keys(given), 'string', 'queryParams.');
  const codec = given[CODEC_PARAM] === undefined ? requiredCodec : undefined;
  const queryParams = { ...given, ...(codec && { [CODEC_PARAM]: codec }) };
  const publish = { ...wanted, ...(codec && { preferredCodec: codec }) };
  const pricePerSecond = priceOf(model.name);
  const plan: ConnectPlan = {
    model: { name: model.name, urlPath: model.urlPath },
    resolution: resolution ?? null,
    queryParams,
    ...latencyPlanOf(options.debugQuality),
    initialPrompt: promptOf(options.initialPrompt),
    initialImage: options.initialImage !== undefined && options.initialImage !== null,
    handshake: checkOneOf(handshake, ['lean', 'bundled'], 'handshake'),
    transport,
    playsAudio: transport === 'webrtc' && isAvatarModel(model.name) && localStream === 'none',
    holdUntilInitialState: options.holdUntilInitialState ?? true,
    localStream,
    publish,
    quality: completeThresholds(
      qualityThresholds,
      { ...defaultQualityThresholds, requiredUpstreamKbps: publish.maxBitrate / 1000 },
      'qualityThresholds',
    ),
    backoff: policy,
    whenFull: checkOneOf(options.whenFull ?? 'fail', ['fail', 'wait'], 'whenFull'),
    reconnectsAfterEnd: policy.afterEnd === true,
    limits: limitPlanOf(options.limits, pricePerSecond),
    pricePerSecond,
    asksCaller: policy.shouldRetry !== undefined,
    ...defaultTimeouts,
    connectionTimeoutMs,
    recoverStalledAfterMs:
      recoverStalledAfterMs === false ? null : checkDurationMs(recoverStalledAfterMs, 'recoverStalledAfterMs'),
    connectBudgetMs: checkDurationMs(options.connectBudgetMs ?? defaultTimeouts.connectBudgetMs, 'connectBudgetMs'),
  };
  const { shouldRetry: _function, afterEnd: _flag, ...backoff } = policy;
  return { plan: { ...plan, backoff }, model, policy, iceServers: checkIceServers(options.iceServers) };
}

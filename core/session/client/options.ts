import { DecartError, invalid } from '../../errors.js';
import { type RealtimeModel, RealtimeModels } from '../../models.js';
import type { PublishOptions } from '../../ports/media.js';
import type { ImageInput } from '../../ports/platform.js';
import type { RemoteStream } from '../../ports/streams.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import { type ConnectPlan, defaultPublishOptions, defaultTimeouts } from '../machine/connect-plan.js';
import { defaultReconnectPolicy, type ReconnectPolicy } from '../machine/retry-policy.js';

/** Tuning of the connection and of what is published. Everything has a default; see {@link PublishOptions}. */
export interface RealtimeConfiguration {
  readonly connection?: {
    /** For opening the socket, and for joining the room and publishing. Milliseconds, default 15,000. */
    readonly connectionTimeoutMs?: number;
  };
  readonly media?: { readonly video?: Partial<PublishOptions> };
}

export interface ConnectOptions<R extends RemoteStream = RemoteStream> {
  /** One of {@link RealtimeModels}, its name, or a model of your own. */
  readonly model: RealtimeModel | string;
  /** Style from the first frame on. `enhance` default `true`. */
  readonly initialPrompt?: { readonly text: string; readonly enhance?: boolean };
  readonly initialImage?: ImageInput;
  /** Default: the service's own, 720p. */
  readonly resolution?: '720p' | '1080p';
  readonly realtimeConfiguration?: RealtimeConfiguration;
  /** Open a camera for this session, when no local stream is given. Default: where the platform has cameras. */
  readonly publishCamera?: boolean;
  readonly publishMicrophone?: boolean;
  /** Default `front`. */
  readonly facing?: 'front' | 'back';
  /** Default `auto`: mirrored when facing front. */
  readonly mirror?: 'off' | 'on' | 'auto';
  /** Measure true latency with a marker in the picture. Not for production sessions. Default `false`. */
  readonly debugQuality?: boolean;
  /** Show the remote stream only once the initial state is acknowledged. Default `true`. */
  readonly holdUntilInitialState?: boolean;
  /** `lean`: the initial state follows the join as a frame of its own. `bundled`: it rides along. Default `lean`. */
  readonly handshake?: 'lean' | 'bundled';
  /** More parameters for the signaling URL. */
  readonly queryParams?: Readonly<Record<string, string>>;
  /** Default {@link defaultReconnectPolicy}; what is left out keeps its default. */
  readonly reconnect?: Partial<ReconnectPolicy>;
  /** For the whole of the first connect; counted anew after a wait in the queue. Milliseconds, default 60,000. */
  readonly connectBudgetMs?: number;
  /**
   * When the received video has stood still for this long, the media connection is asked to resume; when that does not
   * bring frames back in the same time again, the session reconnects. Milliseconds, default 15,000; `false`: never, and
   * then nothing is measured unless somebody is subscribed to `stats$` or `quality$`.
   */
  readonly recoverStalledAfterMs?: number | false;
  readonly onRemoteStream?: (stream: R) => void;
  readonly onConnectionQuality?: (report: ConnectionQualityReport) => void;
  /** Aborts the connect; has no effect once connected. */
  readonly signal?: AbortSignal;
}

export const invalidInput = (field: string, why: string): DecartError =>
  invalid(`Invalid ${field}: ${why}.`, { field });

/**
 * The model that was meant.
 * @throws DecartError MODEL_NOT_FOUND for an unknown name, INVALID_INPUT for a broken model of the caller's own
 */
export function modelOf(model: unknown): RealtimeModel {
  if (typeof model === 'string') {
    const found = RealtimeModels.fromName(model);
    if (found !== undefined) return found;
    const known = RealtimeModels.all.map(({ name }) => name).join(', ');
    throw new DecartError({
      code: 'MODEL_NOT_FOUND',
      message: `There is no realtime model "${model.slice(0, 64)}". Known: ${known}.`,
      data: { model: model.slice(0, 64) },
      permanent: true,
    });
  }
  if (typeof model !== 'object' || model === null) {
    throw new DecartError({ code: 'MODEL_NOT_FOUND', message: 'No model was given.', permanent: true });
  }
  const { name, urlPath, fps, width, height } = model as Partial<RealtimeModel>;
  if (typeof name !== 'string' || name === '') throw invalidInput('model.name', 'expected a name');
  if (typeof urlPath !== 'string' || !/^\/[^?#\s]*$/.test(urlPath))
    throw invalidInput('model.urlPath', 'expected a path such as /v1/stream');
  for (const [field, value] of Object.entries({ fps, width, height })) {
    if (!isPositive(value)) throw invalidInput(`model.${field}`, 'expected a positive number');
  }
  return model as RealtimeModel;
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

/** A prompt fit to be sent. @throws DecartError INVALID_INPUT */
export function checkPrompt(prompt: unknown, field = 'prompt'): string {
  if (typeof prompt !== 'string' || prompt.length === 0) throw invalidInput(field, 'expected at least one character');
  return prompt;
}

/** What timers can count to; a longer one would fire at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** A time fit for a timer. @throws DecartError INVALID_INPUT */
export function checkDurationMs(value: unknown, field: string): number {
  if (!isPositive(value) || value > MAX_DURATION_MS) {
    throw invalidInput(field, `expected a positive number of milliseconds, at most ${MAX_DURATION_MS}`);
  }
  return value;
}

function oneOf<T extends string>(value: T, allowed: readonly T[], field: string): T {
  if (!allowed.includes(value)) throw invalidInput(field, `expected ${allowed.join(' or ')}`);
  return value;
}

function policyOf(partial: Partial<ReconnectPolicy> = {}): ReconnectPolicy {
  const policy = { ...defaultReconnectPolicy, ...partial };
  const ranges = {
    retries: [0, 1000],
    initialDelayMs: [0, 3_600_000],
    factor: [1, 100],
    maxDelayMs: [0, 3_600_000],
    jitter: [0, 1],
  } as const;
  for (const [field, [low, high]] of Object.entries(ranges)) {
    const value = policy[field as keyof typeof ranges];
    if (!(typeof value === 'number' && value >= low && value <= high)) {
      throw invalidInput(`reconnect.${field}`, `expected a number from ${low} to ${high}`);
    }
  }
  return policy;
}

function publishOf(partial: Partial<PublishOptions> = {}): PublishOptions {
  const given = Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
  const publish: PublishOptions = { ...defaultPublishOptions, ...given };
  const codec = String(publish.preferredCodec).toLowerCase() as PublishOptions['preferredCodec'];
  oneOf(codec, ['vp8', 'h264', 'vp9', 'av1'], 'realtimeConfiguration.media.video.preferredCodec');
  oneOf(
    publish.degradationPreference,
    ['balanced', 'maintain-framerate', 'maintain-resolution'],
    'realtimeConfiguration.media.video.degradationPreference',
  );
  if (!isPositive(publish.maxBitrate))
    throw invalidInput('realtimeConfiguration.media.video.maxBitrate', 'expected bits per second');
  if (!isPositive(publish.maxFramerate))
    throw invalidInput('realtimeConfiguration.media.video.maxFramerate', 'expected frames per second');
  return { ...publish, preferredCodec: codec };
}

/** Checked and complete options, and the caller's own retry rule beside them. */
export interface CheckedConnect {
  readonly plan: ConnectPlan;
  readonly model: RealtimeModel;
  readonly policy: ReconnectPolicy;
}

/**
 * Checks everything that a caller may pass to `connect()`.
 * @throws DecartError MODEL_NOT_FOUND or INVALID_INPUT, naming the field
 */
export function checkConnectOptions(
  options: Omit<ConnectOptions, 'onRemoteStream'>,
  localStream: ConnectPlan['localStream'],
): CheckedConnect {
  const model = modelOf(options.model);
  const policy = policyOf(options.reconnect);
  const { initialPrompt, resolution, handshake = 'lean', queryParams = {}, realtimeConfiguration } = options;
  const { recoverStalledAfterMs = defaultTimeouts.recoverStalledAfterMs } = options;
  if (resolution !== undefined) oneOf(resolution, ['720p', '1080p'], 'resolution');
  oneOf(options.facing ?? 'front', ['front', 'back'], 'facing');
  oneOf(options.mirror ?? 'auto', ['off', 'on', 'auto'], 'mirror');
  const plan: ConnectPlan = {
    model: { name: model.name, urlPath: model.urlPath },
    resolution: resolution ?? null,
    queryParams,
    pixelLatency: options.debugQuality ?? false,
    initialPrompt: initialPrompt
      ? { text: checkPrompt(initialPrompt.text, 'initialPrompt.text'), enhance: initialPrompt.enhance ?? true }
      : null,
    initialImage: options.initialImage !== undefined && options.initialImage !== null,
    handshake: oneOf(handshake, ['lean', 'bundled'], 'handshake'),
    holdUntilInitialState: options.holdUntilInitialState ?? true,
    localStream,
    publish: publishOf(realtimeConfiguration?.media?.video),
    backoff: policy,
    asksCaller: policy.shouldRetry !== undefined,
    ...defaultTimeouts,
    connectionTimeoutMs: checkDurationMs(
      realtimeConfiguration?.connection?.connectionTimeoutMs ?? defaultTimeouts.connectionTimeoutMs,
      'realtimeConfiguration.connection.connectionTimeoutMs',
    ),
    recoverStalledAfterMs:
      recoverStalledAfterMs === false ? null : checkDurationMs(recoverStalledAfterMs, 'recoverStalledAfterMs'),
    connectBudgetMs: checkDurationMs(options.connectBudgetMs ?? defaultTimeouts.connectBudgetMs, 'connectBudgetMs'),
  };
  const { shouldRetry: _function, ...backoff } = policy;
  return { plan: { ...plan, backoff }, model, policy };
}

import { asyncScheduler, EMPTY, map, type Observable, ReplaySubject, type SchedulerLike, tap } from 'rxjs';
import { checkApiKey, checkNumber, checkOneOf, checkTypes, invalidInput } from './check.js';
import type { createConnectivityChecks, Probe } from './connectivity/check.js';
import { DecartError } from './errors.js';
import { trackersWithSharedStamps } from './latency/shared-stamps.js';
import { createLatencyTracker } from './latency/tracker.js';
import { type Lazy, lazyOnce } from './lazy.js';
import { type Logger, type LogLevel, logLevels, logSession, renamedWarnings } from './log.js';
import type { Platform } from './ports/platform.js';
import { asyncDispose, type LocalStream, type RemoteStream } from './ports/streams.js';
import { pricesOver } from './prices.js';
import { buildSignalingUrl, checkBaseUrl } from './protocol/url.js';
import { type ApiKeySource, apiKey$, forgetKey } from './rest/api-key.js';
import type { createRestClients } from './rest/clients.js';
import type { FilesClient } from './rest/files.js';
import type { ImagesClient } from './rest/images.js';
import { restLater } from './rest/lazy-rest.js';
import type { ModelsClient } from './rest/model-names.js';
import type { QueueClient } from './rest/queue.js';
import type { TokensClient } from './rest/tokens.js';
import { createSecrets } from './secrets.js';
import type { SessionCore } from './session/client/cores.js';
import { createRealtimeClient } from './session/client/create-realtime-client.js';
import type { RealtimeClient } from './session/client/realtime-client.js';
import { createSwitchingClient } from './session/client/switching-client.js';
import type { SocketOptions } from './session/machine/effects.js';
import { clientReleased } from './session/machine/endings.js';
import { nextRandom } from './session/machine/retry-policy.js';
import { measureSession } from './session/measure/measure.js';
import type { createSampling } from './session/measure/sampling.js';
import type { decodeEvent } from './session/runtime/decode-event.js';
import { runSession, type SessionLoop } from './session/runtime/loop.js';
import type { SocketAddress } from './session/runtime/sockets.js';
import { VERSION } from './version.js';
import type { ViewerDeps } from './viewer/viewer.js';

/** What a client is made from. Only `apiKey` is required. Checked by `createDecartClient()`, which opens nothing. */
export interface DecartClientConfig {
  /** A key, or a function that returns one. The function is called before every connect try, for keys that expire. */
  readonly apiKey: ApiKeySource;
  /**
   * Signaling. The service has two hosts for it: `wss://api.decart.ai`, which Decart's Android SDK uses, and
   * `wss://api3.decart.ai`, which its JavaScript and Python SDKs use. Plain `ws:` is for loopback only, unless
   * `allowInsecure`.
   * @default 'wss://api.decart.ai'
   */
  readonly baseUrl?: string | undefined;
  /** REST. @default 'https://api.decart.ai' */
  readonly httpBaseUrl?: string | undefined;
  /** Accept `ws:` and `http:` base URLs beyond loopback. The API key is then sent in the clear. @default false */
  readonly allowInsecure?: boolean | undefined;
  /** Where log lines go. @default none */
  readonly logger?: Logger | undefined;
  /** The least severe lines that are logged. @default 'warn' */
  readonly logLevel?: LogLevel | undefined;
  /** US dollars for a second, by the model's name, over {@link modelPrices}. For `usage$` and `limits.maxCost`. */
  readonly modelPrices?: Readonly<Record<string, number>> | undefined;
  /** The clock and the timers of everything. @default the platform's */
  readonly scheduler?: SchedulerLike | undefined;
  /** Longest text frame from the service that is parsed, in UTF-16 code units. @default 1 MiB */
  readonly maxFrameLength?: number | undefined;
}

/** `S`: what the platform takes as a source of local video. */
export interface DecartClient<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream, S = unknown>
  extends AsyncDisposable {
  /** Live sessions: video goes in, and comes back changed. */
  readonly realtime: RealtimeClient<L, R, S>;
  /** Jobs: videos in, videos out. */
  readonly queue: QueueClient;
  /** Short-lived keys for browsers. For servers. */
  readonly tokens: TokensClient;
  /** Files that the service keeps for a while. */
  readonly files: FilesClient;
  /** Images in, images out. */
  readonly images: ImagesClient;
  /** What names of models stand for. */
  readonly models: ModelsClient;
  /**
   * Ends everything of this client. Idempotent.
   *
   * @example
   * ```ts
   * import { createDecartClient } from 'decart-rx/node';
   *
   * const client = createDecartClient({ apiKey: process.env['DECART_API_KEY'] ?? '' });
   * try {
   *   await client.realtime.connect({ model: 'lucy-2.5' });
   * } finally {
   *   await client.release();
   * }
   * ```
   */
  release(): Promise<void>;
}

const DEFAULT_BASE_URL = 'wss://api.decart.ai';
const DEFAULT_HTTP_BASE_URL = 'https://api.decart.ai';

/** What a client can do without in its first moment: a page loads each when it is first needed. */
export interface ClientParts {
  readonly rest: Lazy<typeof createRestClients>;
  readonly checks: Lazy<typeof createConnectivityChecks>;
  readonly decodeEvent: Lazy<typeof decodeEvent>;
  readonly sampling: Lazy<typeof createSampling>;
}

/**
 * A client put together from a platform and its parts.
 *
 * @throws DecartError INVALID_API_KEY for a blank key, INVALID_BASE_URL, INVALID_INPUT for an option that there is not
 */
export function composeClient<L extends LocalStream, R extends RemoteStream>(
  config: DecartClientConfig,
  platform: Platform<L, R>,
  parts: ClientParts,
): DecartClient<L, R> {
  const {
    apiKey,
    scheduler = asyncScheduler,
    logger,
    logLevel = 'warn',
    allowInsecure = false,
    maxFrameLength,
    modelPrices,
    baseUrl: signalingUrl = DEFAULT_BASE_URL,
    httpBaseUrl: restUrl = DEFAULT_HTTP_BASE_URL,
    ...unknown
  } = config;
  if (typeof apiKey !== 'function') checkApiKey(apiKey);
  checkTypes(config, ['allowInsecure'], 'boolean');
  checkOneOf(logLevel, logLevels, 'logLevel');
  checkNumber(maxFrameLength ?? 1, 'maxFrameLength', 1, Number.POSITIVE_INFINITY);
  if (typeof scheduler?.schedule !== 'function') throw invalidInput('scheduler', 'expected a SchedulerLike');
  const [misspelled] = Object.keys(unknown);
  if (misspelled !== undefined) throw invalidInput(misspelled, 'no such option');
  let sessionKey = '';
  const renewKey = typeof apiKey === 'function' && apiKey.forget ? () => forgetKey(apiKey, sessionKey) : null;
  const onRenamed = renamedWarnings(logLevel === 'off' ? undefined : logger, logLevel);
  const releasedSubject = new ReplaySubject<DecartError>(1);
  const secrets = createSecrets();
  const priceOf = pricesOver(modelPrices);
  const baseUrl = checkBaseUrl(signalingUrl, ['wss', 'ws'], allowInsecure);
  const httpBaseUrl = checkBaseUrl(restUrl, ['https', 'http'], allowInsecure);
  const userAgent = `decart-rx/${VERSION} lang/js ${platform.runtime}`;

  const addressOf = ({ model, ...options }: SocketOptions): Observable<SocketAddress> =>
    apiKey$(apiKey, secrets).pipe(
      tap((key) => {
        sessionKey = key;
      }),
      map((key) => ({
        url: buildSignalingUrl({
          baseUrl,
          urlPath: model.urlPath,
          model: model.name,
          apiKey: key,
          userAgent,
          pixelLatency: options.pixelLatency,
          queryParams: options.queryParams,
          ...(options.resolution && { resolution: options.resolution }),
        }),
      })),
    );

  const { http, media } = platform;
  const random = chance(platform.seed());
  const restDeps: ViewerDeps<R> = {
    ...{ http, media, baseUrl: httpBaseUrl, apiKey, userAgent, scheduler, random, secrets },
    direct: { signaling: platform.signaling, media: platform.directMedia, baseUrl },
    released$: releasedSubject,
    onRenamed,
  };
  const rest = lazyOnce(parts.rest, (create) => create(restDeps));
  const viewers = () => rest.load().pipe(map((clients) => clients.viewers));
  const quotas = () => rest.load().pipe(map((clients) => clients.quotas));
  /** With a loop of its own: a connectivity check runs beside the session. */
  const openRealtime = (
    observe: (loop: SessionLoop<L, R>) => void,
    latency = createLatencyTracker(),
  ): Probe<L, R> & SessionCore<L, R> => {
    const loop = runSession<L, R>({
      platform,
      scheduler,
      secrets,
      maxFrameLength,
      addressOf,
      decodeEvent: parts.decodeEvent,
    });
    observe(loop);
    const sampling = measureSession({ loop, media, scheduler, latency, createSampling: parts.sampling });
    const openProbe = () => openRealtime(() => undefined);
    const { checks } = parts;
    const session = { loop, platform, scheduler, latency, sampling };
    const deps = { ...session, checks, viewers, quotas, priceOf, renewKey, onRenamed, openProbe };
    return { realtime: createRealtimeClient(deps), loop, latency };
  };
  const createTracker = trackersWithSharedStamps();
  const log = (loop: SessionLoop<L, R>): void => {
    if (logger && logLevel !== 'off') logSession(loop, logger, logLevel);
  };
  const betweenFrames = (stream: R): Observable<never> => platform.betweenFrames?.(stream) ?? EMPTY;
  const realtime = createSwitchingClient(() => openRealtime(log, createTracker()), scheduler, betweenFrames);

  platform.follow?.(realtime);
  let released: Promise<void> | null = null;
  const release = (): Promise<void> => {
    released ??= (async () => {
      const closed = realtime.release();
      // Sessions and viewers end by themselves; all other calls that are pending are aborted.
      releasedSubject.next(new DecartError(clientReleased));
      await closed;
      await platform.release?.();
    })();
    return released;
  };
  return { realtime, ...restLater(rest.load, releasedSubject), release, [asyncDispose]: release };
}

/** Numbers in 0..1 that follow from a seed. */
function chance(seed: number): () => number {
  let next = seed;
  return () => {
    const [value, following] = nextRandom(next);
    next = following;
    return value;
  };
}

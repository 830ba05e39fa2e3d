import type { Observable } from 'rxjs';
import type { ConnectivityReport } from '../../connectivity/classify.js';
import type { ConnectivityOptions } from '../../connectivity/options.js';
import type { RealtimeModelInput } from '../../models.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import type { CallOptions } from '../../rest/call.js';
import type { RealtimeQuota } from '../../rest/quota.js';
import type { SubscribeOptions, ViewerSession } from '../../viewer/viewer.js';
import type { DebugQuality } from './debug-quality.js';
import type { Steppable } from './inspect.js';
import type { ConnectOptions } from './options.js';
import type { SessionCalls } from './session-calls.js';
import type { RealtimeStreams, SessionView } from './session-streams.js';

/** One session, from its connect to its end. Calls on it after its end are refused. */
export interface RealtimeSession<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream>
  extends RealtimeStreams<L, R>,
    SessionCalls<L>,
    Steppable {
  /** The service's id, for support and logs; `null` while no session is live. A reconnect may bring another one. */
  readonly sessionId: string | null;
  /**
   * Lets others watch, see {@link RealtimeClient.subscribe}; `null` while no session is live. A reconnect may bring
   * another one.
   */
  readonly subscribeToken: string | null;
  /** What `JSON.stringify` shows: no token, no prompt. */
  toJSON(): Pick<SessionView, 'connectionState'> & { readonly sessionId: string | null };
}

/** The size and rate that a model takes, or one of your own: pixels, and frames per second. */
export type LocalStreamSize =
  | { readonly model: RealtimeModelInput }
  | { readonly width: number; readonly height: number; readonly fps: number };

/** `S`: what the platform takes as a source. */
export interface LocalStreamOptions<S = unknown> {
  /** Which camera. @default 'front' */
  readonly facing?: 'front' | 'back' | undefined;
  /** Flip frames left to right before they are sent; `auto`: when facing front. @default 'auto' */
  readonly mirror?: 'off' | 'on' | 'auto' | undefined;
  /** `true`, `marker`: stamp each frame with a latency marker. `metadata` needs none. @default false */
  readonly debugQuality?: DebugQuality | undefined;
  /** Capture audio, too. @default false */
  readonly microphone?: boolean | undefined;
  /** The platform's own kinds of source. @default its camera, or where there is none a test picture */
  readonly source?: S | undefined;
}

/** How one session takes another's place without a gap. */
export interface SwitchCalls<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  /**
   * As `connect()`, but the session that is live stays until the new one shows its first frame, and then is replaced
   * by it: another model, or the same again before the service ends it. Both run, and are billed, for that moment.
   * Without `localStream` it publishes what the present one publishes. Where the account has no slot for both, the
   * present one ends first. Rejects as `connect()` does, and then the present session goes on.
   *
   * @throws DecartError as {@link RealtimeClient.connect}
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export const paint = (client: DecartClient) =>
   *   client.realtime.switchTo({ model: 'lucy-restyle-2', initialPrompt: { text: 'Watercolor' } });
   * ```
   */
  switchTo(options: ConnectOptions<R>, localStream?: object | null): Promise<R>;
  /** The same, cold: subscribing switches, unsubscribing ends the new session. See also {@link seamlessSwitch}. */
  switchTo$(options: ConnectOptions<R>, localStream?: object | null): Observable<RealtimeSession<L, R>>;
}

/** What a session that takes another's place has, besides what is asked for. */
export interface Successor {
  /** Published instead of the local stream's own video, as in the session before; `null`: that video. */
  readonly videoTrack: unknown;
  /** What is asked for is valid, and the session is about to open. */
  onAccepted(): void;
}

/** A client whose sessions come one after the other. */
export type PlainClient<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> = Omit<
  RealtimeClient<L, R>,
  keyof SwitchCalls | 'session$'
> & {
  session$(
    options: ConnectOptions<R>,
    localStream?: object | null,
    successor?: Successor,
  ): Observable<RealtimeSession<L, R>>;
};

/**
 * Live sessions, one after the other. Its streams and calls are those of the session that is live: they go on over
 * reconnects and from session to session, and complete on `release()`.
 */
export interface RealtimeClient<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream, S = unknown>
  extends RealtimeSession<L, R>,
    SwitchCalls<L, R> {
  /**
   * Connects; a newer connect wins over an older one. Resolves with the first remote stream.
   *
   * `localStream` stays the caller's: it is never stopped, ended or changed.
   *
   * @throws DecartError MODEL_NOT_FOUND, INVALID_INPUT, INVALID_API_KEY, WEBRTC_WEBSOCKET_ERROR, WEBRTC_TIMEOUT_ERROR,
   * WEBRTC_ICE_ERROR, WEBRTC_SERVER_ERROR, SESSION_LIMIT_REACHED (see `whenFull`), INSUFFICIENT_CREDITS, ABORTED and,
   * in a page, LOAD_ERROR
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx/browser';
   *
   * export async function start(client: DecartClient, video: HTMLVideoElement): Promise<void> {
   *   const stream = await client.realtime.connect({ model: 'lucy-2.5', initialPrompt: { text: 'Watercolor' } });
   *   stream.attach(video);
   * }
   * ```
   */
  connect(options: ConnectOptions<R>, localStream?: object | null): Promise<R>;
  /**
   * The same, cold: subscribing connects, unsubscribing disconnects. Emits the session once it is connected, errors
   * when it cannot be, completes when it is ended by `disconnect()` or by a newer connect. Stay subscribed: what is
   * left
   * of `firstValueFrom(session$(…))` is a session that is over. To follow changing options, use `switchMap`.
   *
   * @example The latest model wins:
   * ```ts
   * import type { DecartClient } from 'decart-rx/browser';
   * import { type Observable, switchMap } from 'rxjs';
   *
   * export const sessions$ = (client: DecartClient, model$: Observable<string>) =>
   *   model$.pipe(switchMap((model) => client.realtime.session$({ model })));
   * ```
   */
  session$(options: ConnectOptions<R>, localStream?: object | null): Observable<RealtimeSession<L, R>>;
  /**
   * Local media of the platform: a camera in the browser, frames in Node. The caller disposes of it.
   *
   * @throws DecartError MODEL_NOT_FOUND, INVALID_INPUT (not a size or source) and, in a page, MEDIA_DEVICE_ERROR (no
   * camera or microphone is available; it says why), LOAD_ERROR
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx/browser';
   *
   * export async function withPreview(client: DecartClient, preview: HTMLVideoElement): Promise<void> {
   *   const model = 'lucy-2.5';
   *   const camera = await client.realtime.createLocalVideoStream({ model }, { facing: 'front' });
   *   camera.attach(preview);
   *   await client.realtime.connect({ model }, camera);
   * }
   * ```
   */
  createLocalVideoStream(size: LocalStreamSize, options?: LocalStreamOptions<S>): Promise<L>;
  /**
   * Watches someone else's session, receive-only. Resolves once connected; the stream comes on `remoteStream$`.
   *
   * @throws DecartError INVALID_INPUT (not a subscribe token), INVALID_API_KEY, WEBRTC_SERVER_ERROR,
   * WEBRTC_WEBSOCKET_ERROR (of a direct WebRTC session), WEBRTC_TIMEOUT_ERROR, ABORTED, in a page LOAD_ERROR, or the
   * media transport's own
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx/browser';
   *
   * export async function watch(client: DecartClient, token: string, video: HTMLVideoElement): Promise<void> {
   *   const viewer = await client.realtime.subscribe({ token });
   *   viewer.remoteStream$.subscribe((stream) => stream?.attach(video));
   * }
   * ```
   */
  subscribe(options: SubscribeOptions): Promise<ViewerSession<R>>;
  /** Whether a session is live. */
  isConnected(): boolean;
  /**
   * The last verdict of {@link RealtimeStreams.quality$}; `null` when there is none. With `recoverStalledAfterMs: false`
   * there is one only while that or `stats$` has a subscriber.
   */
  getConnectionQuality(): ConnectionQualityReport | null;
  /**
   * Checks, before a session, what it would be like: the network alone within 5 s, or with `deep` a short real session
   * of its own, which takes 12 s at most once it is connected (20 s). Never disturbs a running session, leaves nothing
   * open. What is wrong with the connection is the report's verdict, not an error.
   *
   * @throws DecartError INVALID_INPUT, MODEL_NOT_FOUND, ABORTED and, in a page, LOAD_ERROR
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export async function mayStart(client: DecartClient): Promise<boolean> {
   *   const { quality, reasons } = await client.realtime.checkConnectivity();
   *   if (quality !== 'good') console.warn(reasons.join(' '));
   *   return quality !== 'critical';
   * }
   * ```
   */
  checkConnectivity(options?: ConnectivityOptions): Promise<ConnectivityReport>;
  /**
   * How many sessions the account may run at a time, and how many it runs; each `null` where the service does not say.
   * A connect to a full account is refused with SESSION_LIMIT_REACHED, or waits; see {@link ConnectOptions.whenFull}.
   *
   * @throws DecartError INVALID_API_KEY, WEBRTC_SERVER_ERROR, ABORTED and, in a page, LOAD_ERROR
   */
  quota(options?: CallOptions): Promise<RealtimeQuota>;
  /**
   * Ends the session; resolves when everything it opened is closed. The client can connect again.
   *
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export async function restart(client: DecartClient, model: string): Promise<void> {
   *   await client.realtime.disconnect();
   *   await client.realtime.connect({ model });
   * }
   * ```
   */
  disconnect(): Promise<void>;
  /**
   * Ends the session for good: all streams complete, and later calls are refused. Resolves when everything is closed.
   * Idempotent; `release()` of the whole client does the same.
   */
  release(): Promise<void>;
}

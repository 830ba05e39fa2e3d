import type { Observable } from 'rxjs';
import type { GatheredCandidate } from '../connectivity/classify.js';
import type { DecartError, Failure } from '../errors.js';
import type { RtcStatsEntry } from '../stats/entry.js';
import type { HttpTransport } from './http.js';
import type { LocalStream, RemoteStream } from './streams.js';

/**
 * Opens signaling sockets.
 *
 * Obligations: `open` returns at once, opens nothing and does not throw; the socket opens when its `events$`
 * is subscribed to.
 */
export interface SignalingTransport {
  open(request: SocketRequest): SignalingSocket;
}

export interface SocketRequest {
  /** Holds the API key in its query: never log it, never put it into an event. */
  readonly url: string;
}

/**
 * One signaling socket.
 *
 * Obligations:
 * - `events$` is cold, for one subscriber, and never errors. Order: at most one `opened`, any number of `message`,
 *   then exactly one `closed`, then completion. A socket that could not be opened is just `closed`.
 * - `close` is idempotent, may be called in every state (before `opened` it cancels the opening) and leads to
 *   `closed` within 3 s; no `opened` or `message` follows it.
 * - `send` keeps order and does nothing unless the socket is open. It does not throw.
 * - Unsubscribing from `events$` closes the socket silently.
 * - Events may be emitted synchronously while subscribing, but never from inside `send` or `close`.
 */
export interface SignalingSocket {
  readonly events$: Observable<SocketEvent>;
  send(frame: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketEvent =
  | { readonly type: 'opened' }
  /** A text frame as a string, a binary frame as its bytes. */
  | { readonly type: 'message'; readonly data: string | Uint8Array }
  /** `httpStatus`: the answer to the upgrade, where the platform tells it (Node does, browsers do not). */
  | { readonly type: 'closed'; readonly code: number; readonly reason: string; readonly httpStatus?: number };

/**
 * Joins media rooms. Obligations: `join` returns at once, opens nothing and does not throw; the room is joined
 * when its `events$` is subscribed to.
 */
export interface MediaTransport<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  join(request: RoomRequest<L>): MediaRoom<R>;
  /** `false`: received pixels cannot be seen here, so that no latency marker is ever read. Default `true`. */
  readonly readsMarkers?: boolean;
  /**
   * Loads and warms up whatever a later `join` needs: called when signaling begins, and again with the room's address
   * as soon as that is known. Does not throw.
   */
  preload?(room?: { readonly url: string; readonly token: string }): void;
}

export interface RoomRequest<L extends LocalStream = LocalStream> {
  readonly url: string;
  /** A secret: never log it, never put it into an event. */
  readonly token: string;
  /** Published as soon as the room is joined. Stays its owner's: never stopped, ended or changed. */
  readonly localStream: L | null;
  /** Published instead of the local stream's own video track, when the caller replaced it; else `null`. */
  readonly videoTrack: unknown;
  readonly publish: PublishOptions;
  /** Told the number of each latency marker read off a received frame, as it is decoded; `null`: nothing is read. */
  readonly onMarker: ((seq: number) => void) | null;
}

/** How local video is encoded and sent. Defaults: `vp8`, 2,000,000 bit/s, 30 fps, simulcast, `balanced`. */
export interface PublishOptions {
  readonly preferredCodec: VideoCodec;
  /** Codec for receivers that cannot decode the preferred one; `null` for none. */
  readonly backupCodec: VideoCodec | null;
  /** Bits per second. */
  readonly maxBitrate: number;
  /** Frames per second. */
  readonly maxFramerate: number;
  readonly simulcast: boolean;
  readonly degradationPreference: 'balanced' | 'maintain-framerate' | 'maintain-resolution';
}

export type VideoCodec = 'vp8' | 'h264' | 'vp9' | 'av1';

/**
 * One stay in a media room.
 *
 * Obligations:
 * - `events$` is cold, for one subscriber, and never errors. Order: `joined`, `published` (also when there was
 *   nothing to publish), then any of the others; at most one `lost`; exactly one `closed`, last, then completion.
 *   A room that could not be joined is `lost`, then `closed`.
 * - Only tracks of participants named `inference-server-*` make the remote stream, those already there when the
 *   room is joined too. `streamChanged` carries a stream of live tracks only: a fresh one whenever they change,
 *   `null` when none is left.
 * - `close` is idempotent, may be called in every state, and leads to `closed` within 3 s; nothing but `closed`
 *   follows it. By `closed` everything that `join` opened is freed: connection, readers, timers, listeners.
 * - After `lost` the room closes itself.
 * - Events may be emitted synchronously while subscribing, but never from inside `close`.
 */
export interface MediaRoom<R extends RemoteStream = RemoteStream> {
  readonly events$: Observable<RoomEvent<R>>;
  close(): void;
  /** Publishes another video track in place of the present one. Completes when frames of it go out; errors with a `DecartError`. */
  replaceVideoTrack(track: unknown): Observable<never>;
  /** Emits one report and completes. Errors while the room is not joined. */
  readStats(): Observable<RoomStats>;
  /** Asks the media connection to re-establish itself in place (an ICE restart, a resume). Does nothing if it cannot. */
  resume(): void;
}

/** Raw statistics, entries with W3C names, by transport. With a single peer connection all are the publisher's. */
export interface RoomStats {
  readonly publisher: readonly RtcStatsEntry[];
  readonly subscriber: readonly RtcStatsEntry[];
}

export type RoomEvent<R extends RemoteStream = RemoteStream> =
  | { readonly type: 'joined' }
  | { readonly type: 'published' }
  | { readonly type: 'streamChanged'; readonly stream: R | null }
  /** The first decoded frame of the present remote stream. */
  | { readonly type: 'firstFrame' }
  /** The media connection re-establishes itself in place; the session goes on. */
  | { readonly type: 'reconnecting' }
  | { readonly type: 'reconnected' }
  | { readonly type: 'transportState'; readonly kind: TransportStateKind; readonly value: string }
  | { readonly type: 'lost'; readonly failure: Failure }
  | { readonly type: 'closed' };

export type TransportStateKind = 'iceConnectionState' | 'connectionState' | 'signalingState' | 'localTrack';

/** What a caller may pass as a reference image. Strings: `data:` URL, `http(s)` URL, `file_…` id, or base64. */
export type ImageInput = string | Uint8Array | ArrayBuffer | BlobLike;

/** The part of `Blob` and `File` that is used. */
export interface BlobLike {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Everything a client takes from the platform it runs on. `decart-rx/node` and `decart-rx/browser` each fill one in. */
export interface Platform<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  /** Ends the user agent, e.g. `node/20.11.0`. */
  readonly runtime: string;
  readonly signaling: SignalingTransport;
  readonly media: MediaTransport<L, R>;
  readonly http: HttpTransport;
  /** Whether a connect without a local stream opens a camera of its own, unless told otherwise. */
  readonly hasCamera: boolean;
  /** Opens local media that the session will own: it is disposed of when the session ends. */
  createLocalStream(request: LocalStreamRequest): Observable<L>;
  /** Turns what a caller passed as local stream into one (a browser's `MediaStream`, say). Throws `DecartError` INVALID_INPUT. */
  adoptLocalStream(stream: unknown): L;
  /** The bytes behind an http(s) URL. Unsubscribing aborts. */
  fetchBytes(url: string): Observable<Uint8Array>;
  /** Looks for ways out of this network, for `checkConnectivity`. Absent: nothing can be checked here. */
  readonly network?: NetworkProbe;
  /** A seed for the jitter of reconnect delays; any number. */
  seed(): number;
  /** Event-like: what goes wrong outside of the ports, a refusal to play say. Told on `errors$`. Completes on release. */
  readonly errors$?: Observable<DecartError>;
  /** Called once by `client.release()`, after everything of the client is closed. */
  release?(): Promise<void>;
}

/**
 * Looks for ways out of this network, by gathering candidates against STUN servers, without a session.
 *
 * Obligations: `gather` is cold; it emits each candidate as it is found, completes when no more will come, and
 * unsubscribing frees everything. What cannot be reached has no candidate: it errors only when its own code cannot be
 * loaded.
 */
export interface NetworkProbe {
  /** What this platform has no means to check, in words; each goes into the report. */
  readonly unchecked: readonly string[];
  /** `stunUrls`: `stun:host[:port]`, checked. */
  gather(stunUrls: readonly string[]): Observable<GatheredCandidate>;
}

export interface LocalStreamRequest {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly facing: 'front' | 'back';
  readonly mirror: 'off' | 'on' | 'auto';
  /** Gives the number for the next frame's latency marker, stamped after mirroring; `null`: frames are not stamped. */
  readonly nextMarker: (() => number) | null;
  readonly microphone: boolean;
  /** The platform's own kinds of source. Every platform knows `test-pattern`: a moving picture made without a device. */
  readonly source?: unknown;
}

import type { Observable } from 'rxjs';
import type { Failure } from '../errors.js';
import type { RtcStatsEntry } from '../stats/entry.js';
import type { LocalStream, RemoteStream } from './streams.js';

/**
 * Joins media rooms. Obligations: `join` returns at once, opens nothing and does not throw; the room is joined
 * when its `events$` is subscribed to.
 */
export interface MediaTransport<
  L extends LocalStream = LocalStream,
  R extends RemoteStream = RemoteStream,
  Q extends MediaRequest<L> = RoomRequest<L>,
> {
  /** A room, not joined yet: subscribe to its `events$`. */
  join(request: Q): MediaRoom<R>;
  /** `false`: received pixels cannot be seen here, so that no latency marker is ever read. @default true */
  readonly readsMarkers?: boolean;
  /** `true`: frames can be timed here, see `onLatency`. @default false */
  readonly timesFrames?: boolean;
  /**
   * Loads and prepares what a later `join` needs. Called when signaling begins, and again with the room's address as
   * soon as that is known. Does not throw.
   */
  preload?(room?: { readonly url: string; readonly token: string }): void;
}

/** What every stay is asked for with. */
export interface MediaRequest<L extends LocalStream = LocalStream> {
  /** Published as soon as the room is joined. Stays its owner's: never stopped, ended or changed. */
  readonly localStream: L | null;
  /** Published instead of the local stream's own video track, when the caller replaced it; else `null`. */
  readonly videoTrack: unknown;
  /** How the video is encoded and sent. */
  readonly publish: PublishOptions;
  /**
   * Called with the number of each latency marker read from a received frame, as it is decoded; `null`: nothing is
   * read.
   */
  readonly onMarker: ((seq: number) => void) | null;
  /**
   * A function: published frames carry the time when they were sent, and it is called for each received frame that is
   * shown, with how long ago that was sent, in milliseconds. Only where the transport `timesFrames`. Default `null`.
   */
  readonly onLatency?: ((latencyMs: number) => void) | null;
}

/** A stay in a LiveKit room. */
export interface RoomRequest<L extends LocalStream = LocalStream> extends MediaRequest<L> {
  /** The LiveKit server, `wss://…`. */
  readonly url: string;
  /** A secret: never log it, never put it into an event. */
  readonly token: string;
}

/** A stay in a peer connection of its own: its signals go over the session's socket. */
export interface DirectRequest<L extends LocalStream = LocalStream> extends MediaRequest<L> {
  /** STUN and TURN servers. May hold credentials: never log them. */
  readonly iceServers: readonly IceServer[];
  /** `true`: an audio track of the stay's own is sent, silent unless `playAudio` plays into it; no local video. */
  readonly playsAudio: boolean;
}

/** A STUN or TURN server. */
export interface IceServer {
  /** `stun:host[:port]`, `turn:…`, `stuns:…`, `turns:…`. */
  readonly urls: string | readonly string[];
  /** For TURN. */
  readonly username?: string | undefined;
  /** For TURN. A secret: never shown, in no diagnostic and no recording. */
  readonly credential?: string | undefined;
}

/**
 * What two peer connections signal to each other. `candidate`: as `RTCIceCandidateInit`; `null` ends the candidates.
 */
export type PeerSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: Readonly<Record<string, unknown>> | null };

/** Sound to play into a session: a file's bytes. */
export type AudioInput = Uint8Array | ArrayBuffer | { arrayBuffer(): Promise<ArrayBuffer> };

/** How local video is encoded and sent. Defaults: `vp8`, 2,000,000 bit/s, 30 fps, simulcast, `balanced`. */
export interface PublishOptions {
  /** The codec that is offered first. @default 'vp8' */
  readonly preferredCodec: VideoCodec;
  /** Codec for receivers that cannot decode the preferred one; `null` for none. */
  readonly backupCodec: VideoCodec | null;
  /** Bits per second. */
  readonly maxBitrate: number;
  /** Frames per second. */
  readonly maxFramerate: number;
  /** Send smaller layers, too. @default true */
  readonly simulcast: boolean;
  /**
   * What the encoder gives up last when bandwidth or CPU is short. Over direct WebRTC `balanced` leaves it to the
   * browser, and in Node it has no effect.
   *
   * @default 'balanced'
   */
  readonly degradationPreference: 'balanced' | 'maintain-framerate' | 'maintain-resolution';
}

/** Codecs that video can be published with. */
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
 *   `null` when none is left. A stream whose tracks are all still there when another comes lives on for who holds it.
 * - `close` is idempotent, may be called in every state, and leads to `closed` within 3 s; nothing but `closed`
 *   follows it. By `closed` everything that `join` opened is freed: connection, readers, timers, listeners.
 * - After `lost` the room closes itself.
 * - `signal` events, of direct WebRTC only, come before `joined`, too. What `receive` is given before it can be used
 *   (a candidate before the answer) is kept; what makes no sense is ignored, and a description that cannot be used
 *   loses the room. The room makes the first offer; it answers an offer of the service.
 * - Events may be emitted synchronously while subscribing, but never from inside `close`.
 */
export interface MediaRoom<R extends RemoteStream = RemoteStream> {
  /** The life of the stay. Subscribing joins; for one subscriber. */
  readonly events$: Observable<RoomEvent<R>>;
  /** Leaves the room. Idempotent. */
  close(): void;
  /** Publishes another video track in place of the present one. Completes when frames of it go out; errors with a `DecartError`. */
  replaceVideoTrack(track: unknown): Observable<never>;
  /** Emits one report and completes. Errors while the room is not joined. */
  readStats(): Observable<RoomStats>;
  /** Asks the media connection to re-establish itself in place (an ICE restart, a resume). Does nothing if it cannot. */
  resume(): void;
  /** Direct WebRTC: takes a signal of the service. Does not throw. */
  receive?(signal: PeerSignal): void;
  /**
   * Where the request says `playsAudio`: plays sound into the session. Completes at its end, or when other sound takes
   * its place; unsubscribing stops it. Errors with a `DecartError`: INVALID_INPUT when it is no sound known here.
   */
  playAudio?(audio: AudioInput): Observable<never>;
}

/** Raw statistics, entries with W3C names, by transport. With a single peer connection all are the publisher's. */
export interface RoomStats {
  /** Entries of the transport that sends. */
  readonly publisher: readonly RtcStatsEntry[];
  /** Entries of the transport that receives; empty with a single peer connection. */
  readonly subscriber: readonly RtcStatsEntry[];
}

/** What happens in a stay. `lost` says why it ended; `closed` is the last. */
export type RoomEvent<R extends RemoteStream = RemoteStream> =
  | { readonly type: 'joined' }
  | { readonly type: 'published' }
  /** To be sent to the service. */
  | { readonly type: 'signal'; readonly signal: PeerSignal }
  | { readonly type: 'streamChanged'; readonly stream: R | null }
  /** The first decoded frame of the present remote stream. */
  | { readonly type: 'firstFrame' }
  /** The media connection re-establishes itself in place; the session goes on. */
  | { readonly type: 'reconnecting' }
  | { readonly type: 'reconnected' }
  | { readonly type: 'transportState'; readonly kind: TransportStateKind; readonly value: string }
  | { readonly type: 'lost'; readonly failure: Failure }
  | { readonly type: 'closed' };

/**
 * Which state a `transportState` reports: one of W3C's peer connection, `localTrack` for the published video track, or
 * what the browser does in another way than asked for. `codecFallback`: the codec that is sent, because the preferred
 * one is not available. `frameFallback`: where local frames are mirrored or stamped, `page` or `canvas`, because a
 * worker cannot.
 */
export type TransportStateKind =
  | 'iceConnectionState'
  | 'connectionState'
  | 'signalingState'
  | 'localTrack'
  | 'codecFallback'
  | 'frameFallback';

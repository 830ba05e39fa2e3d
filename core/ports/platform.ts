import type { Observable } from 'rxjs';
import type { DecartError } from '../errors.js';
import type { HttpTransport } from './http.js';
import type { DirectRequest, MediaTransport, VideoCodec } from './media.js';
import type { NetworkProbe } from './network.js';
import type { SignalingTransport } from './signaling.js';
import type { LocalStream, RemoteStream } from './streams.js';

/**
 * What a caller may pass as a reference image: a `Blob`, bytes in any form, a `URL` object, or text: a `data:` URL, an
 * `http(s)` URL, the id of an uploaded file (`file_…`), or base64.
 */
export type ImageInput = string | ArrayBufferView | ArrayBuffer | BlobLike | { readonly href: string };

/** The part of `Blob` and `File` that is used. */
export interface BlobLike {
  /** Bytes. */
  readonly size: number;
  /** The whole content. Called at most once for each use. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Everything a client takes from the platform it runs on. `decart-rx/node` and `decart-rx/browser` each fill one in. */
export interface Platform<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  /** Ends the user agent, e.g. `node/20.11.0`. */
  readonly runtime: string;
  /** For sessions. */
  readonly signaling: SignalingTransport;
  /** For sessions over a LiveKit room, and for their viewers. */
  readonly media: MediaTransport<L, R>;
  /** Media over a peer connection of its own, for `transport: 'webrtc'`. Absent: there is none here. */
  readonly directMedia?: MediaTransport<L, R, DirectRequest<L>>;
  /** For REST calls. */
  readonly http: HttpTransport;
  /** Whether a connect without a local stream opens a camera of its own by default. */
  readonly hasCamera: boolean;
  /** Opens local media that the session will own: it is disposed of when the session ends. */
  createLocalStream(request: LocalStreamRequest): Observable<L>;
  /** Turns what a caller passed as local stream into one (a browser's `MediaStream`, say). Throws `DecartError` INVALID_INPUT. */
  adoptLocalStream(stream: unknown): L;
  /** The bytes behind an http(s) URL. Unsubscribing aborts. */
  fetchBytes(url: string): Observable<Uint8Array>;
  /** Looks for ways out of this network, for `checkConnectivity`. Absent: nothing can be checked here. */
  readonly network?: NetworkProbe;
  /** The only codec that works with the service here, if there is only one. Absent: any. */
  readonly requiredCodec?: VideoCodec | undefined;
  /** State-like: whether the user can see what is shown, for `limits.hiddenMs`. Never errors. Absent: always. */
  readonly visible$?: Observable<boolean>;
  /** State-like: whether there is a network at all, as far as the platform knows. Absent: there always is. */
  readonly online$?: Observable<boolean>;
  /** A seed for the jitter of reconnect delays; any number. */
  seed(): number;
  /**
   * Event-like: what goes wrong outside of the ports, a refusal to play, for example. Emitted on `errors$`. Completes
   * on release.
   */
  readonly errors$?: Observable<DecartError>;
  /**
   * Called with the client and with each viewer, so that an element that shows one remote stream can show the next. It
   * follows until `connectionState$` completes.
   */
  follow?(followed: Followed<R>): void;
  /**
   * Completes at the next good moment to show another stream in place of this one: where it is played, right after a
   * frame. Takes some frames at most. Absent: any moment is good.
   */
  betweenFrames?(stream: R): Observable<never>;
  /** Called once by `client.release()`, after everything of the client is closed. */
  release?(): Promise<void>;
}

/** What is needed of a session, or of a viewer of one, to go along with its reconnects. Both replay. */
export interface Followed<R extends RemoteStream = RemoteStream> {
  readonly remoteStream$: Observable<R | null>;
  readonly connectionState$: Observable<string>;
}

/** Local media that a platform is asked to open. */
export interface LocalStreamRequest {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  /** `front`: towards the user. Platforms without cameras ignore it. */
  readonly facing: 'front' | 'back';
  /** `auto`: mirrored when the camera faces front. */
  readonly mirror: 'off' | 'on' | 'auto';
  /** Gives the number for the next frame's latency marker, stamped after mirroring; `null`: frames are not stamped. */
  readonly nextMarker: (() => number) | null;
  /** Capture audio, too. */
  readonly microphone: boolean;
  /** The platform's own kinds of source. Every platform knows `test-pattern`: a moving picture made without a device. */
  readonly source?: unknown;
}

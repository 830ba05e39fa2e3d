import type { DecartError, Failure } from '../../errors.js';
import type { IceServer } from '../../ports/media.js';
import type { ImageInput, LocalStreamRequest } from '../../ports/platform.js';
import type { LocalStream } from '../../ports/streams.js';

/** What belongs to a connect and is no plain data: streams, images, callbacks. */
export interface ConnectContext<L extends LocalStream> {
  readonly localStream: L | null;
  /** Published from the start instead of the local stream's own video; else `null`. */
  readonly videoTrack: unknown;
  readonly localRequest: LocalStreamRequest | null;
  readonly image: ImageInput | null;
  /** For direct WebRTC. May hold credentials. */
  readonly iceServers: readonly IceServer[];
  readonly onMarker: ((seq: number) => void) | null;
  readonly onLatency: ((latencyMs: number) => void) | null;
  readonly shouldRetry: ((error: DecartError) => boolean) | null;
  /** The session is up, and its stream can be shown. */
  resolve(): void;
  /** Refused, given up, or over. */
  end(failure: Failure): void;
}

/** A connect in force: its handles, and what has come of them. */
export interface OpenConnection<L extends LocalStream> {
  readonly handles: ConnectContext<L>;
  localStream: L | null;
  /** What the caller has put in place of the local stream's own video; else `null`. */
  videoTrack: unknown;
}

export interface RequestHandles {
  readonly image: ImageInput | null;
  settle(failure: Failure | null): void;
}

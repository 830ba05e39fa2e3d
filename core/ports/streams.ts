// preserve="true": else a page without this library finds errors in the declarations.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs';
import type { DecartError } from '../errors.js';

/** Symbol.asyncDispose where the runtime has it, else the name that polyfills agree on. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** Media that goes into a session. Each platform adds its own members; core only carries it. */
export interface LocalStream extends AsyncDisposable {
  /** The same for every local stream: a session has one. */
  readonly id: 'stream-local';
  /** The platform's track object; `null` when there is no video. */
  readonly videoTrack: unknown;
  /** The platform's track object; `null` when there is no audio. */
  readonly audioTrack: unknown;
  /** Whether its frames carry latency markers, which `debugQuality` asks for; `too-small`: they do not fit. Absent: no. */
  readonly markers?: 'stamped' | 'too-small';
  /**
   * Event-like: errors while it is in use, an unplugged camera for example. Emitted on the session's `errors$`. Absent:
   * it has none.
   */
  readonly errors$?: Observable<DecartError>;
  /** State-like: the stream as it is now, a new object whenever its tracks have changed. Absent: they never do. */
  readonly changes$?: Observable<LocalStream>;
  /** Stops what this stream opened itself (a camera, a source). Idempotent. */
  dispose(): Promise<void>;
}

/**
 * What a call takes as a video track: the platform's kind; any object where the platform is not known. No conditional
 * type: with one, TypeScript before 6 takes no platform's session for a session of any platform.
 */
export type VideoTrackInput<L extends LocalStream = LocalStream> = NonNullable<L['videoTrack']> & object;

/**
 * Media that comes back from the service. There is a new one after each (re)connect; the tracks of the old one have
 * ended.
 */
export interface RemoteStream extends AsyncDisposable {
  /** The same for every remote stream: compare the objects to distinguish them. */
  readonly id: 'stream-remote';
  /** The platform's track object; `null` when there is no video yet. */
  readonly videoTrack: unknown;
  /** The platform's track object; `null` when there is no audio. */
  readonly audioTrack: unknown;
  /** Stops delivering frames to this holder. Leaving the session disposes of it anyway. Idempotent. */
  dispose(): Promise<void>;
}

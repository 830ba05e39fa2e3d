import type { Observable } from 'rxjs';
import { DecartError } from '../../../core/errors.js';
import type { LocalStream } from '../../../core/ports/streams.js';
import type { I420Frame } from './i420-frame.js';

/** Video that a room can publish: frames of one size, at the pace at which they are to go out. */
export interface NodeVideoTrack {
  /** A room publishes video only from Node. */
  readonly kind: 'video';
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  /**
   * The frames to send, shared by all who subscribe, and counted as sent. Unsubscribing pauses, subscribing again
   * goes on. Completes when the source ends or the stream is disposed of; errors with a `DecartError`.
   * A frame's bytes are on loan for the time of the emission: they are overwritten by the next one.
   */
  readonly outgoing$: Observable<I420Frame>;
}

/** Video that goes into a session from Node. */
export interface NodeLocalStream extends LocalStream {
  /** What a room publishes. */
  readonly videoTrack: NodeVideoTrack;
  /** Node sends no audio. */
  readonly audioTrack: null;
  /**
   * What goes out, after mirroring and stamping, in copies of their own. Event-like: does not replay. Subscribing
   * keeps the source running. Completes and errors as the track does.
   */
  readonly frames$: Observable<I420Frame>;
  /** Frames handed over for sending so far. */
  readonly framesSent: number;
}

/** Throws INVALID_INPUT unless `value` is a video track made for Node. */
export function requireNodeVideoTrack(value: unknown): asserts value is NodeVideoTrack {
  if (isNodeVideoTrack(value)) return;
  throw new DecartError({
    code: 'INVALID_INPUT',
    message: 'A video track in Node is the videoTrack of a stream made by createLocalVideoStream().',
  });
}

/** Throws INVALID_INPUT unless `value` is a local stream made for Node. */
export function requireNodeLocalStream(value: unknown): asserts value is NodeLocalStream {
  const stream = value as Partial<NodeLocalStream> | null | undefined;
  if (stream?.id === 'stream-local' && isNodeVideoTrack(stream.videoTrack)) return;
  throw new DecartError({
    code: 'INVALID_INPUT',
    message: 'A local stream in Node, the second argument, is one made by createLocalVideoStream().',
  });
}

function isNodeVideoTrack(value: unknown): value is NodeVideoTrack {
  const track = value as Partial<NodeVideoTrack> | null | undefined;
  return track?.kind === 'video' && typeof track.outgoing$?.subscribe === 'function';
}

import type { Observable } from 'rxjs';
import { invalid } from '../../../core/errors.js';
import type { LocalStream } from '../../../core/ports/streams.js';

/** Video, and audio, that go into a session from a browser. */
export interface PublishableStream extends LocalStream {
  /** `null` when there is no video. */
  readonly videoTrack: MediaStreamTrack | null;
  /** `null` when there is no audio. */
  readonly audioTrack: MediaStreamTrack | null;
  /** Holds both tracks, e.g. for a preview. One and the same object for as long as the stream lives. */
  readonly mediaStream: MediaStream;
  /**
   * State-like: the video track to be sent, replayed, and the one that takes its place when the camera is switched.
   * Left out: it never changes.
   */
  readonly videoTrack$?: Observable<MediaStreamTrack | null>;
  /** Where the frames are changed now; `null`: they are sent as they come. Default `null`. */
  readonly framePath?: 'worker' | 'page' | 'canvas' | null;
}

/** @throws DecartError INVALID_INPUT unless `value` is a video track that is still live */
export function requireVideoTrack(value: unknown): asserts value is MediaStreamTrack {
  const track = value as Partial<MediaStreamTrack> | null | undefined;
  if (track?.kind !== 'video' || typeof track.clone !== 'function') {
    throw invalid('A video track in the browser is a MediaStreamTrack of kind "video".');
  }
  if (track.readyState !== 'live') throw invalid('The video track has ended: it can carry no more frames.');
}

/** Not by class: a stream of another window is one, too. */
export function isMediaStream(value: unknown): value is MediaStream {
  return typeof (value as Partial<MediaStream> | null | undefined)?.getVideoTracks === 'function';
}

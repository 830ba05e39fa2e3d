import { Subscription } from 'rxjs';
import { type Failure, failureOf } from '../../../core/errors.js';
import { type FrameSize, type I420Frame, requireI420, requireVideoSize } from './i420-frame.js';
import type { NodeVideoTrack } from './local-stream.js';

export interface FeedEvents {
  /** The video ended by itself; what was published stays, without new frames. */
  onEnded(): void;
  onFailed(failure: Failure): void;
}

/** Hands the frames of one video track at a time to a native source. */
export interface FrameFeed {
  /**
   * From now on the frames come from `track`; `onFollowed` is called once, when the first of them has been handed over
   * or none will be: the video has ended, or another track is followed.
   */
  follow(track: NodeVideoTrack, onFollowed?: () => void): void;
  stop(): void;
}

/** `capture` gets frames of the track's size only, whose bytes begin at the start of their buffer. */
export function createFrameFeed(
  createCapture: (size: FrameSize) => (frame: I420Frame) => void,
  events: FeedEvents,
): FrameFeed {
  let frames = new Subscription();
  let endFollowing = (): void => undefined;
  return {
    follow(track, onFollowed) {
      requireVideoSize(track);
      frames.unsubscribe();
      endFollowing();
      let isPending = true;
      const followed = (): void => {
        if (isPending) onFollowed?.();
        isPending = false;
      };
      endFollowing = followed;
      const capture = createCapture(track);
      const following = new Subscription();
      frames = following;
      const send = (frame: I420Frame): void => {
        try {
          capture(frame);
        } catch (error) {
          following.unsubscribe();
          events.onFailed(sourceFailure(error));
          return;
        }
        followed();
      };
      following.add(
        track.outgoing$.subscribe({
          next: send,
          error: (error: unknown) => events.onFailed(sourceFailure(error)),
          complete: () => {
            followed();
            events.onEnded();
          },
        }),
      );
    },
    stop: () => frames.unsubscribe(),
  };
}

/**
 * Makes frames safe for a native source, which reads as many bytes as the size calls for without looking at the
 * buffer's length, and from the start of the buffer even when the bytes begin further in. So the length is checked
 * first, and bytes that begin further in are copied.
 */
export function createFrameGuard(size: FrameSize): (frame: I420Frame) => Uint8Array {
  let aligned: Uint8Array | null = null;
  return (frame) => {
    requireI420(frame, size);
    const { data } = frame;
    if (data.byteOffset === 0 && data.buffer instanceof ArrayBuffer) return data;
    aligned ??= new Uint8Array(data.length);
    aligned.set(data);
    return aligned;
  };
}

// A source that fails would fail again on the next try: its owner has to mend it.
function sourceFailure(error: unknown): Failure {
  const fallback: Failure = { code: 'INVALID_INPUT', message: 'The source of local video failed.' };
  return { ...failureOf(error, fallback), permanent: true };
}

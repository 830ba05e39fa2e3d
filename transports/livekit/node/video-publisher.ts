import { Subscription } from 'rxjs';
import { type Failure, failureOf } from '../../../core/errors.js';
import type { PublishOptions } from '../../../core/ports/media.js';
import { type FrameSize, type I420Frame, requireI420, requireVideoSize } from './i420-frame.js';
import type { NodeVideoTrack } from './local-stream.js';
import type { LiveKitNode } from './native.js';
import { trackPublishOptions } from './publish-options.js';

type NativeSource = InstanceType<LiveKitNode['VideoSource']>;
type LocalParticipant = NonNullable<InstanceType<LiveKitNode['Room']>['localParticipant']>;

export interface PublisherEvents {
  /** The video ended by itself; what was published stays, without new frames. */
  onEnded(): void;
  onFailed(failure: Failure): void;
}

/** Sends one video track's frames through one native source, and swaps the track that they come from. */
export interface VideoPublisher {
  publishTo(participant: LocalParticipant, options: PublishOptions): Promise<void>;
  /** From now on the frames come from `track`; `onFirstFrame` is told when the first of them has been handed over. */
  switchTo(track: NodeVideoTrack, onFirstFrame: () => void): void;
  close(): Promise<void>;
}

/**
 * Frames begin to flow at once, before anything is published: without a first frame, the native library would
 * send black ones.
 */
export function createVideoPublisher(rtc: LiveKitNode, track: NodeVideoTrack, events: PublisherEvents): VideoPublisher {
  requireVideoSize(track);
  const source = new rtc.VideoSource(track.width, track.height);
  const nativeTrack = rtc.LocalVideoTrack.createVideoTrack('camera', source);
  let frames = follow(track);

  function follow(from: NodeVideoTrack, onFirstFrame?: () => void): Subscription {
    const capture = createFrameCapture(rtc, source, from);
    const following = new Subscription();
    let isFirst = true;
    const send = (frame: I420Frame): void => {
      try {
        capture(frame);
      } catch (error) {
        following.unsubscribe();
        events.onFailed(sourceFailure(error));
        return;
      }
      if (isFirst) onFirstFrame?.();
      isFirst = false;
    };
    following.add(
      from.outgoing$.subscribe({
        next: send,
        error: (error: unknown) => events.onFailed(sourceFailure(error)),
        complete: () => events.onEnded(),
      }),
    );
    return following;
  }

  return {
    async publishTo(participant, options) {
      await participant.publishTrack(nativeTrack, trackPublishOptions(rtc, options));
    },
    switchTo(next, onFirstFrame) {
      requireVideoSize(next);
      frames.unsubscribe();
      frames = follow(next, onFirstFrame);
    },
    async close() {
      frames.unsubscribe();
      await nativeTrack.close(true);
    },
  };
}

/**
 * Hands frames to a native source, safely: it reads as many bytes as the size calls for without looking at the
 * buffer's length, and from the start of the buffer even when the bytes begin further in. So the length is checked
 * first, and bytes that begin further in are copied. The native side copies before it returns.
 */
export function createFrameCapture(
  rtc: LiveKitNode,
  source: Pick<NativeSource, 'captureFrame'>,
  size: FrameSize,
): (frame: I420Frame) => void {
  let aligned: Uint8Array | null = null;
  return (frame) => {
    requireI420(frame, size);
    let { data } = frame;
    if (data.byteOffset !== 0 || !(data.buffer instanceof ArrayBuffer)) {
      aligned ??= new Uint8Array(data.length);
      aligned.set(data);
      data = aligned;
    }
    source.captureFrame(new rtc.VideoFrame(data, size.width, size.height, rtc.VideoBufferType.I420));
  };
}

// A source that fails would fail again on the next try: its owner has to mend it.
function sourceFailure(error: unknown): Failure {
  const fallback: Failure = { code: 'INVALID_INPUT', message: 'The source of local video failed.' };
  return { ...failureOf(error, fallback), permanent: true };
}

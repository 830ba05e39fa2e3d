import type { PublishOptions } from '../../../core/ports/media.js';
import { createFrameFeed, createFrameGuard, type FeedEvents } from '../../media/node/frame-feed.js';
import { type FrameSize, type I420Frame, requireVideoSize } from '../../media/node/i420-frame.js';
import type { NodeVideoTrack } from '../../media/node/local-stream.js';
import type { LiveKitNode } from './native.js';
import { trackPublishOptions } from './publish-options.js';

type NativeSource = InstanceType<LiveKitNode['VideoSource']>;
type LocalParticipant = NonNullable<InstanceType<LiveKitNode['Room']>['localParticipant']>;

/** Sends one video track's frames through one native source, and swaps the track that they come from. */
export interface VideoPublisher {
  publishTo(participant: LocalParticipant, options: PublishOptions): Promise<void>;
  /** As `follow` of a frame feed. */
  switchTo(track: NodeVideoTrack, onFollowed: () => void): void;
  close(): Promise<void>;
}

/**
 * Frames begin to flow at once, before anything is published: without a first frame, the native library would
 * send black ones.
 */
export function createVideoPublisher(rtc: LiveKitNode, track: NodeVideoTrack, events: FeedEvents): VideoPublisher {
  requireVideoSize(track);
  const source = new rtc.VideoSource(track.width, track.height);
  const nativeTrack = rtc.LocalVideoTrack.createVideoTrack('camera', source);
  const feed = createFrameFeed((size) => createFrameCapture(rtc, source, size), events);
  feed.follow(track);

  return {
    async publishTo(participant, options) {
      await participant.publishTrack(nativeTrack, trackPublishOptions(rtc, options));
    },
    switchTo: (next, onFollowed) => feed.follow(next, onFollowed),
    async close() {
      feed.stop();
      await nativeTrack.close(true);
    },
  };
}

/** Hands frames to a native source, safely. The native side copies before it returns. */
export function createFrameCapture(
  rtc: LiveKitNode,
  source: Pick<NativeSource, 'captureFrame'>,
  size: FrameSize,
): (frame: I420Frame) => void {
  const guard = createFrameGuard(size);
  return (frame) => {
    const data = guard(frame);
    source.captureFrame(new rtc.VideoFrame(data, size.width, size.height, rtc.VideoBufferType.I420));
  };
}

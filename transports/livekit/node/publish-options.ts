import type { PublishOptions, VideoCodec } from '../../../core/ports/media.js';
import type { LiveKitNode } from './native.js';

// The package does not export this enumeration of the wire protocol.
const degradationPreferences = { balanced: 0, 'maintain-framerate': 1, 'maintain-resolution': 2 } as const;

/** The publish options in the native library's terms. It has no backup codec: that one is for browsers. */
export function trackPublishOptions(rtc: LiveKitNode, options: PublishOptions): TrackPublishOptions {
  const codecs: Record<VideoCodec, number> = {
    vp8: rtc.VideoCodec.VP8,
    h264: rtc.VideoCodec.H264,
    vp9: rtc.VideoCodec.VP9,
    av1: rtc.VideoCodec.AV1,
  };
  return new rtc.TrackPublishOptions({
    source: rtc.TrackSource.SOURCE_CAMERA,
    videoCodec: codecs[options.preferredCodec],
    simulcast: options.simulcast,
    degradationPreference: degradationPreferences[options.degradationPreference],
    videoEncoding: { maxBitrate: BigInt(Math.round(options.maxBitrate)), maxFramerate: options.maxFramerate },
  });
}

export type TrackPublishOptions = InstanceType<LiveKitNode['TrackPublishOptions']>;

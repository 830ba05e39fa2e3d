import type { TrackPublishOptions } from 'livekit-client';
import type { PublishOptions, VideoCodec } from '../../../core/ports/media.js';
import { sendableCodec } from '../../media/browser/fallbacks.js';
import type { LiveKitClient } from './load.js';

/** The publish options in LiveKit's terms. Codecs with layers of their own are sent without simulcast. */
export function videoPublishOptions(
  sdk: LiveKitClient,
  options: PublishOptions,
  timesFrames: boolean,
): TrackPublishOptions {
  const { backupCodec, maxBitrate, maxFramerate, degradationPreference } = options;
  const codec = sendableCodec(options.preferredCodec);
  const videoEncoding = { maxBitrate, maxFramerate };
  return {
    source: sdk.Track.Source.Camera,
    videoCodec: codec,
    // Only these two have enough in common with every receiver to be a second choice.
    backupCodec: isBackupCodec(backupCodec) ? { codec: backupCodec, encoding: videoEncoding } : false,
    videoEncoding,
    simulcast: options.simulcast && codec !== 'vp9' && codec !== 'av1',
    degradationPreference,
    ...(timesFrames && { frameMetadata: { timestamp: true } }),
  };
}

export function audioPublishOptions(sdk: LiveKitClient): TrackPublishOptions {
  return { source: sdk.Track.Source.Microphone };
}

function isBackupCodec(codec: VideoCodec | null): codec is 'vp8' | 'h264' {
  return codec === 'vp8' || codec === 'h264';
}

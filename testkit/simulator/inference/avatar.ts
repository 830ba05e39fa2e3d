// A face that speaks what it hears: pictures made from the sound's level, changed by prompt and image as any other.
import type { LiveKitNode } from '../../../transports/livekit/node/native.js';
import { createFrameCapture } from '../../../transports/livekit/node/video-publisher.js';
import { within } from '../../../transports/media/within.js';
import { drawFace } from './face.js';
import type { PictureMaker } from './picture.js';
import type { InferenceControls } from './video-relay.js';

type LocalParticipant = NonNullable<InstanceType<LiveKitNode['Room']>['localParticipant']>;

export interface AvatarOptions {
  readonly rtc: LiveKitNode;
  readonly participant: LocalParticipant;
  readonly picture: PictureMaker;
  readonly controls: Pick<InferenceControls, 'stalled'>;
  readonly onFirstFrame: () => void;
  readonly onFailed: (error: unknown) => void;
}

export interface Avatar {
  /** How loud it is now, 0 to 1. */
  hear(level: number): void;
  close(): Promise<void>;
}

/** Those of the live avatar's model. */
const SIZE = { width: 1280, height: 720 };
const FRAME_MS = 1_000 / 25;
const MAX_BITRATE = 4_000_000n;
const CLOSE_LIMIT_MS = 500;

export function createAvatar({ rtc, participant, picture, controls, onFirstFrame, onFailed }: AvatarOptions): Avatar {
  const source = new rtc.VideoSource(SIZE.width, SIZE.height);
  const outgoing = rtc.LocalVideoTrack.createVideoTrack('inference', source);
  const capture = createFrameCapture(rtc, source, SIZE);
  const frame = { data: new Uint8Array((SIZE.width * SIZE.height * 3) / 2), ...SIZE };
  let level = 0;
  let isFirst = true;
  let closing: Promise<void> | null = null;

  const timer = setInterval(() => {
    if (controls.stalled) return;
    try {
      drawFace(frame, level);
      picture.render(frame);
      capture(frame);
    } catch (error) {
      onFailed(error);
    }
    if (isFirst) onFirstFrame();
    isFirst = false;
  }, FRAME_MS);

  const publishing = participant
    .publishTrack(
      outgoing,
      new rtc.TrackPublishOptions({
        source: rtc.TrackSource.SOURCE_CAMERA,
        videoCodec: rtc.VideoCodec.VP8,
        simulcast: false,
        videoEncoding: { maxBitrate: MAX_BITRATE, maxFramerate: 1_000 / FRAME_MS },
      }),
    )
    .catch((error: unknown) => {
      if (closing === null) onFailed(error);
    });

  async function end(): Promise<void> {
    clearInterval(timer);
    await within(CLOSE_LIMIT_MS, publishing);
    const { sid } = outgoing;
    if (sid !== undefined) await within(CLOSE_LIMIT_MS, participant.unpublishTrack(sid));
    await within(CLOSE_LIMIT_MS, outgoing.close(true));
  }

  return {
    hear: (now) => {
      level = now;
    },
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}

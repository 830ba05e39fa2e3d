// One incoming track, through the picture maker, to one outgoing track.

import type { LiveKitNode } from '../../../transports/livekit/node/native.js';
import { createFrameCapture } from '../../../transports/livekit/node/video-publisher.js';
import { within } from '../../../transports/media/within.js';
import type { Frame, PictureMaker } from './picture.js';

export type RemoteVideoTrack = InstanceType<LiveKitNode['RemoteVideoTrack']>;
type LocalParticipant = NonNullable<InstanceType<LiveKitNode['Room']>['localParticipant']>;

/** Faults that the inference itself can have; shared by all rooms, read for each frame. */
export interface InferenceControls {
  /** Frames are taken in, none comes out. */
  stalled: boolean;
  /** Each frame comes out this much later. */
  lagMs: number;
}

export interface VideoRelayOptions {
  readonly rtc: LiveKitNode;
  readonly track: RemoteVideoTrack;
  readonly participant: LocalParticipant;
  readonly picture: PictureMaker;
  readonly controls: InferenceControls;
  readonly onFirstFrame: () => void;
  readonly onFailed: (error: unknown) => void;
}

export interface VideoRelay {
  close(): Promise<void>;
}

const MAX_BITRATE = 4_000_000n;
const MAX_FRAMERATE = 30;
/** Three seconds of video: what lags more is dropped instead of growing without end. */
const MOST_LAGGING = 90;
const CLOSE_LIMIT_MS = 500;

interface Output {
  readonly width: number;
  readonly height: number;
  readonly capture: (frame: Frame) => void;
}

/** Publishes with the first frame, whose size the outgoing track takes: there is nothing black before it. */
export function createVideoRelay(options: VideoRelayOptions): VideoRelay {
  const { rtc, track, participant, picture, controls, onFirstFrame, onFailed } = options;
  const reader = new rtc.VideoStream(track).getReader();
  const lagging = new Set<NodeJS.Timeout>();
  let source: InstanceType<LiveKitNode['VideoSource']> | null = null;
  let outgoing: ReturnType<LiveKitNode['LocalVideoTrack']['createVideoTrack']> | null = null;
  let publishing: Promise<unknown> = Promise.resolve();
  let output: Output | null = null;
  let latest: Frame | null = null;
  let closing: Promise<void> | null = null;

  // Frames that were decoded while one was being changed are all read before the immediate runs: only the latest counts.
  const work = (): void => {
    const frame = latest;
    latest = null;
    if (frame === null || closing !== null) return;
    try {
      picture.render(frame);
      deliver(frame);
    } catch (error) {
      onFailed(error);
    }
  };

  function deliver(frame: Frame): void {
    const { lagMs } = controls;
    if (lagMs === 0) {
      send(frame);
      return;
    }
    if (lagging.size >= MOST_LAGGING) return;
    const timer = setTimeout(() => {
      lagging.delete(timer);
      send(frame);
    }, lagMs);
    lagging.add(timer);
  }

  function send(frame: Frame): void {
    if (controls.stalled || closing !== null) return;
    const { width, height } = frame;
    const target = source ?? open(width, height);
    if (output?.width !== width || output.height !== height) {
      output = { width, height, capture: createFrameCapture(rtc, target, { width, height }) };
    }
    output.capture(frame);
  }

  function open(width: number, height: number): InstanceType<LiveKitNode['VideoSource']> {
    const opened = new rtc.VideoSource(width, height);
    const local = rtc.LocalVideoTrack.createVideoTrack('inference', opened);
    source = opened;
    outgoing = local;
    publishing = participant
      .publishTrack(
        local,
        new rtc.TrackPublishOptions({
          source: rtc.TrackSource.SOURCE_CAMERA,
          videoCodec: rtc.VideoCodec.VP8,
          simulcast: false,
          videoEncoding: { maxBitrate: MAX_BITRATE, maxFramerate: MAX_FRAMERATE },
        }),
      )
      .catch((error: unknown) => {
        if (closing === null) onFailed(error);
      });
    return opened;
  }

  async function drain(): Promise<void> {
    let isFirst = true;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (closing !== null) continue;
      const { data, width, height } =
        value.frame.type === rtc.VideoBufferType.I420 ? value.frame : value.frame.convert(rtc.VideoBufferType.I420);
      if (isFirst) onFirstFrame();
      isFirst = false;
      // No codec in use here makes odd sizes; a frame without whole chroma samples is not worth a special case.
      if (width % 2 !== 0 || height % 2 !== 0) continue;
      if (latest === null) setImmediate(work);
      latest = { data, width, height };
    }
  }

  drain().catch((error: unknown) => {
    if (closing === null) onFailed(error);
  });

  async function end(): Promise<void> {
    latest = null;
    for (const timer of lagging) clearTimeout(timer);
    lagging.clear();
    await within(CLOSE_LIMIT_MS, reader.cancel());
    await within(CLOSE_LIMIT_MS, publishing);
    if (outgoing === null) return;
    const { sid } = outgoing;
    if (sid !== undefined) await within(CLOSE_LIMIT_MS, participant.unpublishTrack(sid));
    await within(CLOSE_LIMIT_MS, outgoing.close(true));
  }

  return {
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}

import { invalidInput } from '../../../core/check.js';
import { invalid } from '../../../core/errors.js';
import type { LocalStreamRequest } from '../../../core/ports/platform.js';
import { isMediaStream, requireVideoTrack } from '../../../transports/livekit/browser/index.js';
import { openCamera } from '../devices/devices.js';
import { openTestPattern } from './test-pattern.js';

/**
 * Where local video comes from: a camera (default), a moving test picture, or what the caller has: a stream, a track,
 * or an element that plays (a clip). What the caller has is never stopped or changed.
 */
export type BrowserVideoSource = 'camera' | 'test-pattern' | MediaStream | MediaStreamTrack | HTMLVideoElement;

/** One source of frames, before mirroring. */
export interface VideoInput {
  readonly track: MediaStreamTrack | null;
  /** `device`: a camera that was opened here, and can be switched. */
  readonly kind: 'device' | 'drawn' | 'callers';
  /** Ends what was opened here. */
  close(): void;
}

/** @throws DecartError INVALID_INPUT for an invalid source, MEDIA_DEVICE_ERROR when no camera is available */
export async function openVideoInput(request: LocalStreamRequest): Promise<VideoInput> {
  const { source = 'camera' } = request;
  if (source === 'camera') return cameraInput(await openCamera(request));
  if (source === 'test-pattern') return { ...openTestPattern(request), kind: 'drawn' };
  if (isMediaStream(source)) return streamInput(source);
  if (isVideoElement(source)) return clipInput(source);
  if (typeof source === 'string')
    throw invalidInput('source', "expected 'camera', 'test-pattern', a MediaStream, a track or a video element");
  requireVideoTrack(source);
  return callersInput(source);
}

export function cameraInput(track: MediaStreamTrack): VideoInput {
  return { track, kind: 'device', close: () => track.stop() };
}

export function callersInput(track: MediaStreamTrack | null): VideoInput {
  return { track, kind: 'callers', close: () => undefined };
}

function streamInput(stream: MediaStream): VideoInput {
  const tracks = stream.getVideoTracks();
  const live = tracks.find(({ readyState }) => readyState === 'live');
  if (tracks[0] && !live) throw invalidInput('source', 'its video tracks have ended');
  return callersInput(live ?? null);
}

function clipInput(video: HTMLVideoElement): VideoInput {
  // Captured from an element that shows a stream, the tracks would be that stream's own.
  if (isMediaStream(video.srcObject)) return streamInput(video.srcObject);
  // Not in every browser, although the types say so.
  const { captureStream } = video as { captureStream?: () => MediaStream };
  const [track] = captureStream?.call(video).getVideoTracks() ?? [];
  if (!track) {
    throw invalid(
      captureStream
        ? 'The video element shows nothing yet: wait for its loadeddata event.'
        : 'This browser cannot capture a video element. Draw it on a canvas and pass canvas.captureStream().',
    );
  }
  return { track, kind: 'drawn', close: () => track.stop() };
}

function isVideoElement(value: unknown): value is HTMLVideoElement {
  return (value as Partial<Element> | null | undefined)?.nodeName === 'VIDEO';
}

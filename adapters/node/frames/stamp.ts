import { stampMarker } from '../../../core/latency/marker.js';
import { type FrameSize, type I420Frame, i420Length } from '../../../transports/livekit/node/index.js';
import { createFrameMirror } from './mirror.js';

export interface FinishOptions extends FrameSize {
  readonly mirror: boolean;
  /** The number for the next frame's marker; `null`: frames are not stamped. */
  readonly nextMarker: (() => number) | null;
}

/**
 * Gets frames ready for sending: mirrored first, then stamped with the latency marker, so that the marker is not
 * mirrored along. The frame given is never changed. The one returned is it, where there was nothing to do, or else
 * lies in bytes that the next call overwrites.
 */
export function createFrameFinish({
  width,
  height,
  mirror,
  nextMarker,
}: FinishOptions): (frame: I420Frame) => I420Frame {
  if (!mirror && !nextMarker) return (frame) => frame;
  const { data, run } = mirror ? createFrameMirror({ width, height }) : inBytesOfItsOwn(width, height);
  const luma = data.subarray(0, width * height);
  return (frame) => {
    data.set(frame.data);
    run();
    if (nextMarker) stampMarker(luma, width, height, width, nextMarker());
    return { ...frame, data };
  };
}

function inBytesOfItsOwn(width: number, height: number): { readonly data: Uint8Array; run(): void } {
  return { data: new Uint8Array(i420Length(width, height)), run: () => undefined };
}

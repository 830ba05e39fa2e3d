import { takeFrames } from '../../../transports/media/browser/frame-reader.js';
import { createFrameTransform } from './frame-transform.js';

export interface FramePumpWork {
  readonly mirror: boolean;
  /** The number for the next frame's marker; `null`: frames are not stamped. */
  readonly nextMarker: (() => number | Promise<number>) | null;
}

/**
 * Carries frames from one stream to another, changed, one at a time: those that arrive meanwhile are for the source
 * to drop. Each frame is closed on every path. Resolves when the input ends or `signal` aborts; the output stays open.
 */
export async function pumpFrames(
  readable: ReadableStream<VideoFrame>,
  writable: WritableStream<VideoFrame>,
  work: () => FramePumpWork,
  signal: AbortSignal,
): Promise<void> {
  const transform = createFrameTransform();
  const writer = writable.getWriter();
  try {
    await takeFrames(readable, signal, async (frame) => {
      const { mirror, nextMarker } = work();
      if (!mirror && !nextMarker) return write(writer, frame);
      let changed: VideoFrame;
      try {
        changed = await transform(frame, { mirror, seq: nextMarker ? await nextMarker() : null });
      } finally {
        frame.close();
      }
      if (signal.aborted) changed.close();
      else await write(writer, changed);
    });
  } finally {
    writer.releaseLock();
  }
}

/** The consumer of a frame closes it; a frame that is not taken is closed here. */
async function write(writer: WritableStreamDefaultWriter<VideoFrame>, frame: VideoFrame): Promise<void> {
  try {
    await writer.write(frame);
  } catch (error) {
    frame.close();
    throw error;
  }
}

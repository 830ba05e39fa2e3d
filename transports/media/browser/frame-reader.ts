// Reads the frames of a track as they are decoded. Chromium only; others go without, or take another way.

export interface FrameReader {
  stop(): void;
}

interface TrackProcessorConstructor {
  new (init: { track: MediaStreamTrack; maxBufferSize?: number }): { readonly readable: ReadableStream<VideoFrame> };
}

/** The frames of a track as a stream, where the browser has that; else `null`. A frame waiting is overtaken by newer ones. */
export function frameStream(track: MediaStreamTrack): ReadableStream<VideoFrame> | null {
  const { MediaStreamTrackProcessor: Processor } = globalThis as {
    MediaStreamTrackProcessor?: TrackProcessorConstructor;
  };
  return Processor ? new Processor({ track, maxBufferSize: 1 }).readable : null;
}

/** Hands each frame to `visit`, one at a time, and closes it, however that ends. `null`: not possible here. */
export function readFrames(
  track: MediaStreamTrack,
  visit: (frame: VideoFrame) => void | Promise<void>,
): FrameReader | null {
  const reader = frameStream(track)?.getReader();
  if (!reader) return null;
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    // A reader whose track has ended has nothing left to cancel.
    reader.cancel().catch(() => undefined);
  };
  const read = async (): Promise<void> => {
    while (!stopped) {
      const { done, value } = await reader.read();
      if (done) return;
      try {
        if (!stopped) await visit(value);
      } finally {
        value.close();
      }
    }
  };
  // A frame that cannot be read is no reason to fail the session; reading ends with it.
  read().catch(stop);
  return { stop };
}

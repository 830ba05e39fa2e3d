// Reads the frames of a track as they are decoded. Chromium only; others go without, or take another way.

/** With no frame for so long, none is on its way. */
const quietMs = 200;

export interface FrameReader {
  /** Resolves when nothing is read any more. A track that is stopped after that has no frame on its way to the page. */
  stop(): Promise<void>;
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

/**
 * Hands each frame to `take`, one at a time, which closes it. Resolves when the input ends, or when `signal` aborts:
 * between two frames, since Chromium never closes one that is on its way when its stream is cancelled.
 */
export async function takeFrames(
  readable: ReadableStream<VideoFrame>,
  signal: AbortSignal,
  take: (frame: VideoFrame) => void | Promise<void>,
): Promise<void> {
  const reader = readable.getReader();
  // A reader whose track has ended has nothing left to cancel.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => {
    quiet = setTimeout(cancel, quietMs);
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    do {
      const { done, value: frame } = await reader.read();
      if (done) return;
      if (signal.aborted) return frame.close();
      await take(frame);
    } while (!signal.aborted);
  } finally {
    clearTimeout(quiet);
    signal.removeEventListener('abort', end);
    cancel();
  }
}

/** Hands each frame to `visit`, one at a time, and closes it, however that ends. `null`: not possible here. */
export function readFrames(
  track: MediaStreamTrack,
  visit: (frame: VideoFrame) => void | Promise<void>,
): FrameReader | null {
  const readable = frameStream(track);
  if (!readable) return null;
  const ending = new AbortController();
  const read = takeFrames(readable, ending.signal, async (frame) => {
    try {
      await visit(frame);
    } finally {
      frame.close();
    }
    // A frame that cannot be read is no reason to fail the session; reading ends with it.
  }).catch(() => undefined);
  return {
    stop() {
      ending.abort();
      return read;
    },
  };
}

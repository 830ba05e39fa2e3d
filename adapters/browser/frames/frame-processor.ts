import { drawFrames } from './drawn-frames.js';
import type { FramePath, FrameProcessorOptions, FrameWorkshop, OpenWorkshop } from './frame-workshop.js';
import { pumpInPage, pumpInWorker } from './generated-frames.js';
import type { VideoProcessor, VideoProcessorInput } from './video-processor.js';

/** Mirrors and stamps video. */
export interface FrameProcessor extends VideoProcessor {
  /** How frames are worked on; `null` before `init`. */
  readonly path: FramePath | null;
  /** Takes effect with the next frame. */
  setMirror(mirror: boolean): void;
}

const paths: readonly (readonly [FramePath, OpenWorkshop])[] = [
  ['worker', pumpInWorker],
  ['page', pumpInPage],
  ['canvas', drawFrames],
];

/**
 * A processor that mirrors and stamps video. It opens nothing before `init`, and holds a worker or canvas until
 * `destroy`.
 */
export function createFrameProcessor(given: FrameProcessorOptions): FrameProcessor {
  let { mirror } = given;
  let workshop: FrameWorkshop | null = null;
  let path: FramePath | null = null;
  let opening = new AbortController();

  const open = async (input: MediaStreamTrack): Promise<void> => {
    const wanted = given.path ?? 'auto';
    opening = new AbortController();
    const { signal } = opening;
    for (const [name, openWorkshop] of paths) {
      if (wanted !== 'auto' && wanted !== name) continue;
      const opened = await openWorkshop(input, { ...given, mirror }, signal);
      if (signal.aborted) {
        await opened?.close();
        throw new Error('The frame processor was destroyed while init() was running. Create a new one.');
      }
      if (opened === null) continue;
      workshop = opened;
      path = name;
      return;
    }
    throw new Error(
      `This browser cannot process frames${wanted === 'auto' ? '' : ` with path: '${wanted}'. Leave out path`}.`,
    );
  };

  return {
    name: 'decart-rx-frames',
    get path() {
      return path;
    },
    get processedTrack() {
      return workshop?.track;
    },
    init: ({ track }: VideoProcessorInput) => open(track),
    restart: async ({ track }: VideoProcessorInput) => (workshop ? workshop.setInput(track) : open(track)),
    async destroy() {
      opening.abort();
      const closing = workshop?.close();
      workshop = null;
      path = null;
      await closing;
    },
    setMirror(value) {
      mirror = value;
      workshop?.setMirror(value);
    },
  };
}

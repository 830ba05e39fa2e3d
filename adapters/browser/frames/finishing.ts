import { createFrameProcessor, type FrameProcessor } from './frame-processor.js';
import type { FramePath, FrameProcessorOptions } from './frame-workshop.js';
import type { VideoProcessor } from './video-processor.js';

/** Mirroring and stamping, around the processors of the caller. */
export interface Finishing {
  /** Which processors stand behind an input: mirroring first, the caller's own, stamping last. */
  processors(isMirrored: boolean, own: readonly VideoProcessor[]): readonly VideoProcessor[];
  /** Where frames are changed now; `null`: nowhere. */
  readonly framePath: FramePath | null;
}

/** With nothing of the caller's in between, one processor mirrors and stamps. Those that stay are the same objects. */
export function createFinishing(options: Pick<FrameProcessorOptions, 'nextMarker' | 'createWorker'>): Finishing {
  const { nextMarker } = options;
  let first: FrameProcessor | null = null;
  let firstStamps = false;
  let last: FrameProcessor | null = null;
  return {
    processors(isMirrored, own) {
      const stampsLast = nextMarker !== null && own.length > 0;
      const stampsFirst = nextMarker !== null && !stampsLast;
      if (!isMirrored && !stampsFirst) first = null;
      else if (first === null || firstStamps !== stampsFirst) {
        firstStamps = stampsFirst;
        first = createFrameProcessor({ ...options, mirror: isMirrored, nextMarker: stampsFirst ? nextMarker : null });
      } else first.setMirror(isMirrored);
      last = stampsLast ? (last ?? createFrameProcessor({ ...options, mirror: false })) : null;
      return [first, ...own, last].filter((processor) => processor !== null);
    },
    get framePath() {
      return first?.path ?? last?.path ?? null;
    },
  };
}

import { createFrameProcessor, type FrameProcessor } from './frame-processor.js';
import type { FrameProcessorOptions } from './frame-workshop.js';
import type { VideoProcessor } from './video-processor.js';

/** Says which processors stand behind an input: mirroring first, the caller's own, stamping last. */
export type Finishing = (isMirrored: boolean, own: readonly VideoProcessor[]) => readonly VideoProcessor[];

/** With nothing of the caller's in between, one processor mirrors and stamps. Those that stay are the same objects. */
export function createFinishing(options: Pick<FrameProcessorOptions, 'nextMarker' | 'createWorker'>): Finishing {
  const { nextMarker } = options;
  let first: FrameProcessor | null = null;
  let firstStamps = false;
  let last: FrameProcessor | null = null;
  return (isMirrored, own) => {
    const stampsLast = nextMarker !== null && own.length > 0;
    const stampsFirst = nextMarker !== null && !stampsLast;
    if (!isMirrored && !stampsFirst) first = null;
    else if (first === null || firstStamps !== stampsFirst) {
      firstStamps = stampsFirst;
      first = createFrameProcessor({ ...options, mirror: isMirrored, nextMarker: stampsFirst ? nextMarker : null });
    } else first.setMirror(isMirrored);
    last = stampsLast ? (last ?? createFrameProcessor({ ...options, mirror: false })) : null;
    return [first, ...own, last].filter((processor) => processor !== null);
  };
}

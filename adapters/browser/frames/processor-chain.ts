import { DecartError } from '../../../core/errors.js';
import type { VideoProcessor } from './video-processor.js';

/** Processors one after the other, over an input that may change. */
export interface ProcessorChain {
  /** Puts `processors` between `input` and the track returned. Those that stay are restarted, others destroyed. */
  run(input: MediaStreamTrack, processors: readonly VideoProcessor[]): Promise<MediaStreamTrack>;
  destroy(): Promise<void>;
}

export function createProcessorChain(): ProcessorChain {
  let running: readonly VideoProcessor[] = [];

  const destroyAll = async (processors: readonly VideoProcessor[]): Promise<void> => {
    // One that fails to go must not keep the others.
    await Promise.allSettled(processors.map((processor) => processor.destroy()));
  };

  return {
    async run(input, processors) {
      const stale = running.filter((processor) => !processors.includes(processor));
      const kept = new Set(running.filter((processor) => processors.includes(processor)));
      running = processors;
      let track = input;
      try {
        for (const processor of processors) {
          const given = { kind: 'video', track };
          await (kept.has(processor) ? processor.restart(given) : processor.init(given));
          const { processedTrack } = processor;
          if (!processedTrack) throw new Error('It gave no processedTrack.');
          track = processedTrack;
        }
      } catch (cause) {
        running = [];
        await destroyAll([...new Set([...stale, ...processors])]);
        throw failed(processors, cause);
      }
      await destroyAll(stale);
      return track;
    },
    async destroy() {
      const ended = running;
      running = [];
      await destroyAll(ended);
    },
  };
}

function failed(processors: readonly VideoProcessor[], cause: unknown): DecartError {
  const names = processors.map(({ name }) => name);
  return new DecartError({
    code: 'INVALID_INPUT',
    message: `A video processor failed (${names.join(', ')}).`,
    permanent: true,
    data: { processors: names },
    cause,
  });
}

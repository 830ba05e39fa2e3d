import { DecartError } from '../../../core/errors.js';
import type { VideoProcessor } from './video-processor.js';

/** Processors one after the other, over an input that may change. */
export interface ProcessorChain {
  /**
   * Puts `processors` between `input` and the track returned. Those that stay are restarted, others destroyed.
   * `null` when the chain was destroyed meanwhile: what was made for it is destroyed then, too.
   */
  run(input: MediaStreamTrack, processors: readonly VideoProcessor[]): Promise<MediaStreamTrack | null>;
  /** Destroys what runs, and what is just being made. */
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
      let latest: VideoProcessor | undefined;
      // Checked again after each await.
      const isCurrent = (): boolean => running === processors;
      try {
        for (const processor of processors) {
          const given = { kind: 'video', track };
          latest = processor;
          await (kept.has(processor) ? processor.restart(given) : processor.init(given));
          if (!isCurrent()) break;
          const { processedTrack } = processor;
          if (!processedTrack)
            throw new Error(`${processor.name}: processedTrack is missing after init() or restart().`);
          track = processedTrack;
        }
      } catch (cause) {
        // How it fails when it is called off is of no interest.
        if (isCurrent()) {
          running = [];
          await destroyAll([...new Set([...stale, ...processors])]);
          throw failed(processors, cause);
        }
      }
      // One that was destroyed while it was being made had nothing to end yet.
      await destroyAll(isCurrent() || !latest ? stale : [...stale, latest]);
      return isCurrent() ? track : null;
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
    message: `A video processor failed (${names.join(', ')}). The cause is the error it threw.`,
    permanent: true,
    data: { processors: names },
    cause,
  });
}

/** What a processor is given to begin with, and again when the track before it changes. */
export interface VideoProcessorInput {
  /** `video`. */
  readonly kind: string;
  /** The input. Stays its owner's: never stopped. */
  readonly track: MediaStreamTrack;
}

/**
 * Turns one video track into another: blurs a background, draws a mask. LiveKit's `TrackProcessor`s for video fit.
 *
 * Obligations: `init` resolves when `processedTrack` is there; `restart` goes on with another input and keeps
 * `processedTrack` where it can; `destroy` ends `processedTrack`, but never the input.
 */
export interface VideoProcessor {
  /** For logs and errors. */
  readonly name: string;
  /** The track that comes out, from `init` to `destroy`. */
  readonly processedTrack?: MediaStreamTrack | undefined;
  /**
   * Begins. Resolves when `processedTrack` is there. When it rejects, the call that put the processor in rejects, too.
   */
  init(input: VideoProcessorInput): Promise<void>;
  /** Goes on with another input, on the same `processedTrack` where that is possible. */
  restart(input: VideoProcessorInput): Promise<void>;
  /** Frees everything and ends `processedTrack`, never the input. */
  destroy(): Promise<void>;
}

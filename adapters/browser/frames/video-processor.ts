/** What a processor is given to begin with, and again when the track before it changes. */
export interface VideoProcessorInput {
  /** `video`. */
  readonly kind: string;
  readonly track: MediaStreamTrack;
}

/**
 * Turns one video track into another: blurs a background, draws a mask. LiveKit's `TrackProcessor`s for video fit.
 *
 * Obligations: `init` resolves when `processedTrack` is there; `restart` goes on with another input and keeps
 * `processedTrack` where it can; `destroy` ends `processedTrack`, but never the input.
 */
export interface VideoProcessor {
  readonly name: string;
  readonly processedTrack?: MediaStreamTrack | undefined;
  init(input: VideoProcessorInput): Promise<void>;
  restart(input: VideoProcessorInput): Promise<void>;
  destroy(): Promise<void>;
}

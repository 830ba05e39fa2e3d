/** What is done to each frame, and where. */
export interface FrameProcessorOptions {
  /** Flip each frame left to right. */
  readonly mirror: boolean;
  /** Gives the number for the next frame's latency marker, stamped after mirroring; `null`: frames are not stamped. */
  readonly nextMarker: (() => number) | null;
  /**
   * How frames are worked on. `auto`: off the page's thread where the browser can, else in the page as they come, else
   * on a canvas as they are rendered. @default 'auto'
   */
  readonly path?: FramePath | 'auto' | undefined;
  /** Starts a worker from the package's file `frame-worker.js`, where bundler or policy cannot find it by themselves. */
  readonly createWorker?: (() => Worker) | undefined;
}

/** Where frames are worked on: in a worker, in the page as they come, or on a canvas as they are rendered. */
export type FramePath = 'worker' | 'page' | 'canvas';

/** A running way of changing frames. */
export interface FrameWorkshop {
  readonly track: MediaStreamTrack;
  setInput(track: MediaStreamTrack): Promise<void>;
  setMirror(mirror: boolean): void;
  /** Ends the track at once. Resolves when every frame is closed. */
  close(): Promise<void>;
}

/** `null` where this way is not open, and when `signal` aborts first: nothing that it began is left then. */
export type OpenWorkshop = (
  input: MediaStreamTrack,
  options: FrameProcessorOptions,
  signal: AbortSignal,
) => Promise<FrameWorkshop | null>;

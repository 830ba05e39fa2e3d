/** From the page to the worker. */
export type ToWorker =
  | {
      readonly type: 'run';
      readonly readable: ReadableStream<VideoFrame>;
      /** With the first input only; later ones go the same way. */
      readonly writable: WritableStream<VideoFrame> | null;
      readonly mirror: boolean;
      readonly stamps: boolean;
    }
  | { readonly type: 'mirror'; readonly mirror: boolean }
  | { readonly type: 'marker'; readonly seq: number }
  /** The last message: the worker closes the frames that it holds, and answers `stopped`. */
  | { readonly type: 'stop' };

/** From the worker to the page. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** Asks for the next marker's number. */
  | { readonly type: 'marker' }
  | { readonly type: 'failed'; readonly reason: string }
  /** No frame is open any more. */
  | { readonly type: 'stopped' };

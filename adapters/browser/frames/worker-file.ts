/**
 * Starts the worker that changes frames; `null` where that is not possible. The build writes the ES-module half of
 * this file itself: only there a module can tell where it lies, in the one spelling that bundlers recognise.
 */
export const startFrameWorker: (() => Worker) | null = null;

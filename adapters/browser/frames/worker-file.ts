/**
 * Starts the worker that changes frames; `null` where that is not possible. The build writes the ES-module half of
 * this file itself: only there can a module name its own location, in the one spelling that bundlers recognise.
 */
export const startFrameWorker: (() => Worker) | null = null;

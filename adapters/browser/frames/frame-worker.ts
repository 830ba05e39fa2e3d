// Runs in a worker: mirrors and stamps frames off the page's thread.
import type { FromWorker, ToWorker } from './frame-messages.js';
import { pumpFrames } from './frame-pump.js';

interface WorkerScope {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
}

const scope = globalThis as unknown as WorkerScope;
let mirror = false;
let stamps = false;
let writable: WritableStream<VideoFrame> | null = null;
let abort = new AbortController();
let running: Promise<void> = Promise.resolve();
let waiting: ((seq: number) => void) | null = null;

/** Numbers are given out by the page, which notes the time. */
const nextMarker = (): Promise<number> => {
  scope.postMessage({ type: 'marker' });
  return new Promise((resolve) => {
    waiting = resolve;
  });
};

/** Another input takes the place of the one before, once that one has released the output. */
function run(readable: ReadableStream<VideoFrame>): void {
  abort.abort();
  abort = new AbortController();
  const { signal } = abort;
  running = running.then(async () => {
    try {
      if (writable) {
        await pumpFrames(readable, writable, () => ({ mirror, nextMarker: stamps ? nextMarker : null }), signal);
      }
    } catch (error) {
      if (!signal.aborted) scope.postMessage({ type: 'failed', reason: String(error) });
    }
  });
}

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case 'run':
      writable ??= message.writable ?? null;
      ({ mirror, stamps } = message);
      run(message.readable);
      return;
    case 'mirror':
      mirror = message.mirror;
      return;
    case 'marker':
      waiting?.(message.seq);
      waiting = null;
      return;
    case 'stop':
      abort.abort();
      running.then(() => scope.postMessage({ type: 'stopped' }));
  }
};
scope.postMessage({ type: 'ready' });

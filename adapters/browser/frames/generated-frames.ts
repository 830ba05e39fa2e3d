import { filter, firstValueFrom, fromEvent, race, timer } from 'rxjs';
import { frameStream } from '../../../transports/livekit/browser/index.js';
import type { FromWorker, ToWorker } from './frame-messages.js';
import { pumpFrames } from './frame-pump.js';
import type { FrameProcessorOptions, FrameWorkshop } from './frame-workshop.js';
import { createGeneratedTrack } from './platform-streams.js';
import { startFrameWorker } from './worker-file.js';

/** How long a worker's file may take to arrive. */
const startLimitMs = 3_000;
/** How long two frames may take to come. */
const framesLimitMs = 300;
/** How long a worker may take to close the frames that it holds. */
const stopLimitMs = 500;

/** Off the page's thread. `null` where there are no frame streams or the worker's file does not load. */
export async function pumpInWorker(
  input: MediaStreamTrack,
  { mirror, nextMarker, createWorker }: FrameProcessorOptions,
  signal: AbortSignal,
): Promise<FrameWorkshop | null> {
  const start = createWorker ?? startFrameWorker;
  const output = createGeneratedTrack();
  const worker = start && output ? await startWorker(start, signal) : null;
  // An input that has ended meanwhile has no frames, and the worker no use.
  const first = worker && (await framesToTransfer(input).catch(() => null));
  if (!worker || !first || !output) {
    worker?.terminate();
    output?.stop();
    return null;
  }
  const send = (message: ToWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    output.stop();
    closing ??= stopWorker(worker);
    return closing;
  };
  const fail = (): void => {
    void close();
    dispatchEnded(output);
  };
  let isMirrored = mirror;
  let latest = input;
  const stamps = nextMarker !== null;
  worker.onmessage = ({ data }: { data: FromWorker }) => {
    if (data.type === 'marker' && nextMarker) send({ type: 'marker', seq: nextMarker() });
    if (data.type === 'failed') fail();
  };
  const { writable } = output;
  send({ type: 'run', readable: first, writable, mirror, stamps }, [first, writable]);
  return {
    track: output,
    async setInput(track) {
      latest = track;
      const readable = await framesToTransfer(track);
      // Replaced or closed meanwhile.
      if (readable && (latest !== track || closing)) void readable.cancel();
      else if (readable) send({ type: 'run', readable, writable: null, mirror: isMirrored, stamps }, [readable]);
    },
    setMirror(value) {
      isMirrored = value;
      send({ type: 'mirror', mirror: value });
    },
    close,
  };
}

/** In the page, where there are frame streams but no worker is available. */
export async function pumpInPage(
  input: MediaStreamTrack,
  { mirror, nextMarker }: FrameProcessorOptions,
): Promise<FrameWorkshop | null> {
  const first = frameStream(input);
  const output = createGeneratedTrack();
  if (!first || !output) return null;
  let isMirrored = mirror;
  let abort = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const run = (readable: ReadableStream<VideoFrame>): void => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    running = running
      .then(() => pumpFrames(readable, output.writable, () => ({ mirror: isMirrored, nextMarker }), signal))
      // Frames that cannot be changed must not go out unchanged: the track ends instead.
      .catch(() => {
        output.stop();
        dispatchEnded(output);
      });
  };
  run(first);
  return {
    track: output,
    async setInput(track) {
      const readable = frameStream(track);
      if (readable) run(readable);
    },
    setMirror(value) {
      isMirrored = value;
    },
    close() {
      abort.abort();
      output.stop();
      return running;
    },
  };
}

/**
 * The frames of a track as a stream to transfer. Chromium loses a frame that comes while the stream is on its way to
 * the worker, and complains later that it was not closed. A canvas repeats its last frame as soon as somebody looks:
 * so the page takes that one and the next, and transfers the stream with most time left until another.
 */
async function framesToTransfer(track: MediaStreamTrack): Promise<ReadableStream<VideoFrame> | null> {
  const readable = frameStream(track);
  if (!readable) return null;
  const reader = readable.getReader();
  // A read that waits is over with it.
  const limit = timer(framesLimitMs).subscribe(() => void reader.cancel());
  try {
    for (let taken = 0; taken < 2; taken += 1) {
      const read = await reader.read();
      // A picture that stands still: its only frame has to reach the worker.
      if (read.done) return frameStream(track);
      read.value.close();
    }
  } finally {
    limit.unsubscribe();
  }
  reader.releaseLock();
  return readable;
}

/** A track that is stopped says nothing by itself. */
function dispatchEnded(track: MediaStreamTrack): void {
  track.dispatchEvent(new Event('ended'));
}

/** `null` when its file does not load, or loads as something else, and when it is called off. */
async function startWorker(start: () => Worker, signal: AbortSignal): Promise<Worker | null> {
  let worker: Worker;
  try {
    worker = start();
  } catch {
    // Refused by the page's policy.
    return null;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  let callOff = (): void => undefined;
  const isReady = await new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), startLimitMs);
    callOff = () => {
      // At once: until its file is loaded, it would run without a use.
      worker.terminate();
      resolve(false);
    };
    signal.addEventListener('abort', callOff);
    worker.onmessage = ({ data }: { data: FromWorker }) => resolve(data.type === 'ready');
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(false);
    };
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', callOff);
  worker.onmessage = null;
  worker.onerror = null;
  if (isReady) return worker;
  worker.terminate();
  return null;
}

/** A frame that a worker holds when it is terminated is never closed: it closes its frames first, unless it hangs. */
async function stopWorker(worker: Worker): Promise<void> {
  const stopped$ = fromEvent<MessageEvent<FromWorker>>(worker, 'message').pipe(
    filter(({ data }) => data.type === 'stopped'),
  );
  const stopping = firstValueFrom(race(stopped$, timer(stopLimitMs)));
  worker.postMessage({ type: 'stop' } satisfies ToWorker);
  await stopping;
  worker.terminate();
}

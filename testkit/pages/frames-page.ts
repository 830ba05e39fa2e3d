// The page of the frame tests.
import { createFrameProcessor } from '../../adapters/browser/frames/frame-processor.js';
import { pumpFrames } from '../../adapters/browser/frames/frame-pump.js';
import { createFrameTransform } from '../../adapters/browser/frames/frame-transform.js';
import type { FrameProcessorOptions } from '../../adapters/browser/frames/frame-workshop.js';
import { createProcessorChain } from '../../adapters/browser/frames/processor-chain.js';
import type { VideoProcessor } from '../../adapters/browser/frames/video-processor.js';
import { FrameCounter, meanColours } from './frame-counter.js';
import { markers } from './markers.js';
import { drawStripes, nearest } from './stripes.js';

interface Shape {
  readonly format: 'I420' | 'NV12' | 'RGBA';
  readonly width: number;
  readonly height: number;
}

/** Whether every sample of a random frame lies where a mirror puts it. */
async function mirrorsExactly({ format, width, height }: Shape): Promise<boolean> {
  const chroma = [(width + 1) >> 1, (height + 1) >> 1] as const;
  const planes: readonly (readonly [samples: number, rows: number, bytes: number])[] = {
    I420: [[width, height, 1] as const, [...chroma, 1] as const, [...chroma, 1] as const],
    NV12: [[width, height, 1] as const, [...chroma, 2] as const],
    RGBA: [[width, height, 4] as const],
  }[format];
  const size = planes.reduce((sum, [samples, rows, bytes]) => sum + samples * rows * bytes, 0);
  const data = Uint8Array.from({ length: size }, (_, at) =>
    format === 'RGBA' && at % 4 === 3 ? 255 : (at * 31 + (at >> 8)) & 255,
  );
  const frame = new VideoFrame(data, { format, codedWidth: width, codedHeight: height, timestamp: 0 });
  const changed = await createFrameTransform()(frame, { mirror: true, seq: null });
  const out = new Uint8Array(size);
  await changed.copyTo(out);
  frame.close();
  changed.close();
  let at = 0;
  for (const [samples, rows, bytes] of planes) {
    for (let row = 0; row < rows; row += 1) {
      for (let sample = 0; sample < samples; sample += 1) {
        for (let byte = 0; byte < bytes; byte += 1) {
          const from = at + (row * samples + sample) * bytes + byte;
          const to = at + (row * samples + (samples - 1 - sample)) * bytes + byte;
          if (data[from] !== out[to]) return false;
        }
      }
    }
    at += samples * rows * bytes;
  }
  return true;
}

/** Frames that count how many are open, through a pump that succeeds, fails, and is aborted. */
async function pumpAndCount() {
  const data = new Uint8Array((64 * 64 * 3) / 2);
  const make = (timestamp: number): VideoFrame =>
    new VideoFrame(data, { format: 'I420', codedWidth: 64, codedHeight: 64, timestamp });
  // A closed frame has no format.
  const isOpen = ({ format }: VideoFrame): boolean => format !== null;
  const pump = async (nextMarker: (() => number) | null, signal: AbortSignal) => {
    const all: VideoFrame[] = [];
    let made = 0;
    const readable = new ReadableStream<VideoFrame>(
      {
        pull(controller) {
          made += 1;
          if (made > 5) return controller.close();
          const frame = make(made);
          all.push(frame);
          controller.enqueue(frame);
        },
      },
      { highWaterMark: 0 },
    );
    const writable = new WritableStream<VideoFrame>({
      write(frame) {
        all.push(frame);
        frame.close();
      },
    });
    const failure = await pumpFrames(readable, writable, () => ({ mirror: true, nextMarker }), signal).then(
      () => null,
      (error: Error) => error.message,
    );
    return { open: all.filter(isOpen).length, failure };
  };
  const never = new AbortController().signal;
  const success = await pump(null, never);
  const failed = await pump(() => {
    throw new Error('no numbers left');
  }, never);
  const abort = new AbortController();
  const aborted = await pump(() => {
    abort.abort();
    return 1;
  }, abort.signal);
  return {
    openAfterSuccess: success.open,
    openAfterFailure: failed.open,
    openAfterAbort: aborted.open,
    failure: failed.failure,
  };
}

/** A chain of processors that keep a record. */
async function chain() {
  const order: string[] = [];
  const names = new Map<MediaStreamTrack, string>();
  const create = (name: string, fails = false): VideoProcessor => {
    let processedTrack: MediaStreamTrack | undefined;
    return {
      name,
      get processedTrack() {
        return processedTrack;
      },
      async init({ track }) {
        order.push(`init ${name} ${names.get(track)}`);
        if (fails) throw new Error('no');
        processedTrack = drawStripes(['#000']).track;
        names.set(processedTrack, name);
      },
      async restart({ track }) {
        order.push(`restart ${name} ${names.get(track)}`);
      },
      async destroy() {
        order.push(`destroy ${name}`);
      },
    };
  };
  const [input, other] = [drawStripes(['#000']).track, drawStripes(['#000']).track];
  names.set(input, 'input').set(other, 'other');
  const [a, b, c] = [create('a'), create('b'), create('c', true)];
  const running = createProcessorChain();
  await running.run(input, [a, b]);
  await running.run(other, [a, b]);
  const failure = await running.run(other, [a, c]).then(
    () => null,
    ({ code }) => code,
  );
  return { order, failure, inputs: [input.readyState, other.readyState] };
}

/** What is left of processors that are ended while they are being made: by a foreign chain, and by our own. */
async function endEarly(path: 'worker' | 'canvas') {
  const made: MediaStreamTrack[] = [];
  const order: string[] = [];
  let arrive: () => void = () => undefined;
  const slow: VideoProcessor = {
    name: 'slow',
    get processedTrack() {
      return made[0];
    },
    init: () =>
      new Promise((resolve) => {
        order.push('init');
        arrive = () => {
          made.push(drawStripes(['#000']).track);
          resolve();
        };
      }),
    async restart() {},
    async destroy() {
      order.push('destroy');
      made[0]?.stop();
    },
  };
  const input = drawStripes(['#000']).track;
  const own = createProcessorChain();
  const running = own.run(input, [slow]);
  await own.destroy();
  arrive();
  const given = await running;

  const frames = create({ mirror: true, nextMarker: null, path });
  const opening = frames.init({ kind: 'video', track: input }).then(
    () => 'opened',
    () => 'called off',
  );
  await frames.destroy();
  const outcome = await opening;
  return {
    given,
    order,
    made: made.map(({ readyState }) => readyState),
    outcome,
    processed: frames.processedTrack ?? null,
    input: input.readyState,
  };
}

/** From here on no element renders a frame, as in a hidden page, but for the one that watches. */
function renderNothing(watcher: HTMLVideoElement) {
  const { requestVideoFrameCallback } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (this: HTMLVideoElement, callback) {
    return this === watcher ? requestVideoFrameCallback.call(this, callback) : 0;
  };
  return {
    resume: () => {
      HTMLVideoElement.prototype.requestVideoFrameCallback = requestVideoFrameCallback;
    },
  };
}

const create = (options: FrameProcessorOptions) =>
  createFrameProcessor({ createWorker: () => new Worker('/frame-worker.js', { type: 'module' }), ...options });

const frames = { create, nearest, markers, mirrorsExactly, pumpAndCount, chain, endEarly, renderNothing };
Object.assign(globalThis, { frames, FrameCounter, meanColours, drawStripes, isReady: true });

export type PageFrames = typeof frames;

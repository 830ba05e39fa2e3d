import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { ToWorker } from './frame-messages.js';
import { pumpInWorker } from './generated-frames.js';

const globals = globalThis as { MediaStreamTrackProcessor?: unknown; MediaStreamTrackGenerator?: unknown };

/** A source that repeats its last frame to whoever begins to look, as a canvas does, and goes on when told to. */
class Source {
  readonly closed: string[] = [];
  readonly streams: ReadableStream[] = [];
  #show: (name: string) => void = () => undefined;
  #close: () => void = () => undefined;
  #isEnded = false;

  constructor(readonly name: string) {}

  look(): ReadableStream {
    if (this.#isEnded) throw new TypeError('The track has ended.');
    const stream = new ReadableStream(
      {
        start: (controller) => {
          this.#show = (frame) =>
            controller.enqueue({ close: () => this.closed.push(`${this.name}: ${frame} closed`) });
          this.#close = () => controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    this.streams.push(stream);
    this.#show('repeated');
    return stream;
  }

  show(name: string): void {
    this.#show(name);
  }

  end(): void {
    this.#isEnded = true;
    this.#close();
  }
}

class FakeWorker extends EventTarget {
  onmessage: ((event: { data: object }) => void) | null = null;
  readonly ran: ReadableStream[] = [];
  isTerminated = false;

  constructor() {
    super();
    queueMicrotask(() => this.onmessage?.({ data: { type: 'ready' } }));
  }

  postMessage(message: ToWorker): void {
    if (message.type === 'run') this.ran.push(message.readable);
    if (message.type === 'stop') {
      this.dispatchEvent(Object.assign(new Event('message'), { data: { type: 'stopped' } }));
    }
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

let outputs: { isStopped: boolean }[] = [];

beforeEach(() => {
  outputs = [];
  // Time passes in a test when it says so.
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
  globals.MediaStreamTrackProcessor = class {
    readonly readable: ReadableStream;
    constructor({ track }: { track: Source }) {
      this.readable = track.look();
    }
  };
  globals.MediaStreamTrackGenerator = class {
    readonly writable = new WritableStream();
    isStopped = false;
    constructor() {
      outputs.push(this);
    }
    stop(): void {
      this.isStopped = true;
    }
  };
});
afterEach(() => {
  jest.useRealTimers();
  delete globals.MediaStreamTrackProcessor;
  delete globals.MediaStreamTrackGenerator;
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const asTrack = (source: Source) => source as unknown as MediaStreamTrack;

function start(source: Source) {
  const worker = new FakeWorker();
  const options = { mirror: true, nextMarker: null, createWorker: () => worker as unknown as Worker };
  const opening = pumpInWorker(asTrack(source), options, new AbortController().signal);
  return { worker, opening };
}

test('a stream goes to the worker right after a frame, those that came before are closed in the page', async () => {
  const source = new Source('a');
  const { worker, opening } = start(source);
  await settled();
  expect([worker.ran, source.closed]).toEqual([[], ['a: repeated closed']]);
  source.show('drawn');
  const workshop = await opening;
  expect(source.closed).toEqual(['a: repeated closed', 'a: drawn closed']);
  expect(worker.ran).toEqual(source.streams);
  expect(worker.ran[0]?.locked).toBe(false);
  await workshop?.close();
});

test('nothing waits for frames any longer once they have come', async () => {
  const source = new Source('a');
  const { opening } = start(source);
  await settled();
  expect(jest.getTimerCount()).toBe(1);
  source.show('drawn');
  const workshop = await opening;
  expect(jest.getTimerCount()).toBe(0);
  await workshop?.close();
  expect(jest.getTimerCount()).toBe(0);
});

test('a picture that stands still goes to the worker from a stream that has its only frame before it', async () => {
  const source = new Source('a');
  const { worker, opening } = start(source);
  await settled();
  jest.runOnlyPendingTimers();
  const workshop = await opening;
  expect(source.streams).toHaveLength(2);
  expect(worker.ran).toEqual([source.streams[1]]);
  expect(source.closed).toEqual(['a: repeated closed']);
  await workshop?.close();
});

test('of two inputs in a row the worker gets the last, and none once it is closed', async () => {
  const [first, second, third] = [new Source('1'), new Source('2'), new Source('3')];
  const { worker, opening } = start(first);
  await settled();
  first.show('drawn');
  const workshop = await opening;
  const changing = Promise.all([workshop?.setInput(asTrack(second)), workshop?.setInput(asTrack(third))]);
  await settled();
  third.show('drawn');
  second.show('drawn');
  await changing;
  expect(worker.ran).toEqual([first.streams[0], third.streams[0]]);
  const late = workshop?.setInput(asTrack(first));
  await workshop?.close();
  first.show('drawn');
  await late;
  expect(worker.ran).toHaveLength(2);
});

test.each(['before', 'after'] as const)(
  'an input that ends %s its first frame leaves no worker, and no track',
  async (when) => {
    const source = new Source('a');
    const { worker, opening } = start(source);
    if (when === 'after') await settled();
    source.end();
    expect(await opening).toBeNull();
    expect(worker.isTerminated).toBe(true);
    expect(outputs).toEqual([expect.objectContaining({ isStopped: true })]);
  },
);

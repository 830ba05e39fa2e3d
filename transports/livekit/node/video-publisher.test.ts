import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { Failure } from '../../../core/errors.js';
import { type I420Frame, i420Length } from '../../media/node/i420-frame.js';
import type { NodeVideoTrack } from '../../media/node/local-stream.js';
import { acquireLiveKitNode, type LiveKitNode, type NativeHold } from './native.js';
import { createFrameCapture, createVideoPublisher, type VideoPublisher } from './video-publisher.js';

const size = { width: 64, height: 48 };
const length = i420Length(size.width, size.height);
const frameOf = (data: Uint8Array): I420Frame => ({ data, ...size });
const darkest = 20;
const filled = (value: number): Uint8Array => new Uint8Array(length).fill(value);

describe('with the native library', () => {
  let hold: NativeHold;
  beforeAll(async () => {
    hold = await acquireLiveKitNode();
  });
  afterAll(() => hold.release());

  /** Captures frames until they come out at the other end of the native source, and returns what came out. */
  async function loopedBack(frame: I420Frame): Promise<Uint8Array> {
    const { rtc } = hold;
    const source = new rtc.VideoSource(size.width, size.height);
    const track = rtc.LocalVideoTrack.createVideoTrack('camera', source);
    const reader = new rtc.VideoStream(track).getReader();
    createFrameCapture(rtc, source, size)(frame);
    let data: Uint8Array = new Uint8Array();
    // Before the first frame is captured, the library may have sent a black one of its own.
    while ((data[0] ?? 0) < darkest) data = (await reader.read()).value?.frame.data ?? data;
    await reader.cancel();
    await track.close(true);
    return data;
  }

  it('sends the very bytes of a frame', async () => {
    const data = Uint8Array.from({ length }, (_, at) => darkest + (at & 0x7f));
    expect(Buffer.compare(await loopedBack(frameOf(data)), data)).toBe(0);
  });

  it('sends the right bytes of a frame that begins inside its buffer', async () => {
    const pool = new Uint8Array(length + 100).fill(70);
    pool.fill(99, 50, 50 + length);
    expect(Buffer.compare(await loopedBack(frameOf(pool.subarray(50, 50 + length))), filled(99))).toBe(0);
  });

  it('sends the right bytes of a frame in shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(length)).fill(77);
    expect(Buffer.compare(await loopedBack(frameOf(shared)), filled(77))).toBe(0);
  });
});

/** Stands in for the library where a test must see that nothing native is reached. */
function createFake() {
  const captured: Uint8Array[] = [];
  let closed = 0;
  class VideoSource {
    captureFrame(frame: { data: Uint8Array }): void {
      captured.push(Uint8Array.from(frame.data));
    }
  }
  class VideoFrame {
    constructor(readonly data: Uint8Array) {}
  }
  const LocalVideoTrack = {
    createVideoTrack: () => ({
      close: async () => {
        closed += 1;
      },
    }),
  };
  const rtc = { VideoSource, VideoFrame, LocalVideoTrack, VideoBufferType: { I420: 5 } } as unknown as LiveKitNode;
  return { rtc, captured, closes: () => closed };
}

type Track = NodeVideoTrack & { readonly frames: Subject<I420Frame> };

function createTrack(): Track {
  const frames = new Subject<I420Frame>();
  return { kind: 'video', fps: 30, ...size, outgoing$: frames.asObservable(), frames };
}

function publish(track: NodeVideoTrack) {
  const fake = createFake();
  const failures: Failure[] = [];
  let ends = 0;
  const publisher = createVideoPublisher(fake.rtc, track, {
    onEnded: () => {
      ends += 1;
    },
    onFailed: (failure) => failures.push(failure),
  });
  return { ...fake, publisher, failures, ends: () => ends };
}

it.each([
  ['a short buffer', frameOf(new Uint8Array(length - 1))],
  ['a long one', frameOf(new Uint8Array(length + 1))],
  ['another size', { data: new Uint8Array(i420Length(32, 32)), width: 32, height: 32 }],
])('never hands %s to the native library, but fails for good', (_what, frame) => {
  const track = createTrack();
  const { captured, failures } = publish(track);
  track.frames.next(frame);
  expect(captured).toEqual([]);
  expect(failures).toEqual([expect.objectContaining({ code: 'INVALID_INPUT', permanent: true })]);
  expect(track.frames.observed).toBe(false);
});

it('refuses a size that the native library would crop', () => {
  expect(() => publish({ ...createTrack(), width: 62 })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

it('distinguishes the end of the source from its failure', () => {
  const [ending, failing] = [createTrack(), createTrack()];
  const [ended, failed] = [publish(ending), publish(failing)];
  ending.frames.complete();
  failing.frames.error(new Error('The camera is gone.'));
  expect([ended.ends(), ended.failures]).toEqual([1, []]);
  expect([failed.ends(), failed.failures]).toEqual([
    0,
    [
      {
        code: 'INVALID_INPUT',
        message: 'The source of local video failed.',
        permanent: true,
        cause: expect.any(Error),
      },
    ],
  ]);
});

it('switches from one track to another, and reports its first frame', () => {
  const [first, second] = [createTrack(), createTrack()];
  const { publisher, captured } = publish(first);
  let firstFrames = 0;
  first.frames.next(frameOf(filled(1)));
  publisher.switchTo(second, () => {
    firstFrames += 1;
  });
  expect([first.frames.observed, firstFrames]).toEqual([false, 0]);
  second.frames.next(frameOf(filled(2)));
  second.frames.next(frameOf(filled(3)));
  expect(captured.map((data) => data[0])).toEqual([1, 2, 3]);
  expect(firstFrames).toBe(1);
});

it.each([
  [
    'that is switched away from before its first frame',
    (publisher: VideoPublisher) => publisher.switchTo(createTrack(), () => undefined),
  ],
  ['that ends before its first frame', (_publisher: VideoPublisher, track: Track) => track.frames.complete()],
])('reports a track %s as switched to, once: nobody waits for it', (_which, leave) => {
  const track = createTrack();
  const { publisher } = publish(createTrack());
  let reports = 0;
  publisher.switchTo(track, () => {
    reports += 1;
  });
  expect(reports).toBe(0);
  leave(publisher, track);
  expect(reports).toBe(1);
  publisher.switchTo(createTrack(), () => undefined);
  expect(reports).toBe(1);
});

it('lets go of the source and closes the native track', async () => {
  const track = createTrack();
  const { publisher, closes } = publish(track);
  await publisher.close();
  expect([track.frames.observed, closes()]).toEqual([false, 1]);
});

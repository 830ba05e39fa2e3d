import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { stampMarker } from '../../../core/latency/marker.js';
import { type I420Frame, i420Length } from '../../media/node/i420-frame.js';
import { withAudio } from '../../media/node/remote-stream.js';
import { acquireLiveKitNode, type LiveKitNode, type NativeHold } from './native.js';
import { createRemoteStream, type RemoteVideoTrack } from './remote-stream.js';
import { createFrameCapture } from './video-publisher.js';

const size = { width: 256, height: 64 };
const i420 = 5;

interface FakeFrame {
  data: Uint8Array;
  width: number;
  height: number;
  type: number;
  convert?(type: number): FakeFrame;
}

const frameOf = (value: number): FakeFrame => ({
  data: new Uint8Array(i420Length(size.width, size.height)).fill(value),
  ...size,
  type: i420,
});

/** A library whose video stream the test feeds. */
function createFake() {
  let controller: ReadableStreamDefaultController<unknown> | undefined;
  let cancels = 0;
  class VideoStream extends ReadableStream<unknown> {
    constructor() {
      super({
        start: (given) => {
          controller = given;
        },
        cancel: () => {
          cancels += 1;
        },
      });
    }
  }
  const rtc = { VideoStream, VideoBufferType: { I420: i420 } } as unknown as LiveKitNode;
  return {
    rtc,
    send: (frame: FakeFrame) => controller?.enqueue({ frame, timestampUs: 5n }),
    fail: (error: Error) => controller?.error(error),
    cancels: () => cancels,
    /** Frames that wait to be read. */
    unread: () => 1 - (controller?.desiredSize ?? 1),
  };
}

function receive(onMarker: ((seq: number) => void) | null = null) {
  const fake = createFake();
  const events: string[] = [];
  const tracks = { videoTrack: {} as RemoteVideoTrack, audioTrack: null };
  const stream = createRemoteStream(fake.rtc, tracks, {
    onFirstFrame: () => events.push('firstFrame'),
    onMarker,
    onFailed: (error) => events.push(String(error)),
  });
  return { ...fake, stream, events };
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('goes on for whoever holds it when an audio track comes, and ends with the stream that has both', async () => {
  const { stream, send, cancels } = receive();
  const audioTrack = {};
  const both = withAudio(stream, audioTrack);
  const seen: string[] = [];
  stream.frames$.subscribe({ next: () => seen.push('older'), complete: () => seen.push('older done') });
  both.frames$.subscribe({ next: () => seen.push('newer'), complete: () => seen.push('newer done') });
  send(frameOf(1));
  await immediate();
  await immediate();
  expect([both.videoTrack === stream.videoTrack, both.audioTrack, stream.audioTrack]).toEqual([true, audioTrack, null]);
  expect([both.framesReceived, stream.framesReceived]).toEqual([1, 1]);
  await both.dispose();
  expect(seen).toEqual(['older', 'newer', 'older done', 'newer done']);
  expect(cancels()).toBe(1);
});

it('emits the latest of the frames that came while the event loop was busy, and counts them all', async () => {
  const { stream, send, events } = receive();
  const seen: (number | undefined)[] = [];
  stream.frames$.subscribe(({ data }) => seen.push(data[0]));
  for (let value = 1; value <= 50; value += 1) send(frameOf(value));
  await immediate();
  await immediate();
  expect(seen).toEqual([50]);
  expect(stream.framesReceived).toBe(50);
  send(frameOf(51));
  await immediate();
  await immediate();
  expect(seen).toEqual([50, 51]);
  expect(events).toEqual(['firstFrame']);
  await stream.dispose();
});

it('reads on when nobody watches, and shares one reading among all who do', async () => {
  const { stream, send, unread } = receive();
  for (let value = 0; value < 30; value += 1) send(frameOf(value));
  await immediate();
  await immediate();
  expect([stream.framesReceived, unread()]).toEqual([30, 0]);
  const both = Promise.all([firstValueFrom(stream.frames$), firstValueFrom(stream.frames$)]);
  send(frameOf(2));
  const [one, other] = await both;
  expect(one).toBe(other);
  expect(one).toMatchObject({ ...size, timestampUs: 5 });
  await stream.dispose();
});

it('reads the markers of all frames, also of those it passes over', async () => {
  const markers: number[] = [];
  const { stream, send } = receive((seq) => markers.push(seq));
  for (const seq of [7, 8, 9]) {
    const frame = frameOf(0);
    stampMarker(frame.data, size.width, size.height, size.width, seq);
    send(frame);
  }
  send(frameOf(3));
  await immediate();
  expect(markers).toEqual([7, 8, 9]);
  await stream.dispose();
});

it('converts what was decoded into another layout', async () => {
  const { stream, send } = receive();
  const next = firstValueFrom(stream.frames$);
  send({ ...frameOf(1), type: 9, convert: (type) => ({ ...frameOf(4), type }) });
  expect((await next).data[0]).toBe(4);
  await stream.dispose();
});

it('cancels the reading and completes when disposed of, once', async () => {
  const { stream, send, events, cancels } = receive();
  let completions = 0;
  stream.frames$.subscribe({
    next: () => events.push('frame'),
    complete: () => {
      completions += 1;
    },
  });
  send(frameOf(1));
  await Promise.all([stream.dispose(), stream.dispose()]);
  await immediate();
  expect({ completions, cancels: cancels(), events }).toEqual({ completions: 1, cancels: 1, events: [] });
});

it('reports when reading fails', async () => {
  const { events, fail } = receive();
  fail(new Error('gone'));
  await immediate();
  expect(events).toEqual(['Error: gone']);
});

it('has no frames without a video track', async () => {
  const { rtc } = createFake();
  const listener = { onFirstFrame: () => undefined, onMarker: null, onFailed: () => undefined };
  const stream = createRemoteStream(rtc, { videoTrack: null, audioTrack: null }, listener);
  const frames: I420Frame[] = [];
  const completed = new Promise<void>((resolve) => {
    stream.frames$.subscribe({ next: (frame) => frames.push(frame), complete: resolve });
  });
  await stream.dispose();
  await completed;
  expect(frames).toEqual([]);
});

describe('with the native library', () => {
  let hold: NativeHold;
  beforeAll(async () => {
    hold = await acquireLiveKitNode();
  });
  afterAll(() => hold.release());

  it('holds no more than a few frames, however many come unwatched', async () => {
    const { rtc } = hold;
    const large = { width: 1280, height: 720 };
    const source = new rtc.VideoSource(large.width, large.height);
    const track = rtc.LocalVideoTrack.createVideoTrack('camera', source);
    const stream = createRemoteStream(
      rtc,
      { videoTrack: track as unknown as RemoteVideoTrack, audioTrack: null },
      { onFirstFrame: () => undefined, onMarker: null, onFailed: () => undefined },
    );
    const capture = createFrameCapture(rtc, source, large);
    const data = new Uint8Array(i420Length(large.width, large.height));
    const bytesBefore = process.memoryUsage().external;
    const few = 60 * data.length;
    let held = 0;
    // What waits for the next garbage collection is held, too: when that comes depends on all else in this process.
    while (stream.framesReceived < 150 || (held > few && stream.framesReceived < 1_000)) {
      capture({ data, ...large });
      await immediate();
      held = process.memoryUsage().external - bytesBefore;
    }
    await stream.dispose();
    await track.close(true);
    // Unread, all of them would be.
    expect(held).toBeLessThanOrEqual(few);
  });
});

import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { I420Frame } from '../../../transports/livekit/node/index.js';
import { y4mFrames } from './y4m.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const picture = (value: number, length = 24): Buffer => Buffer.alloc(length, value);

/** A Y4M stream of 4x4 pictures. */
const clip = (header: string, ...values: number[]): Buffer =>
  Buffer.concat([text(`${header}\n`), ...values.flatMap((value) => [text('FRAME\n'), picture(value)])]);

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));

async function read(chunks: readonly Uint8Array[]): Promise<I420Frame[]> {
  const frames: I420Frame[] = [];
  for await (const frame of y4mFrames(chunks)) frames.push(frame);
  return frames;
}

it.each([1, 2, 3, 7, 24, 25, 1000])('reads the same frames from chunks of %d bytes', async (size) => {
  const frames = await read(cut(clip('YUV4MPEG2 W4 H4 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG', 1, 2, 3), size));
  expect(frames).toEqual([
    { data: new Uint8Array(24).fill(1), width: 4, height: 4, timestampUs: 0 },
    { data: new Uint8Array(24).fill(2), width: 4, height: 4, timestampUs: 33_367 },
    { data: new Uint8Array(24).fill(3), width: 4, height: 4, timestampUs: 66_733 },
  ]);
});

it('gives each frame bytes of its own', async () => {
  const [first, second] = await read([clip('YUV4MPEG2 W4 H4 F30:1', 1, 2)]);
  expect(first?.data.buffer).not.toBe(second?.data.buffer);
  expect(first?.data.byteOffset).toBe(0);
});

it('reads frames with parameters, and a stream without a rate', async () => {
  const bytes = Buffer.concat([text('YUV4MPEG2 W4 H4\nFRAME Ip\n'), picture(9)]);
  expect(await read([bytes])).toEqual([{ data: new Uint8Array(24).fill(9), width: 4, height: 4 }]);
});

it('reads a stream without frames', async () => {
  expect(await read([text('YUV4MPEG2 W4 H4\n')])).toEqual([]);
});

it('asks for no more than it is asked for, and lets go of the stream', async () => {
  const readable = Readable.from(cut(clip('YUV4MPEG2 W4 H4', 1, 2, 3, 4, 5, 6), 8));
  for await (const frame of y4mFrames(readable)) {
    expect(frame.data[0]).toBe(1);
    break;
  }
  expect(readable.destroyed).toBe(true);
});

describe('refuses', () => {
  it.each([
    ['nothing at all', '', /does not begin with YUV4MPEG2/],
    ['another kind of file', '\x00\x00\x00\x20ftypisom', /does not begin with YUV4MPEG2/],
    ['a longer magic', 'YUV4MPEG20 W4 H4\n', /does not begin with YUV4MPEG2/],
    ['a header without a size', 'YUV4MPEG2 F30:1\n', /no width and height/],
    ['a size that is no number', 'YUV4MPEG2 W4x H4\n', /no width and height/],
    ['an odd size', 'YUV4MPEG2 W5 H4\n', /5x4, and only even sizes/],
    ['another colour space', 'YUV4MPEG2 W4 H4 C444\n', /colour space is C444/],
    ['more than 8 bits', 'YUV4MPEG2 W4 H4 C420p10\n', /colour space is C420p10/],
    ['interlaced video', 'YUV4MPEG2 W4 H4 It\n', /interlaced/],
    ['a header without an end', `YUV4MPEG2 ${'X'.repeat(3000)}`, /no width and height/],
    ['something between frames', 'YUV4MPEG2 W4 H4\nFRAMES\n', /frame 0 does not begin with FRAME/],
  ])('%s', async (_what, stream, message) => {
    await expect(read([text(stream)])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    });
  });

  it('a stream that ends within a frame, and says where', async () => {
    const bytes = clip('YUV4MPEG2 W4 H4', 1, 2);
    await expect(read([bytes.subarray(0, bytes.length - 5)])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/ends within frame 1, after 19 of 24 bytes/),
      data: { frameNumber: 1, expectedBytes: 24, actualBytes: 19 },
    });
  });

  it('a stream of text', async () => {
    await expect(read(['YUV4MPEG2'] as unknown as Uint8Array[])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      cause: expect.any(TypeError),
    });
  });

  it('a stream that fails, with its error as the cause', async () => {
    const failing = new Readable({ read: () => failing.destroy(new Error('disk error')) });
    const reading = y4mFrames(failing).next();
    await expect(reading).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      cause: expect.objectContaining({ message: 'disk error' }),
    });
  });
});

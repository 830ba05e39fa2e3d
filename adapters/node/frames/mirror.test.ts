import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { i420Length } from '../../../transports/livekit/node/index.js';
import { createFrameMirror, createPlainMirror, mirror } from './mirror.js';

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7919 + (at >> 3)) & 0xff);

/** Pixel by pixel, as the definition says. */
function expectedMirror(data: Uint8Array, width: number, height: number): Uint8Array {
  const result = new Uint8Array(data.length);
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  const planes: [number, number, number][] = [
    [0, width, height],
    [width * height, chromaWidth, chromaHeight],
    [width * height + chromaWidth * chromaHeight, chromaWidth, chromaHeight],
  ];
  for (const [at, columns, rows] of planes) {
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        result[at + y * columns + x] = data[at + y * columns + columns - 1 - x] as number;
      }
    }
  }
  return result;
}

describe.each([
  ['the kernel', createFrameMirror],
  ['plain JavaScript', createPlainMirror],
])('mirroring by %s', (_name, create) => {
  it('turns every row around, at every width up to 140', () => {
    const wrong: number[] = [];
    for (let width = 1; width <= 140; width += 1) {
      const frame = noise(i420Length(width, 3));
      const turning = create({ width, height: 3 });
      turning.data.set(frame);
      turning.run();
      if (Buffer.compare(turning.data, expectedMirror(frame, width, 3)) !== 0) wrong.push(width);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    [640, 360],
    [1088, 624],
    [1280, 720],
  ])('gives the frame back when run twice, at %dx%d', (width, height) => {
    const frame = noise(i420Length(width, height));
    const turning = create({ width, height });
    turning.data.set(frame);
    turning.run();
    expect(Buffer.compare(turning.data, expectedMirror(frame, width, height))).toBe(0);
    turning.run();
    expect(Buffer.compare(turning.data, frame)).toBe(0);
  });

  it('works in bytes that the native library can be handed', () => {
    const { data } = create({ width: 64, height: 4 });
    expect(data.byteOffset).toBe(0);
    expect(data.length).toBe(384);
  });
});

describe('mirror', () => {
  it('returns a copy and leaves the frame alone', () => {
    const data = noise(i420Length(20, 2));
    const before = Uint8Array.from(data);
    const mirrored = mirror({ data, width: 20, height: 2, timestampUs: 5 });
    expect(mirrored.data).toEqual(expectedMirror(before, 20, 2));
    expect(mirrored.timestampUs).toBe(5);
    expect(data).toEqual(before);
  });

  it('refuses a frame of the wrong length', () => {
    expect(() => mirror({ data: new Uint8Array(10), width: 4, height: 4 })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', data: { expectedBytes: 24, actualBytes: 10 } }),
    );
  });
});

it('ships the kernel that its source assembles to', () => {
  const script = join(__dirname, '../../../scripts/assemble-mirror.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

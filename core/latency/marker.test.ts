import fc from 'fast-check';
import { markerHeight, markerWidth, readMarker, readMarkerRgba, stampMarker, stampMarkerRgba } from './marker.js';

// Taken out of the global once: looking it up for every pixel is slow inside the test runner.
const { ceil, floor, max, min, round } = Math;

interface Plane {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

// A small generator (xorshift32), so that a failure can be repeated.
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000;
  };
}

function noisePlane(width: number, height: number, random: () => number): Plane {
  // Four pixels out of each random number.
  const words = new Uint32Array(ceil((width * height) / 4));
  for (let index = 0; index < words.length; index += 1) words[index] = random() * 0x100000000;
  return { data: new Uint8Array(words.buffer, 0, width * height), width, height };
}

function rescaled(plane: Plane, factor: number, mode: 'nearest' | 'bilinear'): Plane {
  const width = round(plane.width * factor);
  const height = round(plane.height * factor);
  const data = new Uint8Array(width * height);
  const at = (x: number, y: number): number => {
    const column = min(plane.width - 1, max(0, x));
    return plane.data[min(plane.height - 1, max(0, y)) * plane.width + column] ?? 0;
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const fromX = (x + 0.5) / factor;
      const fromY = (y + 0.5) / factor;
      if (mode === 'nearest') {
        data[y * width + x] = at(floor(fromX), floor(fromY));
        continue;
      }
      const left = floor(fromX - 0.5);
      const top = floor(fromY - 0.5);
      const right = fromX - 0.5 - left;
      const below = fromY - 0.5 - top;
      data[y * width + x] =
        (at(left, top) * (1 - right) + at(left + 1, top) * right) * (1 - below) +
        (at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right) * below;
    }
  }
  return { data, width, height };
}

function blurred(plane: Plane, radius: number): Plane {
  const { width, height } = plane;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      let count = 0;
      for (let j = max(0, y - radius); j <= min(height - 1, y + radius); j += 1) {
        for (let i = max(0, x - radius); i <= min(width - 1, x + radius); i += 1) {
          sum += plane.data[j * width + i] ?? 0;
          count += 1;
        }
      }
      data[y * width + x] = sum / count;
    }
  }
  return { data, width, height };
}

function noisy(plane: Plane, amplitude: number, random: () => number): Plane {
  const data = new Uint8Array(plane.data.length);
  plane.data.forEach((value, index) => {
    data[index] = max(0, min(255, value + (random() * 2 - 1) * amplitude));
  });
  return { ...plane, data };
}

const read = ({ data, width, height }: Plane) => readMarker(data, width, height, width);

function stamped(seq: number, random: () => number, width = 200, height = 36): Plane {
  const plane = noisePlane(width, height, random);
  expect(stampMarker(plane.data, width, height, width, seq)).toBe(true);
  return plane;
}

const seqs = [0, 1, 0x5555, 0xaaaa, 0xffff, 0x8000, 0x0f0f, 12_345, 54_321, 0xf0f1];
const cells = [8, 4, 6, 2, 12, 10, 16, 5, 7, 14, 3];

describe('the marker', () => {
  it('comes back for every number', () => {
    const plane = new Uint8Array(markerWidth * markerHeight);
    const wrong: number[] = [];
    for (let seq = 0; seq < 0x10000; seq += 1) {
      stampMarker(plane, markerWidth, markerHeight, markerWidth, seq);
      if (readMarker(plane, markerWidth, markerHeight, markerWidth) !== seq) wrong.push(seq);
    }
    expect(wrong).toEqual([]);
  });

  it('comes back for every number out of RGBA pixels', () => {
    const pixels = new Uint8ClampedArray(markerWidth * markerHeight * 4);
    const wrong: number[] = [];
    for (let seq = 0; seq < 0x10000; seq += 31) {
      stampMarkerRgba(pixels, markerWidth, markerHeight, markerWidth * 4, seq);
      if (readMarkerRgba(pixels, markerWidth, markerHeight, markerWidth * 4) !== seq) wrong.push(seq);
    }
    expect(wrong).toEqual([]);
  });

  it('lies bottom-left with its cells as specified', () => {
    const [width, height, stride] = [200, 40, 210];
    const plane = new Uint8Array(stride * height).fill(7);
    expect(stampMarker(plane, width, height, stride, 0x8001)).toBe(true);
    // Sync, the number with the most significant bit first, and the XOR of its nibbles: 8 ^ 0 ^ 0 ^ 1 = 9.
    const bits = '1010'.concat('1000000000000001', '1001');
    const expected = new Uint8Array(stride * height).fill(7);
    for (let y = height - 32; y < height; y += 1) {
      for (let x = 0; x < 192; x += 1) expected[y * stride + x] = bits[x >> 3] === '1' ? 200 : 50;
    }
    expect(Buffer.compare(plane, expected)).toBe(0);
    expect(readMarker(plane, width, height, stride)).toBe(0x8001);
  });

  it('is opaque grey in RGBA and leaves the rest of the frame alone', () => {
    const [width, height, stride] = [193, 33, 800];
    const pixels = new Uint8Array(stride * height).fill(9);
    expect(stampMarkerRgba(pixels, width, height, stride, 0xffff)).toBe(true);
    expect([...pixels.slice(stride, stride + 4)]).toEqual([200, 200, 200, 255]);
    expect([...pixels.slice(stride + 32, stride + 36)]).toEqual([50, 50, 50, 255]);
    expect(pixels.slice(0, stride).every((value) => value === 9)).toBe(true);
    expect(pixels.slice(stride + 192 * 4, stride * 2).every((value) => value === 9)).toBe(true);
  });

  it.each([
    ['too narrow', 191, 32, 191, 191 * 32],
    ['too low', 192, 31, 192, 192 * 31],
    ['shorter than its plane should be', 192, 32, 192, 192 * 32 - 1],
    ['wider than its stride', 192, 32, 191, 192 * 32],
    ['of no width', Number.NaN, 32, 192, 192 * 32],
    ['of broken height', 192, 32.5, 192, 192 * 40],
  ])('does not touch a frame that is %s', (_, width, height, stride, length) => {
    const plane = new Uint8Array(length);
    expect(stampMarker(plane, width, height, stride, 0xffff)).toBe(false);
    expect(plane.every((value) => value === 0)).toBe(true);
    expect(readMarker(plane, width, height, stride)).toBeNull();
    expect(stampMarkerRgba(plane, width, height, stride, 1)).toBe(false);
    expect(readMarkerRgba(plane, width, height, stride)).toBeNull();
  });

  it.each(cells.flatMap((cell) => (['nearest', 'bilinear'] as const).map((mode) => [cell, mode] as const)))(
    'is read with cells of %d pixels, scaled %s, with noise and blur too',
    (cell, mode) => {
      const random = randomSource(cell);
      for (const seq of seqs) {
        const frame = rescaled(stamped(seq, random), cell / 8, mode);
        expect(read(frame)).toBe(seq);
        expect(read(noisy(frame, 50, random))).toBe(seq);
        expect(read(noisy(blurred(frame, floor(cell / 4)), 30, random))).toBe(seq);
      }
    },
  );

  it('is read when one row is damaged: its data by majority, its sync by leaving it out', () => {
    const random = randomSource(5);
    for (const seq of seqs) {
      const plane = stamped(seq, random);
      const row = plane.height - 16;
      for (let y = row; y < row + 8; y += 1) {
        for (let x = 32; x < 192; x += 1)
          plane.data[y * plane.width + x] = 250 - (plane.data[y * plane.width + x] ?? 0);
      }
      expect(read(plane)).toBe(seq);
      plane.data.fill(0, row * plane.width, (row + 8) * plane.width);
      expect(read(plane)).toBe(seq);
    }
  });

  it('is refused when the checksum does not match', () => {
    const plane = stamped(0x1234, randomSource(9));
    for (let y = plane.height - 32; y < plane.height; y += 1)
      plane.data.fill(200, y * plane.width + 32, y * plane.width + 40);
    expect(read(plane)).toBeNull();
  });

  it('is never read as another number, however it is scaled, beyond what a 4-bit checksum lets through', () => {
    const random = randomSource(77);
    let frames = 0;
    let wrong = 0;
    for (let factor = 0.25; factor <= 2; factor += 0.007) {
      const seq = floor(random() * 0x10000);
      const answer = read(rescaled(stamped(seq, random), factor, 'bilinear'));
      frames += 1;
      if (answer !== null && answer !== seq) wrong += 1;
    }
    expect(frames).toBe(251);
    expect(wrong).toBeLessThanOrEqual(frames / 64);
  });

  it('is found in random frames hardly ever', () => {
    const random = randomSource(1);
    let found = 0;
    for (let frame = 0; frame < 1000; frame += 1) if (read(noisePlane(300, 48, random)) !== null) found += 1;
    expect(found).toBeLessThanOrEqual(1000 / 16 / 16);
  });

  it('is not found in flat frames', () => {
    for (const level of [0, 50, 127, 128, 200, 255]) {
      expect(read({ data: new Uint8Array(400 * 64).fill(level), width: 400, height: 64 })).toBeNull();
    }
  });

  it('survives the round trip in any frame that it fits into', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 192, max: 700 }),
        fc.integer({ min: 32, max: 100 }),
        fc.nat(64),
        fc.nat(0xffff),
        (width, height, padding, seq) => {
          const stride = width + padding;
          const plane = new Uint8Array(stride * height);
          expect(stampMarker(plane, width, height, stride, seq)).toBe(true);
          expect(readMarker(plane, width, height, stride)).toBe(seq);
        },
      ),
    );
  });
});

// A moving picture that says its number a second time, in blocks so large that no codec loses them.
import type { FrameSize, I420Frame } from '../index.js';
import { createTestPattern } from '../test-pattern.js';

const bits = 16;
const dark = 40;
const bright = 210;

/** The test pattern with the frame's number in two bands at the top: once as it is, once inverted. */
export function createNumberedPicture(size: FrameSize): (number: number) => I420Frame {
  const draw = createTestPattern(size);
  const { width, height } = size;
  const band = bandHeight(height);
  return (number) => {
    const frame = draw(number);
    for (let y = 0; y < 2 * band; y += 1) {
      for (let bit = 0; bit < bits; bit += 1) {
        const isSet = ((number >> bit) & 1) === 1;
        const from = y * width + Math.round((bit * width) / bits);
        const to = y * width + Math.round(((bit + 1) * width) / bits);
        frame.data.fill(isSet === y < band ? bright : dark, from, to);
      }
    }
    return frame;
  };
}

/** The number in the bands, whatever the frame's size; null where they contradict each other. */
export function readPictureNumber({ data, width, height }: I420Frame): number | null {
  const band = bandHeight(height);
  let number = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    const x = Math.round(((bit + 0.5) * width) / bits);
    const first = (data[(band >> 1) * width + x] ?? 0) > 125;
    const second = (data[(band + (band >> 1)) * width + x] ?? 0) > 125;
    if (first === second) return null;
    if (first) number |= 1 << bit;
  }
  return number;
}

const bandHeight = (height: number): number => Math.round(height / 14);

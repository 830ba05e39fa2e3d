// A moving picture that says its number a second time, in blocks so large that no codec loses them.
import { seededRandom } from '../../../testkit/simulator/sfu/faults/random.js';
import { createTestPattern } from '../frames/test-pattern.js';
import type { FrameSize, I420Frame } from '../index.js';

const bits = 16;
const dark = 40;
const bright = 210;

/**
 * The test pattern under noise that changes with each frame, so that the encoder needs all the bits that it is given,
 * with the frame's number in two bands at the top: once as it is, once inverted. `noise`: luma levels, 1 to 64.
 */
export function createNumberedPicture(size: FrameSize, noise: number): (number: number) => I420Frame {
  const random = seededRandom(1);
  const speckles = Uint8Array.from({ length: 0x10000 }, () => Math.floor(random() * noise));
  const draw = createTestPattern(size);
  const { width, height } = size;
  const band = bandHeight(height);
  return (number) => {
    const frame = draw(number);
    for (let at = 0; at < width * height; at += 1) {
      const speckle = speckles[((at >> 2) * 40_503 + number * 7919) & 0xffff] ?? 0;
      frame.data[at] = ((frame.data[at] ?? 0) >> 1) + speckle + 32;
    }
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

/** The number in the bands, for any frame size; null where they contradict each other. */
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

import { describe, expect, test } from '@jest/globals';
import { readMarker, stampMarker } from '../../../core/latency/marker.js';
import { createPictureMaker, type Frame } from './picture.js';
import { createRestyler } from './restyler.js';
import { type Style, styleOf } from './style.js';

const WIDTH = 320;
const HEIGHT = 180;
const CHROMA = (WIDTH / 2) * (HEIGHT / 2);
const IMAGE = Uint8Array.of(0xff, 0xd8, 1, 2, 3);

// Comparing megabytes element by element takes the matcher seconds.
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A grey ramp with a bright square and some colour in it. */
function picture(width = WIDTH, height = HEIGHT): Frame {
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inSquare = x > width / 3 && x < width / 2 && y > height / 3 && y < height / 2;
      data[y * width + x] = inSquare ? 220 : 60 + Math.floor((100 * x) / width);
    }
  }
  data.fill(150, width * height, width * height + (width * height) / 8);
  return { data, width, height };
}

function restyled(prompt: string | null, image: Uint8Array | null = null): Uint8Array {
  const maker = createPictureMaker(true, false);
  maker.changeStyle({ prompt, image });
  const frame = picture();
  maker.render(frame);
  return frame.data;
}

type Colour = readonly [y: number, u: number, v: number];

function meanColour(data: Uint8Array): Colour {
  const mean = (start: number, length: number) =>
    data.subarray(start, start + length).reduce((sum, value) => sum + value, 0) / length;
  const luma = WIDTH * HEIGHT;
  return [mean(0, luma), mean(luma, CHROMA), mean(luma + CHROMA, CHROMA)];
}

const distance = (a: Colour, b: Colour): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const PROMPTS = ['a rainy neon street', 'oil painting of a harbour', 'cyberpunk', 'watercolour', 'x', 'snow at night'];

describe('the style', () => {
  test('is the same for the same prompt and image', () => {
    expect(isSame(restyled('a rainy neon street', IMAGE), restyled('a rainy neon street', IMAGE))).toBe(true);
    expect(styleOf({ prompt: 'p', image: IMAGE })).toEqual(styleOf({ prompt: 'p', image: Uint8Array.from(IMAGE) }));
  });

  test('of neither prompt nor image is no change at all', () => {
    expect(isSame(restyled(null), picture().data)).toBe(true);
  });

  test.each(PROMPTS)('of "%s" is far from the input in colour', (prompt) => {
    expect(distance(meanColour(restyled(prompt)), meanColour(picture().data))).toBeGreaterThan(15);
  });

  test('of different prompts is visibly different', () => {
    for (const [index, one] of PROMPTS.entries()) {
      for (const other of PROMPTS.slice(index + 1)) {
        expect(distance(meanColour(restyled(one)), meanColour(restyled(other)))).toBeGreaterThan(10);
      }
    }
  });

  test('follows the image too, and puts a patchwork into the corner', () => {
    const without = restyled('cyberpunk');
    const one = restyled('cyberpunk', IMAGE);
    const other = restyled('cyberpunk', Uint8Array.of(9, 9, 9));
    expect(distance(meanColour(without), meanColour(one))).toBeGreaterThan(10);
    expect(distance(meanColour(one), meanColour(other))).toBeGreaterThan(10);
  });
});

describe('the restyler', () => {
  const plain: Style = {
    hueTurn: 0,
    saturation: 1,
    tint: [0, 0],
    contrast: 1,
    brightness: 0,
    edgeGain: 0,
    levels: 256,
    caption: '',
    imageHash: null,
  };

  test('with nothing to do leaves a frame as it is', () => {
    const frame = picture();
    createRestyler(plain, WIDTH, HEIGHT)(frame.data);
    expect(isSame(frame.data, picture().data)).toBe(true);
  });

  test('turns the hue by half a circle into the opposite colours', () => {
    const frame = picture();
    createRestyler({ ...plain, hueTurn: Math.PI }, WIDTH, HEIGHT)(frame.data);
    expect(frame.data[WIDTH * HEIGHT]).toBe(128 - (150 - 128));
  });

  test('draws edges where the luma changes, and nowhere else', () => {
    const frame = picture();
    const before = picture().data;
    createRestyler({ ...plain, edgeGain: -1 }, WIDTH, HEIGHT)(frame.data);
    const row = Math.floor(HEIGHT / 2.5) * WIDTH;
    const edge = row + Math.floor(WIDTH / 3) + 1;
    const inside = row + Math.floor(WIDTH / 2.5);
    expect((before[edge] ?? 0) - (frame.data[edge] ?? 0)).toBeGreaterThan(50);
    expect(frame.data[inside]).toBe(before[inside]);
  });

  test('keeps values in range at the extremes', () => {
    const frame = { data: new Uint8Array((64 * 64 * 3) / 2).fill(255), width: 64, height: 64 };
    createRestyler({ ...plain, brightness: 200, tint: [200, -400], edgeGain: 9 }, 64, 64)(frame.data);
    expect([frame.data[2000], frame.data[64 * 64], frame.data[64 * 64 + 32 * 32]]).toEqual([255, 255, 0]);
  });

  test('burns the text into a dark strip at the top', () => {
    const frame = picture();
    createRestyler({ ...plain, caption: 'Hi' }, WIDTH, HEIGHT)(frame.data);
    // Dots of 2 pixels: the first letter's left stroke starts after a margin of two dots.
    const at = (x: number, y: number) => frame.data[y * WIDTH + x];
    expect([at(4, 4), at(5, 17), at(6, 4), at(12, 4)]).toEqual([235, 235, 15, 235]);
    expect(at(4, 40)).toBe(picture().data[40 * WIDTH + 4]);
  });

  test.each([
    [64, 48],
    [1280, 720],
    [2, 2],
  ])('takes frames of %dx%d', (width, height) => {
    const style = styleOf({ prompt: 'a very long prompt '.repeat(40), image: IMAGE });
    const frame = picture(width, height);
    if (style !== null) createRestyler(style, width, height)(frame.data);
    expect(isSame(frame.data, picture(width, height).data)).toBe(false);
  });
});

describe('the latency marker', () => {
  const render = () => {
    const maker = createPictureMaker(true, true);
    maker.changeStyle({ prompt: 'a rainy neon street' });
    const frame = picture();
    stampMarker(frame.data.subarray(0, WIDTH * HEIGHT), WIDTH, HEIGHT, WIDTH, 4711);
    maker.render(frame);
    return readMarker(frame.data.subarray(0, WIDTH * HEIGHT), WIDTH, HEIGHT, WIDTH);
  };

  test('is carried from the input frame to the output frame', () => {
    expect(render()).toBe(4711);
  });

  test('is not put where there was none', () => {
    const maker = createPictureMaker(true, true);
    const frame = picture();
    maker.render(frame);
    expect(isSame(frame.data, picture().data)).toBe(true);
  });
});

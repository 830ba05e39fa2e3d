import { expect, it } from '@jest/globals';
import { requireI420 } from '../../../transports/livekit/node/index.js';
import { createTestPattern } from './test-pattern.js';

it.each([
  [1280, 720],
  [1088, 624],
  [640, 360],
  [64, 64],
  [16, 8],
])('draws whole frames at %dx%d, for as long as they move', (width, height) => {
  const draw = createTestPattern({ width, height });
  for (const frameNumber of [0, 1, 29, 1000, 1_000_001]) {
    const frame = draw(frameNumber);
    expect(() => requireI420(frame, { width, height })).not.toThrow();
  }
});

it('draws the same picture for the same number, and another for every other', () => {
  const draw = createTestPattern({ width: 320, height: 180 });
  const again = createTestPattern({ width: 320, height: 180 });
  const seen = new Set<string>();
  for (let frameNumber = 0; frameNumber < 120; frameNumber += 1) {
    const picture = Buffer.from(draw(frameNumber).data);
    expect(picture.equals(again(frameNumber).data)).toBe(true);
    seen.add(picture.toString('latin1'));
  }
  expect(seen.size).toBe(120);
});

it('is colourful: seven bars, each of its own colour', () => {
  const [width, height] = [640, 360];
  const { data } = createTestPattern({ width, height })(0);
  const colours = Array.from({ length: 7 }, (_, bar) => {
    const [x, y] = [Math.floor(((bar + 0.5) * width) / 7) & ~1, height - 20];
    const chroma = width * height + (y >> 1) * (width >> 1) + (x >> 1);
    return `${data[chroma]},${data[chroma + (width * height) / 4]}`;
  });
  expect(new Set(colours).size).toBe(7);
});

it('shows the number of the frame', () => {
  const [width, height, scale] = [640, 360, 4];
  const { data } = createTestPattern({ width, height })(1234);
  // One sample per cell of the 3x5 digits, as rows of text.
  const rows = Array.from({ length: 5 }, (_, row) =>
    Array.from({ length: 24 }, (_unused, column) => {
      const [x, y] = [(1 + column) * scale + 1, (1 + row) * scale + 1];
      return (data[y * width + x] ?? 0) > 128 ? '#' : ' ';
    }).join(''),
  );
  expect(rows).toEqual([
    '### ###  #  ### ### # # ',
    '# # # # ##    #   # # # ',
    '# # # #  #  ### ### ### ',
    '# # # #  #  #     #   # ',
    '### ### ### ### ###   # ',
  ]);
});

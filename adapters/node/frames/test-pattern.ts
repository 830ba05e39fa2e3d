import { type FrameSize, type I420Frame, i420Length } from '../../../transports/livekit/node/index.js';

// Luma and the two chroma values of the usual colour bars at 75 %, left to right.
const bars: readonly (readonly [number, number, number])[] = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
];
const white = 235;
const black = 16;
const ballColour = [170, 60, 200] as const;
// The digits 0 to 9 as rows of 3 bits, top to bottom.
const digits: readonly (readonly number[])[] = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 7, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 1, 2, 2],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
];
const counterDigits = 6;

/**
 * Draws a moving test picture: colour bars, a bright diagonal that wanders to the right, a bouncing ball, and the
 * frame's number in the upper left. The same number always gives the same picture. Each call draws over the
 * frame that the call before has returned.
 */
export function createTestPattern({ width, height }: FrameSize): (frameNumber: number) => I420Frame {
  const background = drawBars(width, height);
  const data = new Uint8Array(i420Length(width, height));
  const planes = planesOf(data, width, height);
  const radius = Math.max(4, Math.round(Math.min(width, height) / 10)) & ~1;
  const scale = Math.max(2, Math.round(height / 90)) & ~1;

  return (frameNumber) => {
    data.set(background);
    drawDiagonal(planes, (frameNumber * 4) % width);
    const x = bounce(frameNumber * 6, width - 2 * radius) + radius;
    const y = bounce(frameNumber * 4, height - 2 * radius) + radius;
    drawBall(planes, x, y, radius);
    drawCounter(planes, frameNumber, scale);
    return { data, width, height };
  };
}

interface Planes {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly chroma: readonly [Uint8Array, Uint8Array];
}

function planesOf(data: Uint8Array, width: number, height: number): Planes {
  const size = width * height;
  const quarter = size / 4;
  return {
    width,
    height,
    luma: data.subarray(0, size),
    chroma: [data.subarray(size, size + quarter), data.subarray(size + quarter, size + 2 * quarter)],
  };
}

function drawBars(width: number, height: number): Uint8Array {
  const data = new Uint8Array(i420Length(width, height));
  const { luma, chroma } = planesOf(data, width, height);
  const barAt = (x: number): readonly [number, number, number] =>
    bars[Math.min(bars.length - 1, Math.floor((x * bars.length) / width))] ?? [black, 128, 128];
  for (let x = 0; x < width; x += 1) luma[x] = barAt(x)[0];
  for (let x = 0; x < width / 2; x += 1) {
    chroma[0][x] = barAt(2 * x)[1];
    chroma[1][x] = barAt(2 * x)[2];
  }
  repeatFirstRow(luma, width);
  repeatFirstRow(chroma[0], width / 2);
  repeatFirstRow(chroma[1], width / 2);
  return data;
}

function repeatFirstRow(plane: Uint8Array, width: number): void {
  for (let at = width; at < plane.length; at += width) plane.copyWithin(at, 0, width);
}

function drawDiagonal({ luma, width, height }: Planes, offset: number): void {
  const thickness = Math.max(4, width >> 6);
  for (let y = 0; y < height; y += 1) {
    const x = (offset + y) % width;
    luma.fill(white, y * width + x, y * width + Math.min(width, x + thickness));
  }
}

function drawBall({ luma, chroma, width }: Planes, centreX: number, centreY: number, radius: number): void {
  for (let dy = -radius; dy < radius; dy += 1) {
    const half = Math.round(Math.sqrt(radius * radius - dy * dy)) & ~1;
    const row = (centreY + dy) * width;
    luma.fill(ballColour[0], row + centreX - half, row + centreX + half);
    if (dy & 1) continue;
    const chromaRow = ((centreY + dy) >> 1) * (width >> 1);
    const from = chromaRow + ((centreX - half) >> 1);
    const to = chromaRow + ((centreX + half) >> 1);
    chroma[0].fill(ballColour[1], from, to);
    chroma[1].fill(ballColour[2], from, to);
  }
}

function drawCounter({ luma, chroma, width, height }: Planes, frameNumber: number, scale: number): void {
  const text = String(frameNumber % 10 ** counterDigits).padStart(counterDigits, '0');
  const boxWidth = (counterDigits * 4 + 1) * scale;
  const boxHeight = 7 * scale;
  if (boxWidth > width || boxHeight > height) return;
  for (let y = 0; y < boxHeight; y += 1) luma.fill(black, y * width, y * width + boxWidth);
  for (let y = 0; y < boxHeight / 2; y += 1) {
    for (const plane of chroma) plane.fill(128, (y * width) / 2, (y * width) / 2 + boxWidth / 2);
  }
  for (let place = 0; place < counterDigits; place += 1) {
    const rows = digits[Number(text[place])] ?? [];
    for (let cell = 0; cell < rows.length * 3; cell += 1) {
      const [row, column] = [Math.floor(cell / 3), cell % 3];
      if ((((rows[row] ?? 0) >> (2 - column)) & 1) === 0) continue;
      const left = (1 + place * 4 + column) * scale;
      for (let y = (1 + row) * scale; y < (2 + row) * scale; y += 1) {
        luma.fill(white, y * width + left, y * width + left + scale);
      }
    }
  }
}

// There and back again over `length`, in whole chroma pixels.
function bounce(distance: number, length: number): number {
  const span = Math.max(2, length);
  const at = distance % (2 * span);
  return (at < span ? at : 2 * span - at) & ~1;
}

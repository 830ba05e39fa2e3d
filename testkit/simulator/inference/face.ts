import type { Frame } from './picture.js';

const WALL = 90;
const SKIN = 190;
const DARK = 30;
const MIDDLE = 128;

/** Draws a face whose mouth is open as far as `level` says, 0 to 1. */
export function drawFace({ data, width, height }: Frame, level: number): void {
  const fill = (left: number, top: number, right: number, bottom: number, luma: number): void => {
    for (let y = Math.round(top * height); y < Math.round(bottom * height); y += 1) {
      data.fill(luma, y * width + Math.round(left * width), y * width + Math.round(right * width));
    }
  };
  data.fill(WALL, 0, width * height);
  data.fill(MIDDLE, width * height);
  fill(0.35, 0.15, 0.65, 0.85, SKIN);
  fill(0.42, 0.32, 0.46, 0.38, DARK);
  fill(0.54, 0.32, 0.58, 0.38, DARK);
  const open = 0.01 + 0.12 * Math.min(1, Math.max(0, level));
  fill(0.43, 0.66 - open, 0.57, 0.66 + open, DARK);
}

/** How open the mouth of a received face is: the share of its column that is dark, 0 to 1. */
export function mouthOf({ data, width, height }: Frame): number {
  const [top, bottom] = [Math.round(0.5 * height), Math.round(0.82 * height)];
  let dark = 0;
  for (let y = top; y < bottom; y += 1) if ((data[y * width + (width >> 1)] ?? 0) < (SKIN + DARK) / 2) dark += 1;
  return dark / (bottom - top);
}

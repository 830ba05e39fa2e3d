// The reference image's sign: a small patchwork in the top right corner, its colours those of the image's hash.
import { fractionOf } from './hash.js';

export interface Inset {
  /** Luma pixels; even numbers, so that it covers whole chroma samples. */
  readonly left: number;
  readonly top: number;
  readonly patch: number;
  readonly colours: readonly (readonly [y: number, u: number, v: number])[];
}

const PATCHES = 4;

/** `null` when the frame is too small for it. */
export function insetOf(imageHash: number, width: number, height: number): Inset | null {
  const patch = Math.floor(Math.min(width, height) / 5 / PATCHES / 2) * 2;
  if (patch < 2) return null;
  const size = patch * PATCHES;
  const even = (value: number) => Math.max(0, value - (value % 2));
  const byte = (n: number, least: number, most: number) =>
    Math.round(least + fractionOf(imageHash, n) * (most - least));
  return {
    left: even(width - size - patch),
    top: even(height >> 2),
    patch,
    colours: Array.from({ length: PATCHES * PATCHES }, (_, n) => [
      byte(3 * n, 40, 220),
      byte(3 * n + 1, 40, 215),
      byte(3 * n + 2, 40, 215),
    ]),
  };
}

export function drawInset(
  inset: Inset,
  luma: Uint8ClampedArray,
  u: Uint8ClampedArray,
  v: Uint8ClampedArray,
  width: number,
): void {
  const chromaWidth = (width + 1) >> 1;
  inset.colours.forEach(([y, cb, cr], n) => {
    const left = inset.left + (n % PATCHES) * inset.patch;
    const top = inset.top + Math.floor(n / PATCHES) * inset.patch;
    fill(luma, width, left, top, inset.patch, y);
    fill(u, chromaWidth, left >> 1, top >> 1, inset.patch >> 1, cb);
    fill(v, chromaWidth, left >> 1, top >> 1, inset.patch >> 1, cr);
  });
}

function fill(plane: Uint8ClampedArray, stride: number, left: number, top: number, size: number, value: number): void {
  for (let row = top; row < top + size; row++) plane.fill(value, row * stride + left, row * stride + left + size);
}

// Changes the pixels of I420 frames in place, cheaply: tables instead of arithmetic, one pass per plane.
import { drawCaption } from './caption.js';
import { drawInset, insetOf } from './inset.js';
import type { Style } from './style.js';

/** Changes one tight I420 frame of the restyler's size. */
export type Restyler = (data: Uint8Array) => void;

const MIDDLE = 128;
const INK = 235;

/** A restyler for frames of one size. The style is compiled into tables once. */
export function createRestyler(style: Style, width: number, height: number): Restyler {
  const lumaSize = width * height;
  const chromaWidth = (width + 1) >> 1;
  const chromaHeight = (height + 1) >> 1;
  const chromaSize = chromaWidth * chromaHeight;
  const restyleLuma = createLumaPass(style, width, height);
  const restyleChroma = createChromaPass(style);
  const caption = drawCaption(style.caption, width, height);
  const inset = style.imageHash === null ? null : insetOf(style.imageHash, width, height);
  return (data) => {
    // Clamped views: what leaves 0..255 is cut off at its ends by the store itself.
    const { buffer, byteOffset } = data;
    const luma = new Uint8ClampedArray(buffer, byteOffset, lumaSize);
    const u = new Uint8ClampedArray(buffer, byteOffset + lumaSize, chromaSize);
    const v = new Uint8ClampedArray(buffer, byteOffset + lumaSize + chromaSize, chromaSize);
    restyleLuma(luma);
    restyleChroma(u, v);
    if (inset !== null) drawInset(inset, luma, u, v, width);
    if (caption !== null) burnIn(caption.dots, luma);
  };
}

/** Ink is bright, the ground around it darkened so that the text reads on anything. */
function burnIn(dots: Uint8Array, luma: Uint8ClampedArray): void {
  for (let i = 0; i < dots.length; i++) luma[i] = dots[i] === 1 ? INK : (luma[i] ?? 0) >> 2;
}

function createLumaPass({ contrast, brightness, levels, edgeGain }: Style, width: number, height: number) {
  const step = 256 / levels;
  const tone = Uint8Array.from({ length: 256 }, (_, luma) => {
    const stepped = Math.floor(luma / step) * step + (step - 1) / 2;
    return clamp(MIDDLE + (stepped - MIDDLE) * contrast + brightness);
  });
  const original = new Uint8Array(width * height);
  const gain = Math.round(edgeGain * 256);
  return (luma: Uint8ClampedArray): void => {
    if (gain === 0) {
      for (let i = 0; i < luma.length; i++) luma[i] = tone[luma[i] as number] as number;
      return;
    }
    original.set(luma);
    for (let i = 0; i < width; i++) luma[i] = tone[luma[i] as number] as number;
    const last = width * (height - 1);
    // The leftmost and rightmost pixels see a neighbour of the next row: invisible, and cheaper than a check.
    for (let i = width; i < last; i++) {
      const across = (original[i + 1] as number) - (original[i - 1] as number);
      const down = (original[i + width] as number) - (original[i - width] as number);
      const gradient = (across < 0 ? -across : across) + (down < 0 ? -down : down);
      const value = (tone[original[i] as number] as number) + ((gradient * gain) >> 8);
      luma[i] = value;
    }
    for (let i = last; i < luma.length; i++) luma[i] = tone[luma[i] as number] as number;
  };
}

function createChromaPass({ hueTurn, saturation, tint }: Style) {
  const along = Math.cos(hueTurn) * saturation;
  const across = Math.sin(hueTurn) * saturation;
  const table = (factor: number, offset: number) =>
    Int16Array.from({ length: 256 }, (_, chroma) => Math.round((chroma - MIDDLE) * factor + offset));
  const uFromU = table(along, MIDDLE + tint[0]);
  const uFromV = table(-across, 0);
  const vFromU = table(across, MIDDLE + tint[1]);
  const vFromV = table(along, 0);
  return (u: Uint8ClampedArray, v: Uint8ClampedArray): void => {
    for (let i = 0; i < u.length; i++) {
      const oldU = u[i] as number;
      const oldV = v[i] as number;
      u[i] = (uFromU[oldU] as number) + (uFromV[oldV] as number);
      v[i] = (vFromU[oldU] as number) + (vFromV[oldV] as number);
    }
  };
}

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

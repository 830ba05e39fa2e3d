import { ADVANCE, dotAt, GLYPH_HEIGHT, GLYPH_WIDTH } from './font.mjs';

/** @typedef {readonly [red: number, green: number, blue: number]} Colour */

/** A picture of opaque pixels to draw on. */
export class Canvas {
  /** @param {number} width @param {number} height @param {Colour} background */
  constructor(width, height, background) {
    this.width = width;
    this.height = height;
    /** RGBA, 4 bytes per pixel. */
    this.pixels = Buffer.alloc(width * height * 4);
    this.fill(0, 0, width, height, background);
  }

  /** @param {number} left @param {number} top @param {number} width @param {number} height @param {Colour} colour */
  fill(left, top, width, height, colour) {
    const row = Buffer.alloc(width * 4);
    for (let x = 0; x < width; x += 1) row.set([...colour, 255], x * 4);
    for (let y = top; y < top + height; y += 1) this.pixels.set(row, (y * this.width + left) * 4);
  }

  /**
   * One line of text, its letters' upper left corner at (left, top).
   *
   * @param {string} text
   * @param {number} left
   * @param {number} top
   * @param {{ scale?: number, colour: Colour }} style `scale`: pixels per dot
   */
  text(text, left, top, { scale = 2, colour }) {
    [...text].forEach((character, place) => {
      for (let row = 0; row < GLYPH_HEIGHT; row += 1) {
        for (let column = 0; column < GLYPH_WIDTH; column += 1) {
          if (!dotAt(character, column, row)) continue;
          this.fill(left + (place * ADVANCE + column) * scale, top + row * scale, scale, scale, colour);
        }
      }
    });
  }

  /**
   * A video frame, scaled to fill the rectangle. Limited-range BT.601, as the codecs here use it.
   *
   * @param {import('decart-rx/node').I420Frame} frame
   * @param {number} left @param {number} top @param {number} width @param {number} height
   */
  frame({ data, width: frameWidth, height: frameHeight }, left, top, width, height) {
    const size = frameWidth * frameHeight;
    const luma = { data: data.subarray(0, size), width: frameWidth, height: frameHeight };
    const half = { width: frameWidth / 2, height: frameHeight / 2 };
    const first = { data: data.subarray(size, size * 1.25), ...half };
    const second = { data: data.subarray(size * 1.25), ...half };
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const area = /** @type {const} */ ([x / width, (x + 1) / width, y / height, (y + 1) / height]);
        const c = 1.164 * (mean(luma, area) - 16);
        const u = mean(first, area) - 128;
        const v = mean(second, area) - 128;
        const at = ((top + y) * this.width + left + x) * 4;
        this.pixels[at] = clamp(c + 1.596 * v);
        this.pixels[at + 1] = clamp(c - 0.392 * u - 0.813 * v);
        this.pixels[at + 2] = clamp(c + 2.017 * u);
      }
    }
  }
}

/**
 * Mean of the samples under an area, whose edges are given as fractions of the plane: left, right, top, bottom.
 *
 * @param {{ data: Uint8Array, width: number, height: number }} plane
 * @param {readonly [number, number, number, number]} area
 */
function mean({ data, width, height }, [left, right, top, bottom]) {
  const fromX = Math.floor(left * width);
  const toX = Math.max(fromX + 1, Math.floor(right * width));
  const fromY = Math.floor(top * height);
  const toY = Math.max(fromY + 1, Math.floor(bottom * height));
  let sum = 0;
  for (let y = fromY; y < toY; y += 1) {
    for (let x = fromX; x < toX; x += 1) sum += data[y * width + x];
  }
  return sum / ((toX - fromX) * (toY - fromY));
}

const clamp = (value) => Math.max(0, Math.min(255, Math.round(value)));

/** @param {string} text @param {number} scale @returns pixels */
export const textWidth = (text, scale = 2) => [...text].length * ADVANCE * scale;

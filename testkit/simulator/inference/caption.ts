import { dotAt, GLYPH_HEIGHT, GLYPH_WIDTH } from './bitmap-font.js';

/** A strip at the top of the picture with text in it, one byte per pixel of the luma plane. */
export interface Caption {
  /** Rows it covers, from the top. */
  readonly height: number;
  /** Full rows of the frame's width: 0 dark ground, 1 ink. */
  readonly dots: Uint8Array;
}

const MOST_LINES = 2;
const MARGIN_DOTS = 2;

/** Draws text for a frame of this size; `null` when there is nothing to draw or no room for it. */
export function drawCaption(text: string, width: number, height: number): Caption | null {
  // A dot per 120 rows, so that it reads the same at every size.
  const scale = Math.max(1, Math.round(height / 120));
  const perLine = Math.floor((width / scale - 2 * MARGIN_DOTS) / (GLYPH_WIDTH + 1));
  const lines = wrap(text, perLine);
  const lineRows = (GLYPH_HEIGHT + MARGIN_DOTS) * scale;
  const rows = lines.length * lineRows + MARGIN_DOTS * scale;
  if (lines.length === 0 || perLine < 1 || rows > height / 2) return null;
  const dots = new Uint8Array(width * rows);
  lines.forEach((line, number) => {
    const top = (MARGIN_DOTS + number * (GLYPH_HEIGHT + MARGIN_DOTS)) * scale;
    [...line].forEach((character, place) => {
      const left = (MARGIN_DOTS + place * (GLYPH_WIDTH + 1)) * scale;
      drawGlyph(dots, width, character, left, top, scale);
    });
  });
  return { height: rows, dots };
}

function drawGlyph(dots: Uint8Array, width: number, character: string, left: number, top: number, scale: number): void {
  for (let row = 0; row < GLYPH_HEIGHT; row++) {
    for (let column = 0; column < GLYPH_WIDTH; column++) {
      if (!dotAt(character, column, row)) continue;
      for (let y = 0; y < scale; y++) {
        const start = (top + row * scale + y) * width + left + column * scale;
        dots.fill(1, start, start + scale);
      }
    }
  }
}

/** Lines of at most `perLine` characters, broken between words where it can be; what is left over is cut off. */
function wrap(text: string, perLine: number): readonly string[] {
  const lines: string[] = [];
  let rest = [...text.trim().replace(/\s+/g, ' ')];
  while (rest.length > 0 && lines.length < MOST_LINES && perLine > 0) {
    const space = rest.length > perLine ? rest.lastIndexOf(' ', perLine) : rest.length;
    const end = space > 0 ? Math.min(space, perLine) : perLine;
    lines.push(rest.slice(0, end).join(''));
    rest = rest.slice(rest[end] === ' ' ? end + 1 : end);
  }
  return lines;
}

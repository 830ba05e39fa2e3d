// The marker in the bottom-left corner of a frame: 24 columns of square cells, each column either
// bright or dark over the whole height: 4 to recognise it, 16 for the number, 4 to check it.
const syncColumns = 4;
const dataColumns = 16;
const checksumColumns = 4;
const columns = syncColumns + dataColumns + checksumColumns;
const rows = 4;
const cell = 8;
const bright = 200;
const dark = 50;
const threshold = 128;
// A frame may arrive scaled: the size it was stamped at first, then the likely ones.
const candidateCells = [8, 4, 6, 2, 12, 10, 16, 5, 7, 14, 3] as const;
// Of the pixels looked at beside the edges, this share must agree with the centres: a grid of the wrong
// size can slip through the 4 bits of the checksum, but its cells straddle the real ones.
const requiredAgreement = 0.9;

/** The marker's size in pixels, in a frame that is not scaled. Smaller frames are never stamped. */
export const markerWidth = columns * cell;
/** Pixels, in a frame that is not scaled. */
export const markerHeight = rows * cell;

/**
 * Writes the marker for `seq` (its low 16 bits count) into a luma plane, in place.
 * `strideBytes` is the distance from one row to the next. False, and nothing is written, when the marker
 * does not fit into the frame or the frame not into the plane.
 *
 * @example
 * ```ts
 * import { readMarker, stampMarker } from 'decart-rx';
 *
 * const luma = new Uint8Array(640 * 360);
 * stampMarker(luma, 640, 360, 640, 4711); // true
 * readMarker(luma, 640, 360, 640); // 4711
 * ```
 */
export function stampMarker(
  lumaPlane: Uint8Array,
  width: number,
  height: number,
  strideBytes: number,
  seq: number,
): boolean {
  if (!isStampable(lumaPlane.length, width, height, strideBytes, 1)) return false;
  const top = (height - markerHeight) * strideBytes;
  for (let column = 0; column < columns; column += 1) {
    const start = top + column * cell;
    lumaPlane.fill(isBright(column, seq) ? bright : dark, start, start + cell);
  }
  for (let row = 1; row < markerHeight; row += 1) {
    lumaPlane.copyWithin(top + row * strideBytes, top, top + markerWidth);
  }
  return true;
}

/** `stampMarker` for RGBA pixels (or BGRA): stamps opaque grey. `strideBytes` is usually 4 × width. */
export function stampMarkerRgba(
  pixels: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  strideBytes: number,
  seq: number,
): boolean {
  if (!isStampable(pixels.length, width, height, strideBytes, 4)) return false;
  const top = (height - markerHeight) * strideBytes;
  for (let column = 0; column < columns; column += 1) {
    const start = top + column * cell * 4;
    pixels.fill(isBright(column, seq) ? bright : dark, start, start + cell * 4);
    for (let pixel = 0; pixel < cell; pixel += 1) pixels[start + pixel * 4 + 3] = 255;
  }
  for (let row = 1; row < markerHeight; row += 1) {
    pixels.copyWithin(top + row * strideBytes, top, top + markerWidth * 4);
  }
  return true;
}

/**
 * The number of the marker in a luma plane, 0..65535; null when there is none to be sure of.
 * Finds it at any of the sizes that scaling commonly leaves. A plane shorter than the frame reads as null.
 *
 * @example
 * ```ts
 * import { createLatencyTracker, readMarker } from 'decart-rx';
 *
 * const tracker = createLatencyTracker();
 * export function received(luma: Uint8Array, width: number, height: number): void {
 *   const seq = readMarker(luma, width, height, width);
 *   if (seq !== null) tracker.recordInbound(seq, performance.now());
 * }
 * ```
 */
export function readMarker(lumaPlane: Uint8Array, width: number, height: number, strideBytes: number): number | null {
  if (!holdsFrame(lumaPlane.length, width, height, strideBytes, 1)) return null;
  return readFrom((x, y) => lumaPlane[y * strideBytes + x] as number, width, height);
}

/** `readMarker` for RGBA pixels. `strideBytes` is usually 4 × width. */
export function readMarkerRgba(
  pixels: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  strideBytes: number,
): number | null {
  if (!holdsFrame(pixels.length, width, height, strideBytes, 4)) return null;
  const luma: LumaAt = (x, y) => {
    const at = y * strideBytes + x * 4;
    // BT.601 in 8 bits.
    return (77 * (pixels[at] as number) + 150 * (pixels[at + 1] as number) + 29 * (pixels[at + 2] as number)) >> 8;
  };
  return readFrom(luma, width, height);
}

type LumaAt = (x: number, y: number) => number;

interface Reading {
  readonly seq: number;
  /** Share of the pixels beside the edges that agree with the bits read, 0..1. */
  readonly agreement: number;
}

// More than one size may pass the checksum at random; the one whose cells look most like cells is taken.
function readFrom(luma: LumaAt, width: number, height: number): number | null {
  let best: Reading | null = null;
  for (const size of candidateCells) {
    if (width < columns * size || height < rows * size) continue;
    const reading = readAt(luma, height, size);
    if (reading !== null && reading.agreement > (best?.agreement ?? requiredAgreement)) best = reading;
  }
  return best === null ? null : best.seq;
}

function readAt(luma: LumaAt, height: number, size: number): Reading | null {
  const validRows: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    const top = height - (rows - row) * size;
    if (hasSync(luma, top, size)) validRows.push(top);
  }
  if (validRows.length === 0) return null;

  let bits = 0;
  for (let column = syncColumns; column < columns; column += 1) {
    bits = bits * 2 + (isHighByMajority(luma, validRows, centre(column, size), size >> 1) ? 1 : 0);
  }
  const seq = bits >> checksumColumns;
  if (checksum(seq) !== (bits & 0xf)) return null;
  return { seq, agreement: agreementWith(luma, validRows, seq, size) };
}

function hasSync(luma: LumaAt, top: number, size: number): boolean {
  for (let column = 0; column < syncColumns; column += 1) {
    const isHigh = luma(centre(column, size), top + (size >> 1)) >= threshold;
    if (isHigh !== (column % 2 === 0)) return false;
  }
  return true;
}

function isHighByMajority(luma: LumaAt, rowTops: readonly number[], x: number, yInRow: number): boolean {
  let high = 0;
  for (const top of rowTops) if (luma(x, top + yInRow) >= threshold) high += 1;
  return high * 2 > rowTops.length;
}

// Where two neighbours differ, the edge between them must lie where this size puts it: on a grid of the wrong
// size the edges drift away from the borders. Where they are alike, looking would prove nothing.
function agreementWith(luma: LumaAt, validRows: readonly number[], seq: number, size: number): number {
  const inset = size >> 2;
  const outset = size - 1 - inset;
  let looked = 0;
  let agreeing = 0;
  for (let column = 1; column < columns; column += 1) {
    const isHigh = isBright(column, seq);
    if (isBright(column - 1, seq) === isHigh) continue;
    const border = column * size;
    looked += 2;
    if (isHighByMajority(luma, validRows, border - 1 - inset, outset) !== isHigh) agreeing += 1;
    if (isHighByMajority(luma, validRows, border + inset, inset) === isHigh) agreeing += 1;
  }
  return agreeing / looked;
}

function centre(column: number, size: number): number {
  return column * size + (size >> 1);
}

function isBright(column: number, seq: number): boolean {
  if (column < syncColumns) return column % 2 === 0;
  const data = column - syncColumns;
  if (data < dataColumns) return ((seq >> (dataColumns - 1 - data)) & 1) === 1;
  return ((checksum(seq) >> (columns - 1 - column)) & 1) === 1;
}

function checksum(seq: number): number {
  return ((seq >> 12) ^ (seq >> 8) ^ (seq >> 4) ^ seq) & 0xf;
}

function isStampable(length: number, width: number, height: number, strideBytes: number, pixelBytes: number): boolean {
  return width >= markerWidth && height >= markerHeight && holdsFrame(length, width, height, strideBytes, pixelBytes);
}

// Also refuses NaN and fractions, which would address the wrong pixels without any error.
function holdsFrame(length: number, width: number, height: number, strideBytes: number, pixelBytes: number): boolean {
  if (!Number.isInteger(width) || !Number.isInteger(height) || !Number.isInteger(strideBytes)) return false;
  if (width <= 0 || height <= 0 || strideBytes < width * pixelBytes) return false;
  return (height - 1) * strideBytes + width * pixelBytes <= length;
}

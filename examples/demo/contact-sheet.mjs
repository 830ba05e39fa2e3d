import { writeFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { Canvas, textWidth } from './canvas.mjs';
import { seconds, shorten, wrap } from './text.mjs';

/** @typedef {import('./frame-pairs.mjs').FramePair & { prompt: string }} Sample */

const COLUMNS = 4;
const PICTURE_WIDTH = 320;
const MARGIN = 28;
const GAP = 16;
const LINE = 24;
const HEADER = 78;
const MOST_LINES = 2;
const CHARACTERS = Math.floor(PICTURE_WIDTH / textWidth(' '));

const ground = /** @type {const} */ ([17, 19, 26]);
const ink = /** @type {const} */ ([236, 238, 245]);
const faint = /** @type {const} */ ([134, 142, 164]);
const accent = /** @type {const} */ ([255, 190, 92]);
const rule = /** @type {const} */ ([44, 49, 64]);

/** Where everything stands, in pixels. */
function layOut(count, size, promptLines) {
  const columns = Math.max(1, Math.min(COLUMNS, count));
  const bands = Math.ceil(count / columns);
  const pictureHeight = Math.round((PICTURE_WIDTH * size.height) / size.width);
  // The prompt, then input and output with a line of their own above each.
  const inputAt = promptLines * LINE + LINE + 6;
  const outputAt = inputAt + pictureHeight + LINE + 10;
  const bandHeight = outputAt + pictureHeight + GAP;
  const cells = Array.from({ length: count }, (_, place) => {
    const left = MARGIN + (place % columns) * (PICTURE_WIDTH + GAP);
    const top = HEADER + Math.floor(place / columns) * (bandHeight + GAP);
    return { left, top, inputTop: top + inputAt, outputTop: top + outputAt };
  });
  return {
    width: 2 * MARGIN + columns * PICTURE_WIDTH + (columns - 1) * GAP,
    height: HEADER + bands * (bandHeight + GAP) + MARGIN - GAP,
    pictureWidth: PICTURE_WIDTH,
    pictureHeight,
    cells,
  };
}

/**
 * Input frames above the output frames that they became. `layout` says where they are.
 *
 * @param {readonly Sample[]} samples in order
 * @param {{ title: string, subtitle: string, size: { width: number, height: number } }} about
 */
export function drawContactSheet(samples, { title, subtitle, size }) {
  const promptLines = Math.max(...samples.map(({ prompt }) => wrap(prompt, CHARACTERS, MOST_LINES).length));
  const layout = layOut(samples.length, size, promptLines);
  const { width, height, pictureWidth, pictureHeight, cells } = layout;
  const canvas = new Canvas(width, height, ground);
  canvas.text(title, MARGIN, 22, { scale: 3, colour: ink });
  const room = Math.floor((width - 2 * MARGIN - textWidth(title, 3) - GAP) / textWidth(' '));
  canvas.text(shorten(subtitle, room), MARGIN + textWidth(title, 3) + GAP, 29, { colour: faint });
  canvas.fill(MARGIN, HEADER - 18, width - 2 * MARGIN, 2, rule);
  samples.forEach((sample, place) => {
    const { left, top, inputTop, outputTop } = cells[place];
    const { input, output, inputAtMs, outputAtMs, prompt } = sample;
    const lines = wrap(prompt, CHARACTERS, MOST_LINES);
    lines.forEach((line, number) => {
      canvas.text(line, left, top + number * LINE, { colour: accent });
    });
    label(canvas, 'in', seconds(inputAtMs), left, inputTop - LINE + 3);
    canvas.frame(input, left, inputTop, pictureWidth, pictureHeight);
    const delay = `+${Math.round(outputAtMs - inputAtMs)} ms`;
    label(canvas, 'out', `${seconds(outputAtMs)}  ${delay}`, left, outputTop - LINE + 3);
    canvas.frame(output, left, outputTop, pictureWidth, pictureHeight);
  });
  return { canvas, layout };
}

function label(canvas, name, value, left, top) {
  canvas.text(name, left, top, { colour: faint });
  canvas.text(value, left + textWidth('out '), top, { colour: ink });
}

/** @param {string} path @param {Canvas} canvas */
export async function writePng(path, { width, height, pixels }) {
  const png = new PNG({ width, height });
  pixels.copy(png.data);
  await writeFile(path, PNG.sync.write(png, { colorType: 2 }));
}

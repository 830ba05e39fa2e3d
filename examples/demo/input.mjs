import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { videoFileFrames, y4mFrames } from 'decart-rx/node';
import { DemoError } from './demo-error.mjs';

/** @typedef {import('decart-rx/node').I420Frame} I420Frame */

/**
 * @typedef {object} VideoInput
 * @property {{ width: number, height: number, fps: number }} size
 * @property {'test-pattern' | AsyncIterable<I420Frame>} source
 * @property {() => Promise<void>} close  Lets go of the file and of its decoder.
 */

/**
 * What to publish: the test pattern at the model's size, or a video file. The first frame of a file is read before
 * anything else begins, so that a file that cannot be read is reported at once.
 *
 * @param {string | null} path
 * @param {{ width: number, height: number, fps: number }} modelSize
 * @returns {Promise<VideoInput>}
 */
export async function openInput(path, modelSize) {
  const { width, height, fps } = modelSize;
  if (path === null) {
    return { size: { width, height, fps }, source: 'test-pattern', close: async () => {} };
  }
  await requireFile(path);
  // Y4M needs no decoder, and comes in the size it has.
  const isY4m = path.toLowerCase().endsWith('.y4m');
  const frames = isY4m ? overAndOver(path) : videoFileFrames(path, { width, height, fps, loop: true });
  const first = await frames.next();
  if (first.done) throw new DemoError(`There are no frames in ${path}.`);
  return {
    size: { width: first.value.width, height: first.value.height, fps },
    source: withFirst(first.value, frames),
    close: async () => {
      await frames.return(undefined);
    },
  };
}

async function requireFile(path) {
  const entry = await stat(path).catch((error) => {
    throw new DemoError(`--input: there is no file ${path}`, { cause: error });
  });
  if (!entry.isFile()) throw new DemoError(`--input: ${path} is not a file.`);
}

async function* overAndOver(path) {
  for (;;) {
    let isEmpty = true;
    for await (const frame of y4mFrames(createReadStream(path))) {
      isEmpty = false;
      yield frame;
    }
    if (isEmpty) return;
  }
}

async function* withFirst(first, rest) {
  yield first;
  yield* rest;
}

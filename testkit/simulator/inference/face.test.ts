import { expect, test } from '@jest/globals';
import { drawFace, mouthOf } from './face.js';

const frame = () => ({ data: new Uint8Array((320 * 180 * 3) / 2), width: 320, height: 180 });

const mouthAt = (level: number): number => {
  const face = frame();
  drawFace(face, level);
  return mouthOf(face);
};

test('the mouth opens with the sound, and no further than it can', () => {
  const mouths = [0, 0.25, 0.5, 1].map(mouthAt);
  expect(mouths).toEqual([...mouths].sort((a, b) => a - b));
  expect(mouths[3]).toBeGreaterThan((mouths[0] ?? 1) * 4);
  expect([mouthAt(-1), mouthAt(7)]).toEqual([mouths[0], mouths[3]]);
});

test('a face is the same for the same sound', () => {
  const [one, two] = [frame(), frame()];
  drawFace(one, 1);
  drawFace(two, 1);
  expect(one.data).toEqual(two.data);
  drawFace(two, 0);
  expect(one.data).not.toEqual(two.data);
});

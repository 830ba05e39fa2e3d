import { expect, it } from '@jest/globals';
import { i420Length, requireI420, requireVideoSize } from './i420-frame.js';

const frame = (width: number, height: number, length = i420Length(width, height)) => ({
  data: new Uint8Array(length),
  width,
  height,
});

it('counts one and a half bytes per pixel, chroma rounded up', () => {
  expect(i420Length(1280, 720)).toBe(1_382_400);
  expect(i420Length(5, 3)).toBe(15 + 2 * 6);
});

it.each([
  ['bytes missing', frame(4, 4, 23), { expectedBytes: 24, actualBytes: 23 }],
  ['bytes to spare', frame(4, 4, 25), { expectedBytes: 24, actualBytes: 25 }],
  ['an odd width', frame(5, 4), { width: 5, height: 4 }],
  ['no height', frame(4, 0), { width: 4, height: 0 }],
  ['a width that is no number', { data: new Uint8Array(24), width: '4', height: 4 }, { width: '4', height: 4 }],
])('refuses %s', (_what, wrong, data) => {
  expect(() => requireI420(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', data }));
});

it('refuses a frame of another size, and names both', () => {
  expect(() => requireI420(frame(640, 360), { width: 1280, height: 720 })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: 'Expected frames of 1280x720, got 640x360.' }),
  );
});

it.each([null, undefined, 'frame', {}, { data: [1, 2], width: 2, height: 2 }])('refuses %p as a frame', (value) => {
  expect(() => requireI420(value)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

it.each([
  [642, 360],
  [640, 358],
  [0, 360],
  [640.5, 360],
  [-640, 360],
  [1e9, 1e9],
])('refuses to send %dx%d, which would be cropped, scaled or never fit into memory', (width, height) => {
  expect(() => requireVideoSize({ width, height })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

it('sends multiples of 4', () => {
  expect(() => requireVideoSize({ width: 1088, height: 624 })).not.toThrow();
});

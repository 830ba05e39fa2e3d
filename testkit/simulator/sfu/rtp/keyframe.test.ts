import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type MediaCodec, startsKeyframe } from './keyframe.js';

test.each<[string, MediaCodec, string, boolean]>([
  ['VP8 keyframe, bare descriptor', 'VP8', '10 00 9d012a', true],
  ['VP8 keyframe, 15-bit picture id, TL0PICIDX and TID', 'VP8', '90 e0 8123 05 40 10 02', true],
  ['VP8 keyframe, 7-bit picture id', 'VP8', '90 80 23 10', true],
  ['VP8 delta frame', 'VP8', '90 80 23 11', false],
  ['VP8 keyframe, not its first packet', 'VP8', '00 00', false],
  ['VP8 keyframe, second partition', 'VP8', '11 00', false],
  ['VP8 descriptor cut short', 'VP8', '90', false],
  ['H264 IDR slice', 'H264', '65 88', true],
  ['H264 parameter set', 'H264', '67 42', true],
  ['H264 delta slice', 'H264', '41 9a', false],
  ['H264 aggregate that begins with a parameter set', 'H264', '78 0002 6742 0001 68', true],
  ['H264 aggregate with an IDR behind other units', 'H264', '78 0002 0930 0002 6588', true],
  ['H264 aggregate of delta slices', 'H264', '78 0002 419a', false],
  ['H264 first fragment of an IDR', 'H264', '7c 85', true],
  ['H264 later fragment of an IDR', 'H264', '7c 45', false],
  ['VP9 keyframe', 'VP9', '88 01', true],
  ['VP9 inter-predicted', 'VP9', 'c8 01', false],
  ['VP9 not the beginning of a frame', 'VP9', '80 01', false],
  ['opus', 'opus', 'fc', true],
])('%s', (_name, codec, hex, expected) => {
  expect(startsKeyframe(codec, Buffer.from(hex.replace(/ /g, ''), 'hex'))).toBe(expected);
});

test('an empty payload (padding only) is no video keyframe', () => {
  for (const codec of ['VP8', 'H264', 'VP9'] as const) expect(startsKeyframe(codec, Buffer.alloc(0))).toBe(false);
});

test('no payload makes it throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<MediaCodec>('VP8', 'H264', 'VP9', 'opus'),
      fc.uint8Array({ maxLength: 40 }),
      (codec, bytes) => {
        expect(typeof startsKeyframe(codec, Buffer.from(bytes))).toBe('boolean');
      },
    ),
    { numRuns: 2000 },
  );
});

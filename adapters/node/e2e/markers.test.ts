import { expect, test } from '@jest/globals';
import { readMarker } from '../../../core/latency/marker.js';
import type { I420Frame } from '../index.js';
import { createNumberedPicture, readPictureNumber } from './numbered-picture.js';
import { createStage, first } from './stage.js';

const stage = createStage();
const wanted = 100;

async function* numbered(width: number, height: number, noise: number): AsyncGenerator<I420Frame> {
  const draw = createNumberedPicture({ width, height }, noise);
  for (let number = 1; ; number = (number + 1) & 0xffff) yield draw(number);
}

const markerOf = ({ data, width, height }: I420Frame): number | null => readMarker(data, width, height, width);

test.each([
  ['vp8', 300, 640, 360, 16],
  ['vp8', 2000, 640, 360, 64],
  ['vp8', 1000, 1280, 720, 16],
  ['h264', 300, 640, 360, 16],
  ['h264', 2000, 640, 360, 64],
] as const)(
  '%s at %i kbit/s, %ix%i: 99 of 100 markers are read, and none is read wrong',
  async (codec, kbps, width, height, noise) => {
    const client = stage.client();
    const video = {
      preferredCodec: codec,
      maxBitrate: kbps * 1000,
      simulcast: false,
      degradationPreference: 'maintain-resolution',
    } as const;
    const { local, realtime } = await stage.connect(
      client,
      {
        model: { name: 'lucy-latest', urlPath: '/v1/stream', fps: 30, width, height },
        realtimeConfiguration: { media: { video } },
      },
      numbered(width, height, noise),
    );
    const stamped = new Map<number | null, number | null>();
    local.frames$.subscribe((frame) => stamped.set(readPictureNumber(frame), markerOf(frame)));
    const tally = { right: 0, unread: 0, wrong: 0, small: 0 };
    const remote = await first(realtime.remoteStream$, (stream) => stream !== null);
    if (remote === null) throw new Error('There is no remote stream.');
    await first(remote.frames$, (frame) => {
      const truth = stamped.get(readPictureNumber(frame));
      if (truth === undefined || truth === null) return false;
      const seq = markerOf(frame);
      if (frame.width < 640) tally.small += 1;
      else if (seq === truth) tally.right += 1;
      else if (seq === null) tally.unread += 1;
      else tally.wrong += 1;
      return tally.right + tally.unread + tally.wrong === wanted;
    });
    expect(tally).toMatchObject({ wrong: 0, small: 0 });
    expect(tally.right / wanted).toBeGreaterThanOrEqual(0.99);
  },
);

import { describe, expect, it } from '@jest/globals';
import { readMarker } from '../../../core/latency/marker.js';
import { i420Length } from '../../../transports/livekit/node/index.js';
import { mirror } from './mirror.js';
import { createFrameFinish } from './stamp.js';

const size = { width: 320, height: 64 };
const picture = () => ({
  data: Uint8Array.from({ length: i420Length(size.width, size.height) }, (_, at) => (at * 31) & 0xff),
  ...size,
  timestampUs: 9,
});
const markerOf = (data: Uint8Array) => readMarker(data, size.width, size.height, size.width);
const rowsAbove = (data: Uint8Array) => data.slice(0, size.width * 32);

describe.each([false, true])('mirrored: %p', (isMirrored) => {
  it('stamps after mirroring, so that the marker reads', () => {
    let seq = 40;
    const finish = createFrameFinish({ ...size, mirror: isMirrored, nextMarker: () => seq++ });
    expect([finish(picture()), finish(picture())].length).toBe(2);
    const { data } = finish(picture());
    expect(markerOf(data)).toBe(42);
    expect(rowsAbove(data)).toEqual(rowsAbove(isMirrored ? mirror(picture()).data : picture().data));
  });

  it("never changes the caller's frame", () => {
    const frame = picture();
    createFrameFinish({ ...size, mirror: isMirrored, nextMarker: () => 1 })(frame);
    expect(frame).toEqual(picture());
  });
});

it('passes a frame on as it is when there is nothing to do', () => {
  const frame = picture();
  expect(createFrameFinish({ ...size, mirror: false, nextMarker: null })(frame)).toBe(frame);
});

it('keeps the rest of the frame', () => {
  const frame = createFrameFinish({ ...size, mirror: true, nextMarker: null })(picture());
  expect(frame).toMatchObject({ ...size, timestampUs: 9 });
});

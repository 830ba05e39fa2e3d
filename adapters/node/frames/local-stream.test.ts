import { describe, expect, it } from '@jest/globals';
import { defer, firstValueFrom, NEVER, of, Subject, take, toArray, VirtualTimeScheduler } from 'rxjs';
import { readMarker } from '../../../core/latency/marker.js';
import type { LocalStreamRequest } from '../../../core/ports/platform.js';
import { asyncDispose } from '../../../core/ports/streams.js';
import { type I420Frame, i420Length } from '../../../transports/livekit/node/index.js';
import { createLocalVideoStream, openLocalStream } from './local-stream.js';
import { mirror } from './mirror.js';

const size = { width: 320, height: 64 };
const request: LocalStreamRequest = {
  ...size,
  fps: 30,
  facing: 'back',
  mirror: 'off',
  nextMarker: null,
  microphone: false,
};
const picture = (seed = 1): I420Frame => ({
  data: Uint8Array.from({ length: i420Length(size.width, size.height) }, (_, at) => (at * seed) & 0xff),
  ...size,
});
const open = (more: Partial<LocalStreamRequest>) =>
  openLocalStream({ ...request, ...more }, new VirtualTimeScheduler());

describe('refuses', () => {
  it.each<[string, Partial<LocalStreamRequest>, RegExp]>([
    ['a size that would be cropped', { width: 322 }, /multiples of 4, got 322x64/],
    ['no rate', { fps: 0 }, /above 0, got 0/],
    ['a microphone', { microphone: true }, /no microphone in Node/],
    [
      'what is no source',
      { source: 'webcam' },
      /'test-pattern', or an Observable or an AsyncIterable .*videoFileFrames/,
    ],
  ])('%s', (_what, more, message) => {
    expect(() => open(more)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
    );
  });

  it('frames of another size, as they come', async () => {
    const { videoTrack } = open({ source: of({ data: new Uint8Array(24), width: 4, height: 4 }) });
    await expect(firstValueFrom(videoTrack.outgoing$)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'Expected frames of 320x64, got 4x4.',
    });
  });
});

it('says what it is', () => {
  const { id, videoTrack, audioTrack } = open({});
  expect({ id, audioTrack, kind: videoTrack.kind, width: videoTrack.width, fps: videoTrack.fps }).toEqual({
    id: 'stream-local',
    audioTrack: null,
    kind: 'video',
    width: 320,
    fps: 30,
  });
});

it.each<['off' | 'on' | 'auto', 'front' | 'back', boolean]>([
  ['off', 'front', false],
  ['on', 'back', true],
  ['auto', 'front', false],
  ['auto', 'back', false],
])('with mirror %s and facing %s: mirrored is %p', async (mode, facing, isMirrored) => {
  const frame = picture();
  const { videoTrack } = open({ mirror: mode, facing, source: of(frame) });
  const sent = await firstValueFrom(videoTrack.outgoing$);
  expect(Buffer.compare(sent.data, isMirrored ? mirror(picture()).data : picture().data)).toBe(0);
  expect(Buffer.compare(frame.data, picture().data)).toBe(0);
});

it('stamps each frame once, however many rooms send it, and counts it once', async () => {
  let seq = 0;
  const source = new Subject<I420Frame>();
  const stream = open({ source, nextMarker: () => seq++ });
  const read = ({ data }: I420Frame) => readMarker(data, size.width, size.height, size.width);
  const markers: (number | null)[] = [];
  const rooms = [0, 1].map(() => stream.videoTrack.outgoing$.subscribe((frame) => markers.push(read(frame))));
  source.next(picture());
  expect([markers, stream.framesSent, seq]).toEqual([[0, 0], 1, 1]);
  for (const room of rooms) room.unsubscribe();
});

it('shows what goes out in copies, without counting that as sent', async () => {
  const source = new Subject<I420Frame>();
  const stream = open({ source, mirror: 'on' });
  const seen: I420Frame[] = [];
  stream.frames$.subscribe((frame) => seen.push(frame));
  source.next(picture(1));
  expect(stream.framesSent).toBe(0);
  expect(seen[0]?.data).toEqual(mirror(picture(1)).data);
  await stream.dispose();
});

it('goes through a reconnect: another room gets the frames that follow', async () => {
  const stream = await createLocalVideoStream({ ...size, fps: 500 });
  const before = await firstValueFrom(stream.frames$.pipe(take(2), toArray()));
  const after = await firstValueFrom(stream.frames$.pipe(take(2), toArray()));
  const pictures = [...before, ...after].map(({ data }) => Buffer.from(data).toString('latin1'));
  expect(new Set(pictures).size).toBe(4);
  await stream.dispose();
});

it('closes its source and completes when disposed of, once, also for who comes later', async () => {
  const source = new Subject<I420Frame>();
  const stream = open({ source });
  const ends: string[] = [];
  stream.videoTrack.outgoing$.subscribe({ complete: () => ends.push('outgoing') });
  stream.frames$.subscribe({ complete: () => ends.push('frames') });
  await stream.dispose();
  await stream.dispose();
  await stream[asyncDispose]();
  expect(source.observed).toBe(false);
  stream.videoTrack.outgoing$.subscribe({ complete: () => ends.push('late') });
  expect(ends).toEqual(['outgoing', 'frames', 'late']);
});

it('runs nothing before it is sent', async () => {
  let subscriptions = 0;
  const source = defer(() => {
    subscriptions += 1;
    return NEVER;
  });
  const stream = open({ source });
  expect(subscriptions).toBe(0);
  const sending = stream.videoTrack.outgoing$.subscribe();
  expect(subscriptions).toBe(1);
  sending.unsubscribe();
  await stream.dispose();
});

it("takes a model's size and rate", async () => {
  const { videoTrack } = await createLocalVideoStream({ model: { width: 1280, height: 704, fps: 30 } });
  expect(videoTrack).toMatchObject({ width: 1280, height: 704, fps: 30 });
});

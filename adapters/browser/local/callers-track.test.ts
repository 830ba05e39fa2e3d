// In Chromium a track keeps every stream that it is in, and a caller's track may outlive everything here.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BehaviorSubject, firstValueFrom } from 'rxjs';
import { FakeStream } from '../../../testkit/pages/fake-stream.js';
import { openLocalStream } from './local-stream.js';
import { attachPreview } from './preview.js';

class FakeTrack extends EventTarget {
  readonly kind = 'video';
  readonly readyState = 'live';
  clone = (): never => {
    throw new Error('The track is sent as it is.');
  };
}
const track = () => new FakeTrack() as FakeTrack & MediaStreamTrack;

const fakes = { MediaStream: FakeStream, document: {}, navigator: { userAgent: 'Chrome/1' } };
const before = new Map<string, PropertyDescriptor | undefined>();
beforeEach(() => {
  FakeStream.all.length = 0;
  for (const [name, value] of Object.entries(fakes)) {
    before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
});
afterEach(() => {
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    else Reflect.deleteProperty(globalThis, name);
  }
});

test('a preview leaves the track when another is shown, and when it is detached', () => {
  const video = { play: async () => undefined, srcObject: null } as unknown as HTMLVideoElement;
  const [first, second] = [track(), track()];
  const tracks$ = new BehaviorSubject<MediaStreamTrack | null>(first);
  const detach = attachPreview(video, tracks$, undefined);
  tracks$.next(second);
  expect(new Set(FakeStream.kept())).toEqual(new Set([second]));
  expect((video.srcObject as MediaStream | null)?.getTracks()).toEqual([second]);
  detach();
  expect(FakeStream.kept()).toEqual([]);
});

test('a local stream of it leaves it when it is disposed of', async () => {
  const source = track();
  const request = { width: 640, height: 360, fps: 25, facing: 'front', mirror: 'off' } as const;
  const stream = await firstValueFrom(openLocalStream({ ...request, microphone: false, nextMarker: null, source }));
  expect(FakeStream.kept()).toEqual([source]);
  await stream.dispose();
  expect(FakeStream.kept()).toEqual([]);
});

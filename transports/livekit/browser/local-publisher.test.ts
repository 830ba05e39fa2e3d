// With LiveKit's own tracks: what they hold on to is theirs to say.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LocalTrack } from 'livekit-client';
import { defaultPublishOptions } from '../../../core/session/machine/connect-plan.js';
import { FakeStream } from '../../../testkit/pages/fake-stream.js';
import { type LiveKitClient, loadLiveKitClient, type Room } from './load.js';
import { createLocalPublisher } from './local-publisher.js';

/** A track of the caller's that knows who listens to it. */
class FakeTrack extends EventTarget {
  readonly kind = 'video';
  readonly readyState = 'live';
  readonly enabled = true;
  readonly listeners = new Set<unknown>();
  getConstraints = () => ({});
  getSettings = () => ({});
  override addEventListener(...[type, listener]: Parameters<EventTarget['addEventListener']>): void {
    this.listeners.add(listener);
    super.addEventListener(type, listener);
  }
  override removeEventListener(...[type, listener]: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners.delete(listener);
    super.removeEventListener(type, listener);
  }
}

let sdk: LiveKitClient;
beforeAll(async () => {
  sdk = await loadLiveKitClient();
});
const before = Object.getOwnPropertyDescriptor(globalThis, 'MediaStream');
beforeEach(() => {
  FakeStream.all.length = 0;
  Object.defineProperty(globalThis, 'MediaStream', { value: FakeStream, configurable: true });
});
afterEach(() => {
  if (before) Object.defineProperty(globalThis, 'MediaStream', before);
  else Reflect.deleteProperty(globalThis, 'MediaStream');
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setup() {
  let [publish, refuse] = [(): void => undefined, (_error: Error): void => undefined];
  const publishing = new Promise<void>((resolve, reject) => {
    publish = resolve;
    refuse = reject;
  });
  // As LiveKit does, for a track, and for one that is made already.
  const publishTrack = async (given: LocalTrack | MediaStreamTrack) => {
    const isMade = given instanceof sdk.LocalVideoTrack;
    const videoTrack = isMade ? given : new sdk.LocalVideoTrack(given as MediaStreamTrack, undefined, true);
    const done = async (): Promise<void> => undefined;
    const sender = { getParameters: () => ({ encodings: [] }), setParameters: done, replaceTrack: done };
    videoTrack.sender = sender as unknown as RTCRtpSender;
    await publishing;
    return { videoTrack };
  };
  const room = { localParticipant: { publishTrack } } as unknown as Room;
  const options = { publish: defaultPublishOptions, timesFrames: false };
  const publisher = createLocalPublisher(sdk, room, options, () => undefined);
  const track = () => new FakeTrack() as FakeTrack & MediaStreamTrack;
  return { publisher, publish, refuse, track, streams: FakeStream.kept };
}

describe('a track of the caller’s', () => {
  test('is let go when the publisher is released', async () => {
    const { publisher, publish, track, streams } = setup();
    const camera = track();
    publish();
    await publisher.publishVideo(camera);
    await settled();
    expect([camera.listeners.size, streams()]).toEqual([4, [camera]]);
    publisher.release();
    expect([camera.listeners.size, streams()]).toEqual([0, []]);
  });

  test.each(['published', 'refused'] as const)('is let go when it is %s after the release', async (how) => {
    const { publisher, publish, refuse, track, streams } = setup();
    const camera = track();
    const published = publisher.publishVideo(camera).catch(() => undefined);
    publisher.release();
    await settled();
    if (how === 'published') publish();
    else refuse(new Error('The room is left.'));
    await published;
    expect([camera.listeners.size, streams()]).toEqual([0, []]);
  });

  test('is let go when another takes its place', async () => {
    const { publisher, publish, track, streams } = setup();
    const [camera, other] = [track(), track()];
    publish();
    await publisher.publishVideo(camera);
    await settled();
    await publisher.replaceVideo(other);
    expect([camera.listeners.size, streams()]).toEqual([0, [other]]);
    // Nothing is done to it any more.
    camera.removeEventListener = () => {
      throw new Error('The track is still known.');
    };
    publisher.release();
    expect([other.listeners.size, streams()]).toEqual([0, []]);
  });

  test('may come back', async () => {
    const { publisher, publish, track, streams } = setup();
    const [camera, other] = [track(), track()];
    publish();
    await publisher.publishVideo(camera);
    await settled();
    await publisher.replaceVideo(other);
    await publisher.replaceVideo(camera);
    publisher.release();
    expect([camera.listeners.size, other.listeners.size, streams()]).toEqual([0, 0, []]);
  });
});

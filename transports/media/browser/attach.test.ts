import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Subject } from 'rxjs';
import { FakeStream } from '../../../testkit/pages/fake-stream.js';
import { attachStream, isShown } from './attach.js';
import { afterFrame, untilReplaced } from './played.js';

/** An element that renders a frame when it is asked to, and notes every source that it is given. */
class FakeVideo extends EventTarget {
  readonly sources: unknown[] = [];
  paused = true;
  playsInline = false;
  #source: unknown = null;
  #waiting = new Map<number, () => void>();
  get srcObject(): unknown {
    return this.#source;
  }
  set srcObject(source: unknown) {
    this.#source = source;
    this.sources.push(source);
  }
  play = async (): Promise<void> => undefined;
  requestVideoFrameCallback = (call: () => void): number => {
    this.#waiting.set(this.#waiting.size + 1, call);
    return this.#waiting.size;
  };
  cancelVideoFrameCallback = (handle: number): void => void this.#waiting.delete(handle);
  render(): void {
    const due = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const call of due) call();
  }
}

const fakes = {
  MediaStream: FakeStream,
  navigator: { userAgent: 'Chrome/1', userAgentData: {} },
  document: { visibilityState: 'visible' },
};
const before = new Map<string, PropertyDescriptor | undefined>();
beforeEach(() => {
  fakes.document.visibilityState = 'visible';
  for (const [name, value] of Object.entries(fakes)) {
    before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
});
afterEach(() => {
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    else Reflect.deleteProperty(globalThis, name);
  }
});

function setup() {
  const video = new FakeVideo();
  const element = video as unknown as HTMLVideoElement;
  const streams$ = new Subject<MediaStream | null>();
  const detach = attachStream(element, streams$);
  const streamOf = (...tracks: object[]) => new FakeStream(tracks) as unknown as MediaStream;
  const shownTracks = (): object[] => (video.srcObject as FakeStream).getTracks();
  return { video, element, streams$, detach, streamOf, shownTracks };
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether it is settled by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => {
    done = true;
  });
  await immediate();
  return done;
}

test('an element goes from stream to stream by one source, which is never taken away', () => {
  const { video, element, streams$, detach, streamOf, shownTracks } = setup();
  const [picture, sound, next] = [{ kind: 'video' }, { kind: 'audio' }, { kind: 'video' }];
  const [first, second] = [streamOf(picture, sound), streamOf(next, sound)];
  streams$.next(first);
  const [source] = video.sources;
  expect([isShown(element, first), isShown(element, second)]).toEqual([true, false]);
  streams$.next(null);
  expect(shownTracks()).toEqual([picture, sound]);
  streams$.next(second);
  expect(new Set(shownTracks())).toEqual(new Set([next, sound]));
  expect(video.sources).toEqual([source]);
  expect([isShown(element, first), isShown(element, second)]).toEqual([false, true]);
  detach();
  expect(video.sources).toEqual([source, null]);
  // The tracks may go on, and what they are in is kept as long.
  expect((source as FakeStream).getTracks()).toEqual([]);
});

test('in Firefox an element that plays ends before its source is taken away, unless that is another one by then', () => {
  const value = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0' };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  const detached = () => {
    const { video, streams$, detach, streamOf, shownTracks } = setup();
    streams$.next(streamOf({ kind: 'video' }));
    Object.assign(video, { paused: false });
    detach();
    expect(shownTracks()).toEqual([]);
    return video;
  };
  const video = detached();
  video.dispatchEvent(new Event('ended'));
  expect(video.srcObject).toBeNull();

  const other = detached();
  const another = new FakeStream();
  other.srcObject = another;
  other.dispatchEvent(new Event('ended'));
  expect(other.srcObject).toBe(another);

  const { video: still, streams$, detach, streamOf } = setup();
  streams$.next(streamOf({ kind: 'video' }));
  detach();
  expect(still.srcObject).toBeNull();
});

test.each([
  ['nothing', null],
  ['a selector', 'video'],
  ['an element that does not play', { tagName: 'DIV' }],
])('attaching to %s is refused, and subscribes to nothing', (_what, target) => {
  const streams$ = new Subject<MediaStream | null>();
  expect(() => attachStream(target as unknown as HTMLVideoElement, streams$)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('attach()') }),
  );
  expect(streams$.observed).toBe(false);
});

test('what is attached to an element by itself takes the place of what was there', () => {
  const { video, element, streams$, streamOf, shownTracks } = setup();
  const next = { kind: 'video' };
  streams$.next(streamOf({ kind: 'video' }));
  const others$ = new Subject<MediaStream | null>();
  attachStream(element, others$);
  others$.next(streamOf(next));
  expect(shownTracks()).toEqual([next]);
  expect(video.sources).toHaveLength(1);
  expect(streams$.observed).toBe(false);
});

test('the moment to replace a stream is right after a frame, where an element plays it', () => {
  const { video, streams$, detach, streamOf } = setup();
  const stream = streamOf({ kind: 'video' });
  const seen: string[] = [];
  const look = (name: string) => afterFrame(stream).subscribe({ complete: () => seen.push(name) });
  look('not attached');
  streams$.next(stream);
  look('attached');
  expect(seen).toEqual(['not attached']);
  video.render();
  expect(seen).toEqual(['not attached', 'attached']);
  detach();
  look('detached');
  expect(seen).toEqual(['not attached', 'attached', 'detached']);
});

test('a stream is replaced when the element shows a frame of the next', async () => {
  const { video, streams$, streamOf } = setup();
  const [first, second] = [streamOf({ kind: 'video' }), streamOf({ kind: 'video' })];
  streams$.next(first);
  expect(await isDone(untilReplaced(first))).toBe(true);
  streams$.next(second);
  const replaced = untilReplaced(first);
  expect(await isDone(replaced)).toBe(false);
  video.render();
  expect(await isDone(replaced)).toBe(true);
});

test('an element that shows no frame, in a hidden page or at all, holds nothing up for long', async () => {
  const { element, streams$, streamOf } = setup();
  const [first, second] = [streamOf({ kind: 'video' }), streamOf({ kind: 'video' })];
  streams$.next(first);
  await new Promise<void>((resolve) => void afterFrame(first).subscribe({ complete: resolve }));
  fakes.document.visibilityState = 'hidden';
  streams$.next(second);
  await untilReplaced(first);
  expect(isShown(element, second)).toBe(true);
});

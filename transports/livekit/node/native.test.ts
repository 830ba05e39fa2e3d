import { createRequire } from 'node:module';
import { afterEach, expect, it } from '@jest/globals';
import { i420Length } from '../../media/node/i420-frame.js';
import { acquireLiveKitNode, type LiveKitNode, type NativeHold, trackListeners } from './native.js';

const ffiEvent = 'ffi_event';

interface Client {
  listenerCount(event: string): number;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

const startedClient = (): Client | undefined => (globalThis as { _ffiClientInstance?: Client })._ffiClientInstance;

const holds: NativeHold[] = [];
afterEach(async () => {
  for (const { release } of holds.splice(0)) await release();
});

async function acquire(): Promise<NativeHold> {
  const hold = await acquireLiveKitNode();
  holds.push(hold);
  return hold;
}

/** A frame in, a frame out: proves that the native library runs. */
async function loopBack({ rtc }: { readonly rtc: LiveKitNode }): Promise<number> {
  const source = new rtc.VideoSource(64, 48);
  const track = rtc.LocalVideoTrack.createVideoTrack('camera', source);
  const reader = new rtc.VideoStream(track).getReader();
  const data = new Uint8Array(i420Length(64, 48)).fill(42);
  source.captureFrame(new rtc.VideoFrame(data, 64, 48, rtc.VideoBufferType.I420));
  let luma = 0;
  // Before the first frame is captured, the library may have sent a black one of its own.
  while (luma < 20) luma = (await reader.read()).value?.frame.data[0] ?? 0;
  await reader.cancel();
  await track.close(true);
  return luma;
}

it('runs again after it was shut down', async () => {
  for (let round = 0; round < 3; round += 1) {
    const hold = await acquire();
    expect(await loopBack(hold)).toBe(42);
    expect(startedClient()).toBeDefined();
    await hold.release();
    expect(startedClient()).toBeUndefined();
  }
});

it('is shut down by the last share only', async () => {
  const [first, second] = [await acquire(), await acquire()];
  await loopBack(first);
  await first.release();
  await first.release();
  expect(startedClient()).toBeDefined();
  expect(await loopBack(second)).toBe(42);
  await second.release();
  expect(startedClient()).toBeUndefined();
});

it('waits for a shutdown that is under way before it starts again', async () => {
  const first = await acquire();
  await loopBack(first);
  const releasing = first.release();
  const second = await acquire();
  await releasing;
  expect(await loopBack(second)).toBe(42);
});

it('is left running while someone else in the process uses it', async () => {
  const hold = await acquire();
  await loopBack(hold);
  const foreign = (): void => undefined;
  startedClient()?.on(ffiEvent, foreign);
  await hold.release();
  expect(startedClient()).toBeDefined();
  startedClient()?.off(ffiEvent, foreign);
  const last = await acquire();
  await last.release();
  expect(startedClient()).toBeUndefined();
});

it('does not take listeners that are tracked for those of someone else, and takes them off', async () => {
  const hold = await acquire();
  await loopBack(hold);
  const client = startedClient();
  const add = (): void => client?.on(ffiEvent, () => undefined);
  const { removeListeners } = trackListeners(add);
  trackListeners(add);
  expect(client?.listenerCount(ffiEvent)).toBe(2);
  removeListeners();
  expect(client?.listenerCount(ffiEvent)).toBe(1);
  await hold.release();
  expect(startedClient()).toBeUndefined();
  // Who waits there for an answer would start the library again.
  expect(client?.listenerCount(ffiEvent)).toBe(0);
});

it('can be released without ever having been used', async () => {
  const hold = await acquire();
  await expect(hold.release()).resolves.toBeUndefined();
});

it('is quiet, and leaves the environment as it was', async () => {
  const environment = { ...process.env };
  await acquire();
  expect(process.env).toEqual(environment);
  const { cache } = createRequire(`${process.cwd()}/any.js`);
  const loggers = Object.entries(cache).filter(([file]) => /rtc-node[\\/]dist[\\/]log\.cjs$/.test(file));
  expect(loggers.map(([, module]) => module?.exports.log.level)).toEqual(['silent']);
});

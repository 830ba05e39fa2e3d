import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFrames, takeFrames } from './frame-reader.js';

type Frame = VideoFrame & { isClosed: boolean };

const globals = globalThis as { MediaStreamTrackProcessor?: unknown };

/** A stream that is given its frames by hand, and what happens to it, in order. */
function handFed() {
  const happened: string[] = [];
  let give: (frame: Frame) => void = () => undefined;
  const readable = new ReadableStream<VideoFrame>(
    {
      pull: (controller) => {
        happened.push('asked');
        return new Promise<void>((resolve) => {
          give = (frame) => {
            controller.enqueue(frame);
            resolve();
          };
        });
      },
      cancel: () => {
        happened.push('cancelled');
      },
    },
    { highWaterMark: 0 },
  );
  const frame = (name: string): Frame => {
    const made = {
      isClosed: false,
      close: () => {
        made.isClosed = true;
        happened.push(`${name} closed`);
      },
    };
    return made as Frame;
  };
  return { readable, happened, frame, give: (next: Frame) => give(next) };
}

let fed: ReturnType<typeof handFed>;
beforeEach(() => {
  fed = handFed();
  globals.MediaStreamTrackProcessor = class {
    readonly readable = fed.readable;
  };
});
afterEach(() => {
  delete globals.MediaStreamTrackProcessor;
});

const track = {} as MediaStreamTrack;

test('reading ends between two frames: the one that is on its way is closed, and not visited', async () => {
  const visited: string[] = [];
  let whenVisited = (): void => undefined;
  const firstVisit = new Promise<void>((resolve) => {
    whenVisited = resolve;
  });
  const reader = readFrames(track, () => {
    visited.push('visit');
    whenVisited();
  });
  fed.give(fed.frame('first'));
  await firstVisit;
  await new Promise(setImmediate);
  const stopped = reader?.stop();
  expect(fed.happened).toEqual(['asked', 'first closed', 'asked']);
  fed.give(fed.frame('second'));
  await stopped;
  expect(fed.happened).toEqual(['asked', 'first closed', 'asked', 'second closed', 'cancelled']);
  expect(visited).toHaveLength(1);
});

test('what is stopped by a visit asks for no further frame', async () => {
  const reader = readFrames(track, () => void reader?.stop());
  fed.give(fed.frame('first'));
  await reader?.stop();
  expect(fed.happened).toEqual(['asked', 'first closed', 'cancelled']);
});

test('a stream without frames ends as well', async () => {
  const reader = readFrames(track, () => undefined);
  await reader?.stop();
  expect(fed.happened).toEqual(['asked', 'cancelled']);
});

test('a stream that is given up before it is read is read once: a frame may be waiting in it', async () => {
  const given = takeFrames(fed.readable, AbortSignal.abort(), () => {
    throw new Error('taken');
  });
  fed.give(fed.frame('first'));
  await given;
  expect(fed.happened).toEqual(['asked', 'first closed', 'cancelled']);
});

test('a visit that fails ends the reading, with its frame closed', async () => {
  const reader = readFrames(track, () => {
    throw new Error('no picture');
  });
  fed.give(fed.frame('first'));
  await new Promise(setImmediate);
  expect(fed.happened).toEqual(['asked', 'first closed', 'cancelled']);
  await reader?.stop();
});

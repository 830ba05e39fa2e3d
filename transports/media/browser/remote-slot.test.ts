import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RoomEvent } from '../../../core/ports/media.js';
import { createRemoteSlot } from './remote-slot.js';
import type { BrowserRemoteStream, RemoteTracks } from './remote-stream.js';

type Clone = { readonly kind: string; stopped: boolean; readonly ended: Promise<void> };

const globals = globalThis as { MediaStream?: unknown; MediaStreamTrackProcessor?: unknown };

beforeEach(() => {
  globals.MediaStream = class {};
  // Frames that never come.
  globals.MediaStreamTrackProcessor = class {
    readonly readable = new ReadableStream();
  };
});
afterEach(() => {
  delete globals.MediaStream;
  delete globals.MediaStreamTrackProcessor;
});

/** A slot, what it reports, and the clones it makes of its tracks. */
function setup() {
  const clones: Clone[] = [];
  const streams: (BrowserRemoteStream | null)[] = [];
  const trackOf = (kind: string) => ({
    mediaStreamTrack: {
      kind,
      clone: () => {
        let end = (): void => undefined;
        const ended = new Promise<void>((resolve) => {
          end = resolve;
        });
        const clone = {
          kind,
          stopped: false,
          ended,
          addEventListener: () => undefined,
          removeEventListener: () => undefined,
          stop: () => {
            clone.stopped = true;
            end();
          },
        };
        clones.push(clone);
        return clone;
      },
    },
    receiver: undefined,
  });
  const [video, audio, other] = [trackOf('video'), trackOf('audio'), trackOf('audio')];
  const report = (event: RoomEvent<BrowserRemoteStream>): void => {
    if (event.type === 'streamChanged') streams.push(event.stream);
  };
  const slot = createRemoteSlot({ onPlaybackRefused: () => undefined, follow: null }, { onMarker: null }, report);
  const show = (tracks: object): void => slot.show(tracks as RemoteTracks);
  return { slot, show, clones, streams, video, audio, other };
}

test('a stream that gains a track goes on for whoever holds it, until one of its tracks has gone', async () => {
  const { show, clones, streams, video, audio, other } = setup();
  const stopped = (): string[] => clones.filter((clone) => clone.stopped).map(({ kind }) => kind);
  show({ video, audio: null });
  show({ video, audio: null });
  expect(streams).toHaveLength(1);
  show({ video, audio });
  expect(streams).toHaveLength(2);
  expect([streams[1] === streams[0], stopped()]).toEqual([false, []]);
  show({ video, audio: other });
  // Both older ones: one of them has lost its sound.
  await Promise.all(clones.slice(0, 3).map(({ ended }) => ended));
  expect(stopped()).toEqual(['video', 'video', 'audio']);
  show({ video: null, audio: null });
  await Promise.all(clones.map(({ ended }) => ended));
  expect(stopped()).toHaveLength(5);
  expect(streams.at(-1)).toBeNull();
});

test('the end of a connection ends every stream of it', async () => {
  const { slot, show, clones, video, audio } = setup();
  show({ video, audio: null });
  show({ video, audio });
  await slot.stop();
  expect(clones.map(({ stopped }) => stopped)).toEqual([true, true, true]);
});

// Rooms of livekit-client never stop listening to the page's devices: none may be made without a use.
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BehaviorSubject, lastValueFrom, toArray } from 'rxjs';
import type { MediaRoom, RoomRequest } from '../../../core/ports/media.js';
import { defaultPublishOptions } from '../../../core/session/machine/connect-plan.js';
import type { PublishableStream } from '../../media/browser/local-stream.js';
import type { BrowserRemoteStream } from '../../media/browser/remote-stream.js';
import { loadOnce } from '../../media/load.js';
import { createLiveKitBrowserTransport } from './index.js';
import type { LiveKitClient } from './load.js';
import { createTransport } from './transport.js';

const request: RoomRequest<PublishableStream> = {
  url: 'ws://media.example',
  token: 'token',
  localStream: null,
  videoTrack: null,
  publish: defaultPublishOptions,
  onMarker: null,
};

/** A library that comes when `arrive` is called, whose rooms are joined when the server lets them in. */
function setup() {
  const rooms: FakeRoom[] = [];
  const prepared: string[] = [];
  const publishing = deferred();
  class FakeRoom extends EventEmitter {
    state = 'disconnected';
    readonly remoteParticipants = new Map();
    readonly localParticipant = {
      publishTrack: async () => {
        await publishing.promise;
      },
    };
    constructor() {
      super();
      rooms.push(this);
    }
    disconnect = async (): Promise<void> => undefined;
    async connect(): Promise<void> {
      this.emit('signalConnected');
      await publishing.promise;
    }
    async prepareConnection(url: string): Promise<void> {
      prepared.push(url);
    }
  }
  const RoomEvent = new Proxy({}, { get: (_, name: string) => name[0]?.toLowerCase() + name.slice(1) });
  const library = deferred();
  const sdk = {
    Room: FakeRoom,
    RoomEvent,
    ParticipantEvent: RoomEvent,
    VideoPreset: class {},
    Track: { Source: {} },
    LocalVideoTrack: class {},
  };
  const load = loadOnce(async () => {
    await library.promise;
    return sdk as unknown as LiveKitClient;
  });
  const settings = {
    connectTimeoutMs: 1000,
    onPlaybackRefused: () => undefined,
    follow: null,
    createMetadataWorker: null,
  };
  const [transport, another] = [createTransport(load, settings), createTransport(load, settings)];
  return { transport, another, rooms, prepared, arrive: library.resolve, published: publishing.resolve };
}

const end = (room: MediaRoom<BrowserRemoteStream>): Promise<string[]> =>
  new Promise((resolve) => {
    const seen: string[] = [];
    room.events$.subscribe({ next: ({ type }) => seen.push(type), complete: () => resolve(seen) });
  });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a room that is made after its join was given up is there for the next', async () => {
  const { transport, rooms, arrive } = setup();
  const givenUp = transport.join(request);
  const ended = end(givenUp);
  givenUp.close();
  expect(await ended).toEqual(['closed']);
  arrive();
  await settled();
  const next = transport.join(request);
  const nextEnded = end(next);
  await settled();
  expect(rooms).toHaveLength(1);
  next.close();
  await nextEnded;
});

test('a library that does not load loses the room for good, and the next join asks for it again', async () => {
  let loads = 0;
  const transport = createLiveKitBrowserTransport({
    load: async () => {
      loads += 1;
      throw new TypeError('Failed to fetch');
    },
  });
  for (let time = 0; time < 2; time += 1) {
    const before = loads;
    const events = await lastValueFrom(transport.join(request).events$.pipe(toArray()));
    expect(events).toEqual([
      {
        type: 'lost',
        failure: expect.objectContaining({
          code: 'LOAD_ERROR',
          permanent: true,
          message: expect.stringContaining('npm install livekit-client'),
        }),
      },
      { type: 'closed' },
    ]);
    expect(loads).toBeGreaterThan(before);
  }
});

test('whoever waits for the library finds one room when it comes', async () => {
  const { transport, rooms, arrive } = setup();
  transport.preload?.();
  transport.preload?.(request);
  const room = transport.join(request);
  const ended = end(room);
  arrive();
  await settled();
  expect(rooms).toHaveLength(1);
  room.close();
  await ended;
});

test('a page that goes idle while a join is under way, or after one, makes no second room', async () => {
  const { transport, rooms, arrive } = setup();
  const room = transport.join(request);
  const ended = end(room);
  transport.preload?.();
  arrive();
  await settled();
  transport.preload?.();
  await settled();
  expect(rooms).toHaveLength(1);
  room.close();
  await ended;
});

describe('ahead of a join', () => {
  let peers = 0;
  class FakePeerConnection {
    constructor() {
      peers += 1;
    }
    addTransceiver(): void {}
    async createOffer(): Promise<void> {}
    close(): void {}
  }
  beforeEach(() => {
    peers = 0;
    Object.assign(globalThis, { RTCPeerConnection: FakePeerConnection });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
    Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
  });

  test('peer connections are warmed up, and the connection to a room that is known is prepared', async () => {
    const { transport, rooms, prepared, arrive } = setup();
    arrive();
    transport.preload?.();
    await settled();
    await jest.advanceTimersByTimeAsync(50);
    expect(peers).toBe(1);
    transport.preload?.(request);
    await settled();
    await jest.advanceTimersByTimeAsync(0);
    expect(prepared).toEqual([request.url]);
    expect(rooms).toHaveLength(1);
  });

  test('nothing is done that a join would do by itself in the same moment', async () => {
    const { transport, rooms, prepared, arrive } = setup();
    arrive();
    transport.preload?.();
    await settled();
    await jest.advanceTimersByTimeAsync(49);
    transport.preload?.(request);
    const room = transport.join(request);
    const ended = end(room);
    await settled();
    await jest.advanceTimersByTimeAsync(1000);
    expect({ peers, prepared, rooms: rooms.length }).toEqual({ peers: 0, prepared: [], rooms: 1 });
    room.close();
    await ended;
  });
});

test('clients that load the library alike share their rooms, also while they have sessions at once', async () => {
  const { transport, another, rooms, arrive } = setup();
  arrive();
  const connections = [transport.join(request), another.join(request)];
  const ended = connections.map(end);
  await settled();
  expect(rooms).toHaveLength(2);
  for (const connection of connections) connection.close();
  await Promise.all(ended);
  const again = [another.join(request), transport.join(request)];
  const endedAgain = again.map(end);
  await settled();
  expect(rooms).toHaveLength(2);
  for (const connection of again) connection.close();
  await Promise.all(endedAgain);
});

test('a camera is not followed by a connection that ended while it was being published', async () => {
  const { transport, arrive, published } = setup();
  const videoTrack = Object.assign(new EventTarget(), {
    kind: 'video',
    readyState: 'live',
    enabled: true,
    clone: () => undefined,
  }) as unknown as MediaStreamTrack;
  const videoTrack$ = new BehaviorSubject<MediaStreamTrack | null>(videoTrack);
  const localStream = { videoTrack, audioTrack: null, videoTrack$ } as unknown as PublishableStream;
  const room = transport.join({ ...request, localStream });
  const ended = end(room);
  arrive();
  await settled();
  room.close();
  await ended;
  published();
  await settled();
  expect(videoTrack$.observed).toBe(false);
});

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

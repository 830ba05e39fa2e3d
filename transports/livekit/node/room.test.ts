import { EventEmitter } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PublishOptions, RoomEvent, RoomRequest } from '../../../core/ports/media.js';
import { createAccessToken, type MediaServer, startMediaServer } from '../../../testkit/simulator/sfu/media-server.js';
import type { NodeLocalStream } from '../../media/node/local-stream.js';
import type { NodeRemoteStream } from '../../media/node/remote-stream.js';
import { createLiveKitNodeTransport, type LiveKitNodeTransport, type LiveKitNodeTransportOptions } from './index.js';
import type { LiveKitNode } from './native.js';

const publish: PublishOptions = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 1_000_000,
  maxFramerate: 30,
  simulcast: false,
  degradationPreference: 'balanced',
};

const requestTo = (url: string, token: string): RoomRequest<NodeLocalStream> => ({
  url,
  token,
  localStream: null,
  videoTrack: null,
  publish,
  onMarker: null,
});

type Event = RoomEvent<NodeRemoteStream>;

/** A library whose room does what the test says. */
function createFake(behaviour: {
  connect?: () => Promise<void>;
  disconnect?: () => Promise<void>;
  openVideo?: () => ReadableStream;
}) {
  const rooms: FakeRoom[] = [];
  const calls: string[] = [];
  class RemoteVideoTrack {}
  class RemoteAudioTrack {}
  class FakeRoom extends EventEmitter {
    readonly remoteParticipants = new Map<string, unknown>();
    readonly localParticipant = {};
    /** Ends the calls that wait for an answer, as the library has it. */
    readonly disconnectController = new AbortController();
    constructor() {
      super();
      rooms.push(this);
    }
    async connect(_url: string, _token: string, options: unknown): Promise<void> {
      calls.push('connect');
      optionsSeen.push(options);
      await behaviour.connect?.();
    }
    async disconnect(): Promise<void> {
      calls.push('disconnect');
      await behaviour.disconnect?.();
    }
    addServiceTrack(): void {
      const publication = { track: new RemoteVideoTrack() };
      const trackPublications = new Map([['TR_1', publication]]);
      this.remoteParticipants.set('inference-server-0', { identity: 'inference-server-0', trackPublications });
    }
  }
  const optionsSeen: unknown[] = [];
  const RoomEvent = {
    TrackSubscribed: 'trackSubscribed',
    TrackUnsubscribed: 'trackUnsubscribed',
    ParticipantDisconnected: 'participantDisconnected',
    ConnectionStateChanged: 'connectionStateChanged',
    Reconnecting: 'reconnecting',
    Reconnected: 'reconnected',
    Disconnected: 'disconnected',
  };
  class VideoStream {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: stands in for a subclass of ReadableStream.
      return behaviour.openVideo?.() ?? new ReadableStream();
    }
  }
  const rtc = {
    Room: FakeRoom,
    RoomEvent,
    RemoteVideoTrack,
    RemoteAudioTrack,
    VideoStream,
    VideoBufferType: { I420: 5 },
    dispose: async () => {
      calls.push('dispose');
    },
  } as unknown as LiveKitNode;
  return { rtc, rooms, calls, optionsSeen };
}

const transports: LiveKitNodeTransport[] = [];
afterEach(async () => {
  for (const transport of transports.splice(0)) await transport.release();
});

function openTransport(options: LiveKitNodeTransportOptions): LiveKitNodeTransport {
  const transport = createLiveKitNodeTransport(options);
  transports.push(transport);
  return transport;
}

const never = (): Promise<void> => new Promise(() => undefined);

/** A join whose events are kept as they come. */
function join(transport: LiveKitNodeTransport, request = requestTo('ws://media.example', 'token')) {
  const room = transport.join(request);
  const events: Event[] = [];
  const waiting: { readonly type: string; resolve(): void }[] = [];
  const done = new Promise<void>((resolve) => {
    room.events$.subscribe({
      next: (event) => {
        events.push(event);
        for (const { type, resolve: found } of waiting) if (type === event.type) found();
      },
      complete: resolve,
    });
  });
  const until = (type: Event['type']): Promise<void> =>
    new Promise((resolve) => {
      if (events.some((event) => event.type === type)) resolve();
      else waiting.push({ type, resolve });
    });
  return { room, events, done, until, types: () => events.map(({ type }) => type) };
}

describe('what the native library does not promise', () => {
  it.each([
    ['hangs', never],
    ['throws', () => Promise.reject(new Error('engine is closed'))],
  ])('closes, although disconnect() %s', async (_what, disconnect) => {
    const { rtc, rooms } = createFake({ disconnect });
    const { room, done, until, types } = join(openTransport({ load: async () => rtc }));
    await until('published');
    room.close();
    await done;
    expect(types()).toEqual(['joined', 'published', 'closed']);
    expect(rooms[0]?.disconnectController.signal.aborted).toBe(true);
  });

  it('leaves a room again whose join succeeds after it was given up', async () => {
    const [connecting, connected, left] = [deferred(), deferred(), deferred()];
    const { rtc } = createFake({
      connect: () => {
        connecting.resolve();
        return connected.promise;
      },
      disconnect: async () => left.resolve(),
    });
    const { room, done, types } = join(openTransport({ load: async () => rtc }));
    await connecting.promise;
    room.close();
    await done;
    expect(types()).toEqual(['closed']);
    connected.resolve();
    await expect(left.promise).resolves.toBeUndefined();
  });

  it('gives a join up that hangs', async () => {
    const { rtc, optionsSeen } = createFake({ connect: never });
    const transport = openTransport({ load: async () => rtc, connectTimeoutMs: 20, joinRetries: 2 });
    const { events, done } = join(transport);
    await done;
    expect(events).toEqual([
      { type: 'lost', failure: expect.objectContaining({ code: 'WEBRTC_TIMEOUT_ERROR', data: { limitMs: 20 } }) },
      { type: 'closed' },
    ]);
    expect(optionsSeen).toEqual([{ autoSubscribe: true, dynacast: false, connectTimeoutMs: 20n, joinRetries: 2 }]);
  });

  it('reports what its own handlers throw', async () => {
    const broken = (): never => {
      throw new Error('newVideoStream failed');
    };
    const { rtc, rooms } = createFake({ openVideo: broken });
    const { events, done, until } = join(openTransport({ load: async () => rtc }));
    await until('published');
    rooms[0]?.addServiceTrack();
    expect(() => rooms[0]?.emit('trackSubscribed')).not.toThrow();
    await done;
    expect(events.slice(-2)).toEqual([
      { type: 'lost', failure: expect.objectContaining({ code: 'WEBRTC_ICE_ERROR', cause: expect.any(Error) }) },
      { type: 'closed' },
    ]);
  });

  it('finds tracks that were there before the room was joined, without an event', async () => {
    const { rtc, rooms } = createFake({ connect: async () => rooms[0]?.addServiceTrack() });
    const { room, done, until, types } = join(openTransport({ load: async () => rtc }));
    await until('streamChanged');
    room.close();
    await done;
    expect(types()).toEqual(['joined', 'published', 'streamChanged', 'closed']);
  });

  it('says why the library could not be loaded, to each join, and loads it once', async () => {
    let loads = 0;
    const load = async (): Promise<LiveKitNode> => {
      loads += 1;
      throw new Error('Cannot find native binding.');
    };
    for (const transport of [openTransport({ load }), openTransport({ load })]) {
      const { done, events } = join(transport);
      await done;
      expect(events).toEqual([
        { type: 'lost', failure: expect.objectContaining({ code: 'WEBRTC_ICE_ERROR', permanent: true }) },
        { type: 'closed' },
      ]);
    }
    expect(loads).toBe(1);
  });

  it('loads nothing before it is needed, and nothing twice', async () => {
    const { rtc, calls } = createFake({});
    let loads = 0;
    const transport = openTransport({
      load: async () => {
        loads += 1;
        return rtc;
      },
    });
    transport.join(requestTo('ws://media.example', 'token'));
    expect(loads).toBe(0);
    transport.preload?.();
    transport.preload?.();
    const { room, until, done } = join(transport);
    await until('published');
    room.close();
    await done;
    await transport.release();
    await transport.release();
    expect([loads, calls]).toEqual([1, ['connect', 'disconnect', 'dispose']]);
  });
});

describe('with a media server', () => {
  const transport = createLiveKitNodeTransport();
  let server: MediaServer;
  beforeAll(async () => {
    server = await startMediaServer();
  });
  afterAll(async () => {
    await server.close();
    await transport.release();
  });

  const listeners = (): number =>
    (globalThis as { _ffiClientInstance?: EventEmitter })._ffiClientInstance?.listenerCount('ffi_event') ?? 0;

  async function requestFor(room: string): Promise<RoomRequest<NodeLocalStream>> {
    const { url, apiKey, apiSecret } = server;
    return requestTo(url, await createAccessToken({ apiKey, apiSecret, room, identity: 'me' }));
  }

  it.each([
    ['the server', (name: string) => server.kick(name)],
    ['the client', null],
  ])('leaves no listener behind when %s ends the connection', async (_who, end) => {
    const name = `ended by ${_who}`;
    const { room, done, until } = join(transport, await requestFor(name));
    await until('published');
    expect(listeners()).toBeGreaterThan(0);
    if (end) end(name);
    else room.close();
    await done;
    expect(listeners()).toBe(0);
  });

  it('leaves no listener behind when the join is refused, and shows no token', async () => {
    const { token } = await requestFor('refused');
    const wrong = `${token}x`;
    const { events, done } = join(transport, requestTo(server.url, wrong));
    await done;
    expect(events).toEqual([
      { type: 'lost', failure: expect.objectContaining({ code: 'WEBRTC_ICE_ERROR', permanent: true }) },
      { type: 'closed' },
    ]);
    expect(inspect(events, { depth: 9 })).not.toContain(token);
    expect(listeners()).toBe(0);
  });

  it('closes the rooms that are still open before the library is given back', async () => {
    const releasing = openTransport({});
    const { done, until, types } = join(releasing, await requestFor('released'));
    await until('published');
    await releasing.release();
    await done;
    expect(types().at(-1)).toBe('closed');
    expect(listeners()).toBe(0);
  });

  it('reports a resume on request', async () => {
    const { room, done, until } = join(transport, await requestFor('resumed'));
    await until('published');
    room.resume();
    await until('reconnected');
    room.close();
    await done;
  });

  it('gives a server up that accepts connections and says nothing', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const hasty = openTransport({ connectTimeoutMs: 200 });
    const { events, done } = join(hasty, requestTo(`ws://127.0.0.1:${port}`, 'token'));
    await done;
    expect(events).toEqual([
      { type: 'lost', failure: expect.objectContaining({ code: 'WEBRTC_TIMEOUT_ERROR' }) },
      { type: 'closed' },
    ]);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });
});

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

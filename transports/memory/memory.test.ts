import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import type { Failure } from '../../core/errors.js';
import type { RoomEvent, RoomRequest } from '../../core/ports/media.js';
import type { SocketEvent } from '../../core/ports/signaling.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryRemoteStream,
} from './index.js';

const LOST: Failure = { code: 'WEBRTC_ICE_ERROR', message: 'gone' };

function request(onMarker: ((seq: number) => void) | null = null): RoomRequest {
  return {
    url: 'memory://room',
    token: 'secret',
    localStream: createMemoryLocalStream(),
    videoTrack: null,
    publish: {
      preferredCodec: 'vp8',
      backupCodec: null,
      maxBitrate: 2_000_000,
      maxFramerate: 30,
      simulcast: false,
      degradationPreference: 'balanced',
    },
    onMarker,
  };
}

function openSocket(options: MemoryNetworkOptions = {}) {
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({ scheduler, ...options });
  const socket = network.signaling.open({ url: 'memory://x?api_key=secret' });
  const events: SocketEvent[] = [];
  const subscription = socket.events$.subscribe((event) => events.push(event));
  const [server] = network.sockets;
  if (!server) throw new Error('no socket');
  return { scheduler, network, socket, server, events, subscription };
}

function joinRoom(options: MemoryNetworkOptions = {}, onMarker: ((seq: number) => void) | null = null) {
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({ scheduler, ...options });
  const room = network.media.join(request(onMarker));
  const events: RoomEvent<MemoryRemoteStream>[] = [];
  room.events$.subscribe((event) => events.push(event));
  const [server] = network.rooms;
  if (!server) throw new Error('no room');
  return { scheduler, network, room, server, events, types: () => events.map(({ type }) => type) };
}

describe('a socket', () => {
  test('hands events over at once, but not from inside a call of the client', () => {
    const { scheduler, socket, server, events } = openSocket();
    server.accept();
    expect(events).toEqual([{ type: 'opened' }]);
    server.received$.subscribe((frame) => server.deliver(`re: ${frame}`));
    socket.send('hello');
    expect(events).toHaveLength(1);
    scheduler.flush();
    expect(events.slice(1)).toEqual([{ type: 'message', data: 're: hello' }]);
    expect(scheduler.frame).toBe(0);
  });

  test('an answer to a frame sent from inside an event comes after that event', () => {
    const log: string[] = [];
    const network = createMemoryNetwork({
      scheduler: new VirtualTimeScheduler(),
      onSocket: (server) => {
        server.received$.subscribe(() => server.deliver('answer'));
        server.accept();
      },
    });
    const socket = network.signaling.open({ url: 'memory://x' });
    socket.events$.subscribe((event) => {
      if (event.type === 'opened') socket.send('question');
      log.push(event.type);
    });
    expect(log).toEqual(['opened', 'message']);
  });

  test('closes after the given delay, and counts as open until then', () => {
    const { scheduler, network, socket, server, events } = openSocket({ closeDelayMs: 2_000 });
    server.accept();
    socket.close(4000, 'bye');
    server.deliver('late');
    expect([server.state, server.closedByClient, network.open.sockets]).toEqual([
      'closing',
      { code: 4000, reason: 'bye' },
      1,
    ]);
    scheduler.flush();
    expect(scheduler.frame).toBe(2_000);
    expect(events.slice(1)).toEqual([{ type: 'closed', code: 4000, reason: 'bye' }]);
    expect([server.state, network.open.sockets]).toEqual(['closed', 0]);
  });

  test('notifies the server when the client leaves without a close', () => {
    const { network, server, events, subscription } = openSocket();
    let ended = false;
    server.received$.subscribe({ complete: () => (ended = true) });
    subscription.unsubscribe();
    server.accept();
    expect([ended, server.state, network.open.sockets, events]).toEqual([true, 'closed', 0, []]);
  });

  test('refuses what no server could do', () => {
    const { server } = openSocket();
    expect(() => server.deliver('x')).toThrow('not open yet');
    server.accept();
    expect(() => server.accept()).toThrow('open already');
    expect(() => server.refuse(401)).toThrow('open already');
  });

  test('does not show its address', () => {
    const { network, server } = openSocket();
    expect(server.url).toContain('secret');
    expect(inspect(network, { depth: 10 }) + JSON.stringify(network.sockets)).not.toContain('secret');
  });
});

describe('a room', () => {
  test('plays a whole connection', () => {
    const seqs: number[] = [];
    const { network, room, server, events, types } = joinRoom({}, (seq) => seqs.push(seq));
    server.publishRemote();
    server.publishRemote('viewer-1');
    server.accept({ publish: false });
    expect(types()).toEqual(['joined']);
    server.acceptPublished();
    server.firstFrame();
    server.marker(7);
    server.reconnecting();
    server.reconnected();
    server.transportState('connectionState', 'connected');
    const first = server.stream;
    server.publishRemote('inference-server-0', 'audio');
    expect(first?.disposed).toBe(false);
    expect(server.stream).not.toBe(first);
    expect(server.stream?.audioTrack?.live).toBe(true);
    room.resume();
    server.unpublishRemote();
    expect(events.at(-1)).toEqual({ type: 'streamChanged', stream: null });
    expect(types().slice(1)).toEqual([
      'published',
      'streamChanged',
      'firstFrame',
      'reconnecting',
      'reconnected',
      'transportState',
      'streamChanged',
      'streamChanged',
    ]);
    expect([seqs, server.resumes, network.open.streams]).toEqual([[7], 1, 0]);
  });

  test('that is lost closes itself and ends its tracks', () => {
    const { scheduler, network, server, types } = joinRoom();
    server.accept();
    const track = server.publishRemote();
    server.lose(LOST);
    server.publishRemote();
    expect(types().slice(2)).toEqual(['streamChanged', 'lost']);
    scheduler.flush();
    expect(types().slice(4)).toEqual(['closed']);
    expect([track.live, network.open]).toEqual([false, { sockets: 0, rooms: 0, streams: 0 }]);
  });

  test('emits nothing more once the client has closed', () => {
    const { scheduler, room, server, types } = joinRoom({ closeDelayMs: 100 });
    server.accept();
    room.close();
    server.lose(LOST);
    server.publishRemote();
    server.reconnecting();
    scheduler.flush();
    expect(types()).toEqual(['joined', 'published', 'closed']);
  });

  test('can fail a replacement', () => {
    const { scheduler, room, server } = joinRoom();
    server.accept();
    server.replaceFailure = LOST;
    const errors: unknown[] = [];
    const track = { kind: 'video' };
    room.replaceVideoTrack(track).subscribe({ error: (error) => errors.push(error) });
    scheduler.flush();
    expect(errors).toMatchObject([{ code: 'WEBRTC_ICE_ERROR' }]);
    server.replaceFailure = null;
    let done = false;
    room.replaceVideoTrack(track).subscribe({ complete: () => (done = true) });
    scheduler.flush();
    expect([done, server.replacedTracks]).toEqual([true, [track]]);
  });

  test('refuses what no server could do', () => {
    const { server } = joinRoom();
    expect(() => server.lose(LOST)).toThrow('use fail()');
    expect(() => server.reconnecting()).toThrow('accept() it first');
    server.accept();
    expect(() => server.accept()).toThrow('joined already');
    expect(() => server.fail(LOST)).toThrow('use lose()');
    expect(() => server.acceptPublished()).toThrow('published');
    expect(() => server.firstFrame()).toThrow('no remote stream');
  });

  test('does not show its token', () => {
    const { network } = joinRoom();
    expect(inspect(network, { depth: 10 })).not.toContain('secret');
  });
});

test('what happens to a socket inside a call of the client does not reach a room inside that call either', () => {
  const { scheduler, network, socket, server } = openSocket();
  const types: string[] = [];
  network.media.join(request()).events$.subscribe(({ type }) => types.push(type));
  server.accept();
  server.received$.subscribe(() => network.rooms[0]?.accept());
  socket.send('join');
  expect(types).toEqual([]);
  scheduler.flush();
  expect(types).toEqual(['joined', 'published']);
});

test('a thousand sessions leave nothing open', () => {
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({
    scheduler,
    closeDelayMs: 10,
    onSocket: (socket) => socket.accept(),
    onRoom: (room) => room.accept(),
  });
  const counts = new Set<string>();
  for (let i = 0; i < 1000; i += 1) {
    const socket = network.signaling.open({ url: 'memory://x' });
    const room = network.media.join(request());
    socket.events$.subscribe();
    room.events$.subscribe();
    socket.send('{"type":"livekit_join"}');
    network.sockets[i]?.deliver('{"type":"livekit_room_info"}');
    network.rooms[i]?.publishRemote();
    socket.close();
    room.close();
    counts.add(JSON.stringify(network.open));
    // One by one: rxjs sorts every pending timer whenever one is added.
    scheduler.flush();
  }
  expect([...counts]).toEqual(['{"sockets":1,"rooms":1,"streams":1}']);
  expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
});

import { EMPTY, VirtualTimeScheduler } from 'rxjs';
import { createMemoryNetwork, type MemorySocket } from '../../transports/memory/index.js';
import type { DecartError } from '../errors.js';
import { encodeSubscribeToken } from '../protocol/subscribe-token.js';
import { createViewerClient } from './viewer.js';

const TOKEN = encodeSubscribeToken({ sessionId: 'session 1', serverIp: '10.0.0.1', serverPort: 4000 });
const offer = { type: 'offer', sdp: 'theirs' } as const;
const answer = { type: 'answer', sdp: 'the service' } as const;
const candidate = { candidate: 'a way', sdpMid: '0' };

/** A viewer over a network in memory, in virtual time. Each socket does as `onSocket` says; default: it opens. */
function setup(onSocket = (socket: MemorySocket, _nth: number): void => socket.accept(), canWatch = true) {
  const time = new VirtualTimeScheduler();
  let sockets = 0;
  const network = createMemoryNetwork({ scheduler: time, onSocket: (socket) => onSocket(socket, sockets++) });
  const client = createViewerClient({
    media: network.media,
    direct: {
      signaling: network.signaling,
      media: canWatch ? network.directMedia : undefined,
      baseUrl: 'ws://host/',
    },
    scheduler: time,
    baseUrl: 'http://host',
    apiKey: 'CANARY-key',
    userAgent: 'test',
    http: { request: () => EMPTY },
  });
  const sent = (nth: number): unknown[] => received[nth] ?? [];
  const received: unknown[][] = [];
  const listen = (nth: number): void => {
    received[nth] = [];
    network.sockets[nth]?.received$.subscribe((frame) => received[nth]?.push(JSON.parse(frame)));
  };
  /** Lets only this much time pass. */
  const pass = (ms = 10): void => {
    time.maxFrames = time.frame + ms;
    time.flush();
    time.maxFrames = Number.POSITIVE_INFINITY;
  };
  const settle = async <T>(pending: Promise<T>): Promise<T> => {
    time.flush();
    return pending;
  };
  /** Answers the viewer's offer on the latest socket, and sends pictures. */
  const comeUp = (): void => {
    listen(network.sockets.length - 1);
    const [socket, room] = [network.sockets.at(-1), network.rooms.at(-1)];
    room?.signal(offer);
    room?.signal({ type: 'candidate', candidate });
    pass();
    socket?.deliver(JSON.stringify({ type: 'ice-candidate', candidate }));
    socket?.deliver(JSON.stringify(answer));
    room?.publishRemote();
    room?.accept();
    pass();
  };
  return { client, network, sent, pass, settle, comeUp };
}

const nothingOpen = { sockets: 0, rooms: 0, streams: 0 };

describe('watching a direct WebRTC session', () => {
  it('opens a socket for it, sends no initial state, offers to receive only, and shows what comes', async () => {
    const { client, network, sent, pass, settle, comeUp } = setup();
    const watching = client.subscribe({ token: TOKEN, iceServers: [{ urls: 'stun:127.0.0.1:9' }] });
    pass();
    comeUp();
    const session = await settle(watching);
    const log: string[] = [];
    session.connectionState$.subscribe((state) => log.push(state));
    session.remoteStream$.subscribe((stream) => log.push(stream === null ? 'no stream' : 'stream'));
    expect(network.sockets.map(({ url }) => url)).toEqual([
      'ws://host/subscribe/session%201?IP=10.0.0.1&port=4000&api_key=CANARY-key',
    ]);
    expect(network.rooms[0]?.request).toMatchObject({
      localStream: null,
      videoTrack: null,
      playsAudio: false,
      iceServers: [{ urls: 'stun:127.0.0.1:9' }],
    });
    expect(sent(0)).toEqual([offer, { type: 'ice-candidate', candidate }]);
    expect(network.rooms[0]?.signals).toEqual([{ type: 'candidate', candidate }, answer]);
    expect(log).toEqual(['connected', 'stream']);
    await settle(session.disconnect());
    expect(log).toEqual(['connected', 'stream', 'no stream', 'disconnected']);
    expect(network.open).toEqual(nothingOpen);
  });

  it('comes back when its socket or its peer connection is lost', async () => {
    const { client, network, settle, pass, comeUp } = setup();
    const watching = client.subscribe({ token: TOKEN });
    pass();
    comeUp();
    const session = await settle(watching);
    const states: string[] = [];
    session.connectionState$.subscribe((state) => states.push(state));
    network.sockets[0]?.closeByServer(1006);
    pass();
    comeUp();
    network.rooms[1]?.lose({ code: 'WEBRTC_ICE_ERROR', message: 'gone' });
    pass(1010);
    comeUp();
    expect(states).toEqual(['connected', 'reconnecting', 'connected', 'reconnecting', 'connected']);
    expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
    await settle(session.disconnect());
    expect(network.open).toEqual(nothingOpen);
  });

  it('ends with the session: a socket that is closed in peace is not opened again', async () => {
    const { client, network, settle, pass, comeUp } = setup();
    const watching = client.subscribe({ token: TOKEN });
    pass();
    comeUp();
    const session = await settle(watching);
    const errors: DecartError[] = [];
    session.errors$.subscribe((error) => errors.push(error));
    network.sockets[0]?.closeByServer(1000);
    pass();
    expect(errors).toMatchObject([{ code: 'WEBRTC_SERVER_ERROR', message: 'The session that was watched has ended.' }]);
    expect(network.sockets).toHaveLength(1);
    expect(network.open).toEqual(nothingOpen);
  });

  it.each<[string, (socket: MemorySocket) => void, string, number]>([
    ['a refused key', (socket) => socket.refuse(401), 'INVALID_API_KEY', 1],
    ['no such session', (socket) => socket.refuse(404), 'WEBRTC_WEBSOCKET_ERROR', 1],
    ['a server in trouble', (socket) => socket.refuse(503), 'WEBRTC_WEBSOCKET_ERROR', 3],
    ['silence', () => undefined, 'WEBRTC_TIMEOUT_ERROR', 3],
  ])('fails for %s', async (_what, onSocket, code, tries) => {
    const { client, network, settle } = setup(onSocket);
    const error = await settle(
      client.subscribe({ token: TOKEN, reconnect: { retries: 2 } }).catch((reason: DecartError) => reason),
    );
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain('CANARY');
    expect(network.sockets).toHaveLength(tries);
    expect(network.open).toEqual(nothingOpen);
  });

  it("fails with the service's own words", async () => {
    const { client, network, settle, pass } = setup();
    const watching = client.subscribe({ token: TOKEN }).catch((reason: DecartError) => reason);
    pass();
    network.sockets[0]?.deliver(JSON.stringify({ type: 'error', error: 'permission denied for CANARY-key' }));
    const error = await settle(watching);
    expect(error).toMatchObject({ code: 'WEBRTC_SERVER_ERROR' });
    expect(String(error)).toMatch(/permission denied for \*\*\*/);
    expect(network.open).toEqual(nothingOpen);
  });

  it('is aborted by its signal while it connects', async () => {
    const { client, network, settle, pass } = setup();
    const abort = new AbortController();
    const watching = client.subscribe({ token: TOKEN, signal: abort.signal }).catch((reason: DecartError) => reason);
    pass();
    expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 0 });
    abort.abort();
    expect(await settle(watching)).toMatchObject({ code: 'ABORTED' });
    expect(network.open).toEqual(nothingOpen);
  });

  it('is refused where there are no peer connections, and for wrong ICE servers', async () => {
    const without = setup(undefined, false);
    const refused = without.client.subscribe({ token: TOKEN }).catch((reason: DecartError) => reason);
    expect(await without.settle(refused)).toMatchObject({ code: 'INVALID_INPUT', data: { field: 'token' } });
    const { client, network } = setup();
    await expect(client.subscribe({ token: TOKEN, iceServers: [{ urls: 'http://x' }] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      data: { field: 'iceServers' },
    });
    expect(network.sockets).toHaveLength(0);
  });
});

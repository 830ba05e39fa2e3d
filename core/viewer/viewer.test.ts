import { of, VirtualTimeScheduler } from 'rxjs';
import { createMemoryNetwork, type MemoryNetwork, type MemoryRoom } from '../../transports/memory/index.js';
import type { DecartError } from '../errors.js';
import type { HttpEvent, HttpRequest } from '../ports/http.js';
import { encodeSubscribeToken } from '../protocol/subscribe-token.js';
import { createViewerClient, type ViewerSession } from './viewer.js';

const TOKEN = encodeSubscribeToken('room 1');
const lost = { code: 'WEBRTC_ICE_ERROR', message: 'gone' } as const;

const text = (status: number, body: unknown): HttpEvent => ({
  type: 'response',
  status,
  headers: {},
  body: { type: 'text', text: typeof body === 'string' ? body : JSON.stringify(body) },
});
const granted = text(200, { livekit_url: 'ws://media', token: 'CANARY-token', room_name: 'room 1' });

/** A viewer over a network in memory, in virtual time. Each room does as `onRoom` says; default: it lets everyone in. */
function setup({
  answers = [],
  onRoom = (room) => room.accept(),
}: {
  answers?: readonly HttpEvent[];
  onRoom?: (room: MemoryRoom, nth: number) => void;
} = {}) {
  const time = new VirtualTimeScheduler();
  const requests: (HttpRequest & { atMs: number })[] = [];
  let rooms = 0;
  const network: MemoryNetwork = createMemoryNetwork({ scheduler: time, onRoom: (room) => onRoom(room, rooms++) });
  const client = createViewerClient({
    media: network.media,
    scheduler: time,
    baseUrl: 'http://host',
    apiKey: 'CANARY-key',
    userAgent: 'test',
    http: {
      request: (request) => {
        requests.push({ ...request, atMs: time.now() });
        return of(answers[requests.length - 1] ?? granted);
      },
    },
  });
  /** Lets all time pass that anything waits for, and then what is promised settle. */
  const settle = async <T>(pending: Promise<T>): Promise<T> => {
    time.flush();
    return pending;
  };
  return { client, network, requests, time, settle };
}

const follow = <R extends { id: string }>(session: ViewerSession<never>) => {
  const log: string[] = [];
  const errors: DecartError[] = [];
  session.connectionState$.subscribe((state) => log.push(state));
  session.remoteStream$.subscribe((stream: R | null) => log.push(stream === null ? 'no stream' : 'stream'));
  session.errors$.subscribe((error) => errors.push(error));
  return { log, errors };
};

describe('subscribe', () => {
  it.each([Number.NaN, -1, '3'])('refuses %p retries', async (retries) => {
    const { client, requests } = setup();
    const watching = client.subscribe({
      token: encodeSubscribeToken('room-1'),
      reconnect: { retries: retries as number },
    });
    await expect(watching).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'reconnect.retries' } });
    expect(requests).toEqual([]);
  });

  it('asks for a way into the room, joins to receive only, and shows what the inference sends', async () => {
    const { client, network, requests, settle, time } = setup();
    const session = await settle(client.subscribe({ token: TOKEN }));
    const { log } = follow(session as never);
    network.rooms[0]?.publishRemote();
    time.flush();
    expect(requests).toMatchObject([
      { method: 'POST', url: 'http://host/watch-stream/room%201', headers: { 'X-API-KEY': 'CANARY-key' } },
    ]);
    expect(network.rooms[0]?.request).toMatchObject({ url: 'ws://media', token: 'CANARY-token', localStream: null });
    expect(log).toEqual(['connected', 'no stream', 'stream']);
    await settle(session.disconnect());
    expect(log).toEqual(['connected', 'no stream', 'stream', 'no stream', 'disconnected']);
    expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
  });

  it.each(['', 'rubbish', '????', btoa('{}'), 7])('refuses the token %j before any request', async (token) => {
    const { client, requests } = setup();
    await expect(client.subscribe({ token: token as string })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(requests).toHaveLength(0);
  });

  it.each<[number, string]>([
    [401, 'INVALID_API_KEY'],
    [404, 'WEBRTC_SERVER_ERROR'],
  ])('gives up at once on HTTP %i', async (status, code) => {
    const { client, requests, settle } = setup({ answers: [text(status, 'no')] });
    const error = await settle(client.subscribe({ token: TOKEN }).catch((reason: DecartError) => reason));
    expect(error).toMatchObject({ code, data: { status } });
    expect(requests).toHaveLength(1);
  });

  it('tries a first connect again with growing delays, and then gives up', async () => {
    const answers = Array.from({ length: 9 }, () => text(503, ''));
    const { client, requests, settle } = setup({ answers });
    const error = await settle(client.subscribe({ token: TOKEN }).catch((reason: DecartError) => reason));
    expect(error).toMatchObject({ code: 'WEBRTC_SERVER_ERROR', data: { status: 503 } });
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 3000, 7000, 15_000, 25_000]);
  });

  it('times out when nobody lets it in, and leaves nothing open', async () => {
    const { client, network, settle } = setup({ onRoom: () => undefined });
    const options = { token: TOKEN, reconnect: { retries: 0 }, connectionTimeoutMs: 100 };
    const error = await settle(client.subscribe(options).catch((reason: DecartError) => reason));
    expect(error).toMatchObject({ code: 'WEBRTC_TIMEOUT_ERROR' });
    expect(network.open.rooms).toBe(0);
  });

  it.each([undefined, null, []])('refuses %p as its options', async (options) => {
    const { client } = setup();
    await expect(client.subscribe(options as never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      data: { field: 'options' },
    });
  });

  it('shows its last state to who comes after its end', async () => {
    const { client, settle } = setup();
    const session = await settle(client.subscribe({ token: TOKEN }));
    await settle(session.disconnect());
    const seen: unknown[] = [];
    const complete = (): void => void seen.push('completed');
    session.connectionState$.subscribe({ next: (state) => seen.push(state), complete });
    session.remoteStream$.subscribe({ next: (stream) => seen.push(stream), complete });
    expect(seen).toEqual(['disconnected', 'completed', null, 'completed']);
  });

  it('is aborted by its signal, and leaves nothing open', async () => {
    const abort = new AbortController();
    const { client, network, settle, time } = setup({ onRoom: () => abort.abort() });
    const error = await settle(
      client.subscribe({ token: TOKEN, signal: abort.signal }).catch((reason: DecartError) => reason),
    );
    expect(error).toMatchObject({ code: 'ABORTED' });
    time.flush();
    expect(network.open.rooms).toBe(0);
    await expect(client.subscribe({ token: TOKEN, signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('a viewer that loses its room', () => {
  it('asks for a new way in at once, and shows the new stream', async () => {
    const { client, network, requests, settle, time } = setup();
    const session = await settle(client.subscribe({ token: TOKEN }));
    const { log, errors } = follow(session as never);
    network.rooms[0]?.publishRemote();
    time.flush();
    const lostAtMs = time.now();
    network.rooms[0]?.lose(lost);
    time.flush();
    network.rooms[1]?.publishRemote();
    time.flush();
    expect(requests[1]?.atMs).toBe(lostAtMs);
    expect(log).toEqual(['connected', 'no stream', 'stream', 'no stream', 'reconnecting', 'connected', 'stream']);
    expect(errors).toEqual([]);
    await settle(session.disconnect());
    expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
  });

  it('gives up after the tries of the policy, and says why', async () => {
    const { client, network, requests, settle, time } = setup({
      onRoom: (room, nth) => (nth === 0 ? room.accept() : room.fail(lost)),
    });
    const session = await settle(client.subscribe({ token: TOKEN }));
    const { log, errors } = follow(session as never);
    const lostAtMs = time.now();
    network.rooms[0]?.lose(lost);
    time.flush();
    expect(requests.slice(1).map(({ atMs }) => atMs - lostAtMs)).toEqual([0, 1000, 3000, 7000, 15_000]);
    expect(log).toEqual(['connected', 'no stream', 'reconnecting', 'disconnected']);
    expect(errors).toMatchObject([lost]);
    await settle(session.disconnect());
    expect(network.open.rooms).toBe(0);
  });

  it('does not fall into a tight loop when each room is lost as soon as it is joined', async () => {
    const { client, network, requests, settle, time } = setup({
      onRoom: (room, nth) => {
        room.accept();
        if (nth > 0) room.lose(lost);
      },
    });
    const session = await settle(client.subscribe({ token: TOKEN }));
    const { errors } = follow(session as never);
    network.rooms[0]?.lose(lost);
    time.flush();
    expect(requests).toHaveLength(6);
    expect(errors).toHaveLength(1);
    expect(network.open.rooms).toBe(0);
  });

  it('stops trying when it is left', async () => {
    const { client, network, requests, settle } = setup({
      onRoom: (room, nth) => (nth === 0 ? room.accept() : undefined),
    });
    const session = await settle(client.subscribe({ token: TOKEN }));
    const { log, errors } = follow(session as never);
    network.rooms[0]?.lose(lost);
    await settle(session.disconnect());
    expect(requests.length).toBeLessThanOrEqual(2);
    expect(log.at(-1)).toBe('disconnected');
    expect(errors).toEqual([]);
    expect(network.open.rooms).toBe(0);
  });

  it('obeys shouldRetry', async () => {
    const asked: string[] = [];
    const { client, network, requests, settle, time } = setup();
    const shouldRetry = ({ code }: DecartError): boolean => asked.push(code) < 0;
    const session = await settle(client.subscribe({ token: TOKEN, reconnect: { shouldRetry } }));
    follow(session as never);
    network.rooms[0]?.lose(lost);
    time.flush();
    expect(asked).toEqual(['WEBRTC_ICE_ERROR']);
    expect(requests).toHaveLength(1);
  });

  it('goes by the default rule when shouldRetry throws', async () => {
    const { client, network, requests, settle, time } = setup();
    const shouldRetry = (): boolean => {
      throw new Error('mine');
    };
    const session = await settle(client.subscribe({ token: TOKEN, reconnect: { shouldRetry } }));
    const { log, errors } = follow(session as never);
    network.rooms[0]?.lose(lost);
    time.flush();
    expect(requests).toHaveLength(2);
    expect([log.at(-1), errors]).toEqual(['connected', []]);
    await settle(session.disconnect());
    expect(network.open.rooms).toBe(0);
  });
});

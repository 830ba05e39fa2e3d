import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { lastValueFrom, toArray, VirtualTimeScheduler } from 'rxjs';
import { WebSocketServer } from 'ws';
import type { SocketEvent } from '../../core/ports/signaling.js';
import { createWebSocketTransport } from './websocket.js';
import { closeFrameOf, frameOf, type WebSocketLike } from './websocket-platform.js';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function listening(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

const eventsAt = (url: string): Promise<SocketEvent[]> =>
  lastValueFrom(createWebSocketTransport().open({ url }).events$.pipe(toArray()));

describe('in Node', () => {
  test('the reason of a failed connection is the error code, never the message', async () => {
    expect(await eventsAt('ws://127.0.0.1:1/?api_key=secret')).toEqual([
      { type: 'closed', code: 1006, reason: 'ECONNREFUSED' },
    ]);
    expect(await eventsAt('not an address?api_key=secret')).toEqual([
      { type: 'closed', code: 1006, reason: 'SyntaxError' },
    ]);
  });

  test('a server that speaks no WebSocket gives its HTTP status', async () => {
    const port = await listening(
      createServer((_request, response) => {
        response.writeHead(404).end('nothing here');
      }),
    );
    expect(await eventsAt(`ws://127.0.0.1:${port}/`)).toEqual([
      { type: 'closed', code: 1006, reason: '', httpStatus: 404 },
    ]);
  });

  test('a ping is answered by a pong, and is nothing before the opening and after the close', async () => {
    const server = createServer();
    const upgrader = new WebSocketServer({ server });
    stops.push(() => new Promise((resolve) => upgrader.close(resolve)));
    const port = await listening(server);
    const socket = createWebSocketTransport().open({ url: `ws://127.0.0.1:${port}/` });
    socket.ping?.();
    const types: string[] = [];
    await new Promise<void>((resolve) => {
      socket.events$.subscribe((event) => {
        types.push(event.type === 'opened' ? `opened ${event.canPing}` : event.type);
        if (event.type === 'opened') socket.ping?.();
        if (event.type === 'pong') socket.close();
        if (event.type === 'closed') resolve();
      });
    });
    socket.ping?.();
    expect(types).toEqual(['opened true', 'pong', 'closed']);
  });

  test('a server that speaks no HTTP is just closed', async () => {
    const port = await listening(createTcpServer((socket) => socket.resume().end('SSH-2.0-OpenSSH\r\n')));
    const [event] = await eventsAt(`ws://127.0.0.1:${port}/`);
    expect(event).toMatchObject({ type: 'closed', code: 1006, reason: expect.stringMatching(/^HPE_/) });
  });

  test('a frame that breaks the protocol closes the socket with the error code as reason', async () => {
    let raw: Socket | undefined;
    const server = createServer();
    const upgrader = new WebSocketServer({ server });
    upgrader.on('connection', (_socket, request) => {
      raw = request.socket;
      // Opcode 3 is reserved.
      raw.write(Buffer.from([0x83, 0x00]));
    });
    const port = await listening(server);
    const events = await eventsAt(`ws://127.0.0.1:${port}/`);
    expect(events.map(({ type }) => type)).toEqual(['opened', 'closed']);
    expect(events.at(-1)).toMatchObject({ code: 1006, reason: 'WS_ERR_INVALID_OPCODE' });
  });

  test('inspecting a socket does not show its address', () => {
    const socket = createWebSocketTransport().open({ url: 'ws://127.0.0.1:1/?api_key=secret' });
    expect(inspect(socket, { depth: 10, showHidden: true })).not.toContain('secret');
    expect(JSON.stringify(socket)).not.toContain('secret');
  });
});

/** A socket as browsers have it: no `terminate`, no `on`, and strict about what `close` is given. */
class BrowserSocket implements WebSocketLike {
  readyState = 0;
  binaryType = 'blob';
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: { data: unknown }) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  onclose: ((event: { code: number; reason: string }) => unknown) | null = null;
  readonly closes: [number?, string?][] = [];
  readonly sent: string[] = [];

  send(data: string): void {
    if (this.readyState === 0) throw new Error('InvalidStateError');
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) throw new Error('InvalidAccessError');
    if (reason && new TextEncoder().encode(reason).length > 123) throw new Error('SyntaxError');
    this.readyState = 2;
    this.closes.push([code, reason]);
  }

  open(): void {
    this.readyState = 1;
    (this.onopen as (() => void) | null)?.();
  }
}

describe('as in a browser', () => {
  function connect() {
    const scheduler = new VirtualTimeScheduler();
    const live = new BrowserSocket();
    const socket = createWebSocketTransport({ createSocket: () => live, scheduler }).open({ url: 'wss://x' });
    const events: SocketEvent[] = [];
    let completed = false;
    const subscription = socket.events$.subscribe({
      next: (event) => events.push(event),
      complete: () => (completed = true),
    });
    return { scheduler, live, socket, events, subscription, completed: () => completed };
  }

  test('a close that comes while the socket is being made closes it once it is open', () => {
    const scheduler = new VirtualTimeScheduler();
    const live = new BrowserSocket();
    const createSocket = (): WebSocketLike => {
      socket.close(1000, '');
      return live;
    };
    const socket = createWebSocketTransport({ createSocket, scheduler }).open({ url: 'wss://x' });
    const events: SocketEvent[] = [];
    socket.events$.subscribe((event) => events.push(event));
    live.open();
    expect(live.closes).toEqual([[1000, '']]);
    scheduler.flush();
    expect(events).toEqual([{ type: 'closed', code: 1006, reason: '' }]);
  });

  test("a page's own WebSocket is taken, and not what is imported", () => {
    const { WebSocket: before } = globalThis;
    const asked: unknown[] = [];
    class PageSocket extends BrowserSocket {
      constructor(url: string) {
        super();
        asked.push(url);
      }
    }
    Object.assign(globalThis, { document: {}, WebSocket: PageSocket });
    try {
      createWebSocketTransport({ scheduler: new VirtualTimeScheduler() })
        .open({ url: 'wss://service.example' })
        .events$.subscribe()
        .unsubscribe();
    } finally {
      Object.assign(globalThis, { WebSocket: before });
      Reflect.deleteProperty(globalThis, 'document');
    }
    expect(asked).toEqual(['wss://service.example']);
  });

  test('binary frames are asked for as buffers', () => {
    const { live, events } = connect();
    live.open();
    live.onmessage?.({ data: Uint8Array.of(1, 2).buffer });
    expect(live.binaryType).toBe('arraybuffer');
    expect(events).toEqual([{ type: 'opened' }, { type: 'message', data: Uint8Array.of(1, 2) }]);
  });

  test('a close that is never answered ends within 3 s', () => {
    const { scheduler, live, socket, events, completed } = connect();
    live.open();
    socket.close(1001, 'ž'.repeat(100));
    live.onmessage?.({ data: 'late' });
    expect(live.closes).toEqual([[1000, 'ž'.repeat(61)]]);
    expect(events).toEqual([{ type: 'opened' }]);
    scheduler.flush();
    expect(scheduler.frame).toBeLessThanOrEqual(3_000);
    expect(events.slice(1)).toEqual([{ type: 'closed', code: 1006, reason: '' }]);
    expect(completed()).toBe(true);
    expect(live.onclose).toBeNull();
  });

  test('an answered close stops the timer', () => {
    const { scheduler, live, socket, events } = connect();
    live.open();
    socket.close(4000, 'bye');
    live.onclose?.({ code: 4000, reason: 'bye' });
    scheduler.flush();
    expect(scheduler.frame).toBe(0);
    expect(events).toEqual([{ type: 'opened' }, { type: 'closed', code: 4000, reason: 'bye' }]);
  });

  test('leaving closes once, also after a close, and lets the timer go', () => {
    const { scheduler, live, socket, events, subscription } = connect();
    live.open();
    socket.close();
    subscription.unsubscribe();
    expect(live.closes).toEqual([[1000, '']]);
    live.onclose?.({ code: 1000, reason: '' });
    scheduler.flush();
    expect(scheduler.frame).toBe(0);
    expect(events).toEqual([{ type: 'opened' }]);
  });

  describe('closed while it is being opened', () => {
    const ways = {
      close: ({ socket }: ReturnType<typeof connect>) => socket.close(4000, 'enough'),
      unsubscribe: ({ subscription }: ReturnType<typeof connect>) => subscription.unsubscribe(),
    };
    const frames = { close: [4000, 'enough'], unsubscribe: [1000, ''] } as const;
    const expected = { close: [{ type: 'closed', code: 1006, reason: '' }], unsubscribe: [] } as const;

    test.each(['close', 'unsubscribe'] as const)('it is closed once it is open, not before (%s)', (way) => {
      const connection = connect();
      const { scheduler, live, socket, events } = connection;
      ways[way](connection);
      socket.close();
      expect(events).toEqual([]);
      scheduler.maxFrames = 0;
      scheduler.flush();
      expect(events).toEqual(expected[way]);
      expect(live.closes).toEqual([]);
      socket.send('late');
      live.open();
      live.onmessage?.({ data: 'late' });
      live.onclose?.({ code: 1000, reason: '' });
      scheduler.maxFrames = Number.POSITIVE_INFINITY;
      scheduler.flush();
      expect(live).toMatchObject({ closes: [frames[way]], sent: [] });
      expect(events).toEqual(expected[way]);
      expect(scheduler.frame).toBe(0);
    });

    test('one that cannot be opened needs no closing', () => {
      const { scheduler, live, socket, events } = connect();
      socket.close();
      live.onclose?.({ code: 1006, reason: '' });
      scheduler.flush();
      expect(scheduler.frame).toBe(0);
      expect(live.closes).toEqual([]);
      expect(events).toEqual([{ type: 'closed', code: 1006, reason: '' }]);
    });

    test('one that hangs is cut 10 s after it began: it would hold up the next', () => {
      const { scheduler, live, socket } = connect();
      scheduler.schedule(() => socket.close(), 9_000);
      scheduler.maxFrames = 9_999;
      scheduler.flush();
      expect(live.closes).toEqual([]);
      scheduler.maxFrames = 10_000;
      scheduler.flush();
      expect(live.closes).toEqual([[1000, '']]);
    });
  });

  test('what the platform throws while opening is a closed without the address', () => {
    const createSocket = (url: string): WebSocketLike => {
      throw new DOMException(`The URL '${url}' is invalid.`, 'SyntaxError');
    };
    const events: SocketEvent[] = [];
    createWebSocketTransport({ createSocket })
      .open({ url: 'wss://x?api_key=secret' })
      .events$.subscribe((event) => events.push(event));
    expect(events).toEqual([{ type: 'closed', code: 1006, reason: 'SyntaxError' }]);
  });
});

test('close codes and reasons are made fit for every platform', () => {
  expect(closeFrameOf()).toEqual([1000, '']);
  expect(closeFrameOf(4999, 'x')).toEqual([4999, 'x']);
  for (const code of [0, 999, 1005, 1011, 2999, 5000, 3000.5, Number.NaN]) expect(closeFrameOf(code)[0]).toBe(1000);
  expect(closeFrameOf(1000, '🐎'.repeat(40))[1]).toBe('🐎'.repeat(30));
});

test('frames come out as strings or bytes, whatever the platform hands over', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  expect(frameOf('text')).toBe('text');
  expect(frameOf(bytes.buffer)).toEqual(bytes);
  expect(frameOf(Buffer.from(bytes))).toEqual(bytes);
  expect(frameOf(new DataView(bytes.buffer, 1, 2))).toEqual(Uint8Array.of(2, 3));
  expect(frameOf({ size: 4 })).toEqual(new Uint8Array());
});

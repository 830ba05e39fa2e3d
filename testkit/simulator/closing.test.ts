// Closing: `close()` completes whatever clients do.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type Simulator, startSimulator } from './simulator.js';

let simulator: Simulator;
const sockets: Socket[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const socket of sockets) socket.destroy();
  sockets.length = 0;
  await simulator.close();
});

/** A connection that keeps its own half open, says this, and waits for the first bytes back, if any are to come. */
async function open(text: string, answer?: RegExp): Promise<Socket> {
  const { hostname, port } = new URL(simulator.httpBaseUrl);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  if (answer !== undefined) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(answer);
  }
  socket.resume();
  return socket;
}

const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

test('a path that is no URL is refused', async () => {
  simulator = await startSimulator({ media: 'none' });
  for (const path of ['//', '//:', 'http://[', '/\\', 'x:y']) await open(upgrade(path), /^HTTP\/1\.1 4\d\d /);
});

test('clients that never hang up, never answer or never end what they say do not hold it up', async () => {
  simulator = await startSimulator({ media: 'none' });
  const { rest } = simulator.faults;
  rest.spoil('status', { kind: 'silent' });
  const session = await open(upgrade('/v1/stream?api_key=k&model=lucy-latest'), /^HTTP\/1\.1 101 /);
  const clients = [
    session,
    await open(upgrade('/v1/stream?api_key=k&model=lucy-latest'), /^HTTP\/1\.1 101 /),
    await open(upgrade('//'), /^HTTP\/1\.1 400 /),
    await open(upgrade('/v1/stream?api_key='), /^HTTP\/1\.1 401 /),
    await open('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1\.1 404 /),
    await open('GET /v1/jobs/1 HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    await open('POST /v1/client/tokens HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: k\r\nContent-Length: 9\r\n\r\n{'),
    await open('GET / HT'),
    await open(''),
  ];
  // From here on time stands still, but for the one second it may take. Everything else is events.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
  const ended = clients.map((client) => client.closed || once(client, 'close'));
  const lastFrame = once(session, 'data');
  const closed = simulator.close();
  // A close frame with 1001.
  expect(((await lastFrame) as [Buffer])[0].subarray(0, 4)).toEqual(Buffer.from([0x88, 0x12, 0x03, 0xe9]));
  jest.advanceTimersByTime(1_000);
  await closed;
  // What is closed for the simulator is closed for them as soon as they close their half.
  for (const client of clients) client.end();
  await Promise.all(ended);
});

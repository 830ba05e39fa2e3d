// Broken HTTP requests and socket upgrades against the whole front of the simulator.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openPlainClient } from './e2e/plain-client.js';
import { seededRandom } from './sfu/faults/random.js';
import { type MediaServer, startMediaServer } from './sfu/media-server.js';
import { type Simulator, startSimulator } from './simulator.js';

const RUNS = 3_000;
const AT_A_TIME = 50;

let simulator: Simulator;
let media: MediaServer;
beforeEach(async () => {
  media = await startMediaServer();
  simulator = await startSimulator({ media: 'none', control: true, receivedLimit: 100 });
});
afterEach(async () => {
  await simulator.close();
  await media.close();
});

const request = (line: string, headers: readonly string[], body = ''): string =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-KEY: decart-sim-key\r\n${headers.map((header) => `${header}\r\n`).join('')}` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const socketHeaders = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];
const form =
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nAAAA\r\n' +
  '--b\r\nContent-Disposition: form-data; name="ttl_seconds"\r\n\r\n60\r\n--b--\r\n';

const samples: readonly string[] = [
  request('GET /v1/stream?api_key=k&model=lucy-latest', socketHeaders),
  // Behind the upgrade: a masked text frame, and a close frame.
  `${request('GET /v1/stream?api_key=k&model=lucy-latest', socketHeaders)}\x81\x82\0\0\0\0{}\x88\x80\0\0\0\0`,
  request('GET //', socketHeaders),
  request('GET /rtc/v1?access_token=x&join_request=AAAA', socketHeaders),
  request('GET /rtc?access_token=x', ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings']),
  request(
    'POST /v1/client/tokens',
    ['Content-Type: application/json'],
    '{"expiresIn":60,"constraints":{"realtime":{}}}',
  ),
  request('POST /v1/files', ['Content-Type: multipart/form-data; boundary=b'], form),
  request(
    'POST /v1/jobs/lucy-2.1',
    ['Content-Type: multipart/form-data; boundary=b'],
    form.replace('"file"', '"data"'),
  ),
  request('GET /v1/realtime/quota', []),
  request('GET /v1/jobs/%E0%A4%A', []),
  request('DELETE /v1/files/file_1', []),
  request('POST /watch-stream/room', []),
  request('POST /_simulator/faults', [], '{"kind":"server-error","text":"x"}'),
  request('OPTIONS *', ['Origin: http://x']),
  request('CONNECT example.com:443', []),
];

function mutate(sample: string, random: () => number): Buffer {
  const bytes = Buffer.from(sample, 'latin1');
  // Mostly printable, and mostly near the request's line: what breaks HTTP itself is Node's to refuse.
  for (let i = random() * 5; i > 0; i -= 1) {
    const byte = random() < 0.8 ? '/?&=%:; \r\n{}[]"-0aZ#@\\'.charCodeAt(Math.floor(random() * 23)) : random() * 256;
    bytes[Math.floor(random() ** 2 * bytes.length)] = byte;
  }
  return random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

/** Says it, hangs up, and waits until the other side has done so. */
async function say(url: string, bytes: Buffer): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A reset is as good an answer as any.
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.resume();
  socket.end(bytes);
  await closed;
}

test.each([
  ['the service', () => simulator.httpBaseUrl],
  ['the media server', () => media.url],
])('nothing that arrives as HTTP ends the process: %s', async (_name, url) => {
  const random = seededRandom(11);
  for (let run = 0; run < RUNS; run += AT_A_TIME) {
    const batch = Array.from({ length: AT_A_TIME }, (_, i) =>
      mutate(samples[(run + i) % samples.length] ?? '', random),
    );
    await Promise.all(batch.map((bytes) => say(url(), bytes)));
  }
  const client = await openPlainClient(simulator.baseUrl);
  client.send({ type: 'livekit_join', passthrough: true });
  await client.next('livekit_room_info');
  expect((await fetch(media.url.replace(/^ws/, 'http'))).status).toBe(200);
});

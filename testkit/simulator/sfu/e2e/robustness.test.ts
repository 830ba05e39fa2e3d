import { once } from 'node:events';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AddTrackRequest, DisconnectReason, SignalRequest, SignalResponse, TrackType } from '@livekit/protocol';
import { WebSocket } from 'ws';

import { openedSince } from '../../../../scripts/jest/opened-since.js';
import { seededRandom } from '../faults/random.js';
import { createAccessToken, type MediaServer, startMediaServer } from '../media-server.js';
import { plainOffer, RawClient } from './raw-client.js';

let server: MediaServer;
beforeEach(async () => {
  server = await startMediaServer();
});

afterEach(async () => {
  expect(server.stats().packetsMishandled).toBe(0);
  await server.close();
});

/** The whole way in still works. */
async function expectAlive(): Promise<void> {
  const client = await RawClient.open(server, 'probe');
  await client.next('join');
  const { sdp } = await client.next('answer');
  expect(sdp).toContain('a=ice-lite');
  await client.close();
}

function mutate(sample: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(sample);
  const changes = 1 + Math.floor(random() * 6);
  for (let i = 0; i < changes && bytes.length > 0; i += 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  const end = random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length;
  return bytes.subarray(0, end);
}

test('thousands of broken datagrams on an open path harm nobody', async () => {
  const client = await RawClient.open(server, 'mallory');
  const { sdp } = await client.next('answer');
  const send = await client.connectPath(sdp);
  const random = seededRandom(7);
  const samples = [
    '000100002112a442000102030405060708090a0b',
    '16fefd00000000000000000030010000240000000000000024fefd000000000000000000',
    '17fefd000100000000000100100001020304050607',
    '14fefd0000000000000005000101',
    '15fefd000000000000000600020228',
    `80e00001000000010000${'04d2'}${'00'.repeat(40)}`,
    `90e0000100000001000004d2bede0001401031ff${'11'.repeat(40)}`,
    `80c8000600000001${'00'.repeat(60)}`,
    `81cd000300000001000004d2000100ff${'00'.repeat(18)}`,
  ].map((hex) => Buffer.from(hex, 'hex'));
  for (let i = 0; i < 6000; i += 1) {
    const sample = samples[i % samples.length] ?? Buffer.alloc(0);
    await send(mutate(sample, random));
  }
  await expectAlive();
  await client.close();
});

test('broken signalling messages are passed over', async () => {
  const client = await RawClient.open(server, 'mallory');
  await client.next('join');
  const random = seededRandom(8);
  const request = (message: SignalRequest['message']) => Buffer.from(new SignalRequest({ message }).toBinary());
  const camera = new AddTrackRequest({ cid: 'camera', type: TrackType.VIDEO, name: 'x' });
  const samples = [
    request({ case: 'addTrack', value: camera }),
    request({ case: 'ping', value: 5n }),
    Buffer.from('{"addTrack":{"cid":"camera","type":"VIDEO"}}'),
  ];
  for (let i = 0; i < 3000; i += 1) {
    const sample = samples[i % samples.length] ?? Buffer.alloc(0);
    const broken = mutate(sample, random);
    client.socket.send(i % 2 === 0 ? broken : broken.toString('latin1'));
  }
  client.request({ case: 'leave', value: {} as never });
  const [code] = (await once(client.socket, 'close')) as [number];
  expect(code).toBe(1000);
  await expectAlive();
});

test('broken offers are answered or passed over', async () => {
  const client = await RawClient.open(server, 'mallory');
  await client.next('join');
  await client.next('answer');
  client.request({ case: 'addTrack', value: new AddTrackRequest({ cid: 'camera', type: TrackType.VIDEO }) });
  await client.next('trackPublished');
  const random = seededRandom(9);
  const lines = plainOffer.split('\r\n');
  for (let i = 0; i < 1500; i += 1) {
    const broken = [...lines];
    const at = Math.floor(random() * broken.length);
    const kind = random();
    if (kind < 0.3) broken.splice(at, 1 + Math.floor(random() * 4));
    else if (kind < 0.6) broken.splice(at, 0, lines[Math.floor(random() * lines.length)] ?? '');
    else broken[at] = mutate(Buffer.from(broken[at] ?? ''), random).toString('latin1');
    client.request({ case: 'offer', value: { type: 'offer', sdp: broken.join('\r\n'), id: i + 2 } as never });
  }
  client.request({ case: 'offer', value: { type: 'offer', sdp: plainOffer, id: 9999 } as never });
  let answer = await client.next('answer');
  while (answer.id !== 9999) answer = await client.next('answer');
  expect(answer.sdp).toContain('a=mid:2');
  await client.close();
});

test.each([
  ['/', 200],
  ['/rtc/validate', 401],
  ['/rtc/v1/validate?access_token=x', 401],
  ['/elsewhere', 404],
  ['/%', 404],
  ['//', 404],
])('GET %s gives %i', async (path, status) => {
  const response = await fetch(`${server.url.replace(/^ws/, 'http')}${path}`);
  expect(response.status).toBe(status);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  await response.text();
});

test.each([
  ['/rtc/v1?join_request=AAAA', 400],
  ['/rtc/v1', 400],
  ['/rtc/v2', 404],
])('a socket to %s is refused with %i', async (path, status) => {
  const { apiKey, apiSecret } = server;
  const token = await createAccessToken({ apiKey, apiSecret, room: 'raw', identity: 'a' });
  const socket = new WebSocket(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain(String(status));
});

test.each([
  ['expired', { ttlSeconds: -60 }, 'token is expired'],
  ['of another server', { apiSecret: 'guessed' }, 'invalid token'],
  ['of another key', { apiKey: 'other' }, 'invalid token'],
  ['without a room', { room: '' }, 'permission denied: token does not allow joining a room'],
  ['without an identity', { identity: '' }, 'token has no identity'],
])('a token that is %s is refused, and the reason does not show it', async (_name, change, reason) => {
  const { apiKey, apiSecret } = server;
  const token = await createAccessToken({ apiKey, apiSecret, room: 'raw', identity: 'a', ...change });
  const response = await fetch(`${server.url.replace(/^ws/, 'http')}/rtc/validate?access_token=${token}`);
  expect(response.status).toBe(401);
  expect(await response.text()).toBe(reason);
});

test('who joins again under its own name stays in the room, and meets those who come later', async () => {
  const first = await RawClient.open(server, 'alice');
  await first.next('join');
  const again = await RawClient.open(server, 'alice');
  const { room, otherParticipants: others } = await again.next('join');
  // Its old self is out before it is in.
  expect({ others, participants: room?.numParticipants }).toEqual({ others: [], participants: 0 });
  expect((await first.next('leave')).reason).toBe(DisconnectReason.DUPLICATE_IDENTITY);
  const bob = await RawClient.open(server, 'bob');
  const { otherParticipants } = await bob.next('join');
  expect(otherParticipants.map(({ identity }) => identity)).toEqual(['alice']);
  expect(server.stats()).toMatchObject({ rooms: 1, participants: 2 });
  for (const client of [first, again, bob]) await client.close();
});

test('an echo that replaces one stays in the room', async () => {
  server.attachEcho('raw', 'first');
  server.attachEcho('raw', 'second');
  const client = await RawClient.open(server, 'alice');
  const { otherParticipants } = await client.next('join');
  expect(otherParticipants.map(({ identity }) => identity)).toEqual(['second']);
  await client.close();
});

test('who wants to go on in a room that is gone leaves no room behind', async () => {
  const { url, apiKey, apiSecret } = server;
  const token = await createAccessToken({ apiKey, apiSecret, room: 'gone', identity: 'alice' });
  const socket = new WebSocket(`${url}/rtc?access_token=${token}&reconnect=1&sid=PA_gone`);
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(SignalResponse.fromBinary(message).message).toMatchObject({ case: 'leave', value: { canReconnect: true } });
  await once(socket, 'close');
  expect(server.stats().rooms).toBe(0);
});

test('a port in use is one clear error', async () => {
  const port = Number(new URL(server.url).port);
  await expect(startMediaServer({ port })).rejects.toMatchObject({
    name: 'MediaServerStartError',
    code: 'EADDRINUSE',
    message: `The media server cannot listen on 127.0.0.1:${port}: port ${port} is in use.`,
  });
});

test('an impossible port is one clear error', async () => {
  await expect(startMediaServer({ port: 70_000 })).rejects.toMatchObject({ code: 'EINVAL' });
});

test('nothing is left after closing, however the clients went', async () => {
  const before = process.getActiveResourcesInfo();
  const left = () => openedSince(before);
  const own = await startMediaServer();
  const clients: RawClient[] = [];
  for (let i = 0; i < 60; i += 1) {
    const client = await RawClient.open(own, `guest-${i}`);
    const { sdp } = await client.next('answer');
    if (i % 3 === 0) await client.connectPath(sdp);
    if (i % 3 === 1) client.socket.terminate();
    else if (i % 3 === 2) client.request({ case: 'leave', value: {} as never });
    clients.push(client);
  }
  await own.close();
  for (const client of clients) await client.close();
  expect(own.stats()).toMatchObject({ rooms: 0, participants: 0 });
  // Node closes handles at the end of the turn.
  for (let turn = 0; turn < 50 && left().length > 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(left()).toEqual([]);
});

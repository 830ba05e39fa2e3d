// What a LiveKit server does for its clients: the same on the embedded one and on the one that is named.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type * as RtcNode from '@livekit/rtc-node';
import { createAccessToken } from '../sfu/access-token.js';
import { disposeRtcNode, type JoinOptions, RtcNodeClient, readFrames } from '../sfu/e2e/rtc-node-client.js';
import { type LiveKitServer, openLiveKitServer } from './livekit-server.js';

let server: LiveKitServer;
let room: string;
const clients: RtcNodeClient[] = [];

beforeAll(async () => {
  server = await openLiveKitServer();
});
beforeEach(() => {
  room = randomUUID();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.leave();
});
afterAll(async () => {
  await server.close();
  await disposeRtcNode();
});

async function join(identity: string, options: Partial<JoinOptions> = {}): Promise<RtcNodeClient> {
  const client = await RtcNodeClient.join(server, { room, identity, ...options });
  clients.push(client);
  return client;
}
type Named = { readonly identity: string } | undefined;
const few = (_frame: unknown, count: number) => count >= 5;
const out = (client: RtcNodeClient) => client.next(client.sdk.RoomEvent.Disconnected, (reason: number) => reason);
const arrived = (client: RtcNodeClient, who: string) =>
  client.next(client.sdk.RoomEvent.ParticipantConnected, (one: Named) => (one?.identity === who ? true : undefined));

test('participants see who comes, who is there, and who leaves', async () => {
  const alice = await join('alice');
  const came = arrived(alice, 'bob');
  const bob = await join('bob');
  await came;
  expect([...bob.room.remoteParticipants.keys()]).toEqual(['alice']);
  const left = alice.next(alice.sdk.RoomEvent.ParticipantDisconnected, (one: Named) => one?.identity);
  await bob.leave();
  expect(await left).toBe('bob');
});

test('rooms are apart from each other', async () => {
  const alice = await join('alice');
  const elsewhere = await join('bob', { room: randomUUID() });
  const came = arrived(alice, 'carol');
  await join('carol');
  await came;
  expect([...alice.room.remoteParticipants.keys()]).toEqual(['carol']);
  expect(elsewhere.room.remoteParticipants.size).toBe(0);
});

test('a hidden participant sees, and is not seen', async () => {
  const alice = await join('alice');
  await alice.publishVideo();
  const viewer = await join('viewer', { hidden: true, canPublish: false });
  expect(await readFrames(viewer.sdk, await viewer.trackOf('alice'), few)).toBe(5);
  expect(alice.room.remoteParticipants.has('viewer')).toBe(false);
});

test.each(['VP8', 'H264', 'VP9'] as const)('a %s track arrives', async (codec) => {
  const [alice, bob] = [await join('alice'), await join('bob')];
  await alice.publishVideo({ codec });
  expect(await readFrames(bob.sdk, await bob.trackOf('alice'), few)).toBe(5);
});

test('sound arrives', async () => {
  const [alice, bob] = [await join('alice'), await join('bob')];
  await alice.publishAudio();
  const reader = new bob.sdk.AudioStream(await bob.trackOf('alice', 'audio'), 48_000, 1).getReader();
  let loudest = 0;
  while (loudest < 4_000) {
    const { value } = await reader.read();
    for (const sample of value?.data ?? []) loudest = Math.max(loudest, sample);
  }
  await reader.cancel();
  expect(loudest).toBeGreaterThanOrEqual(4_000);
});

test('who comes later gets a track that is there, it goes with its end, and another takes its place', async () => {
  const alice = await join('alice');
  const { sid } = await alice.publishVideo();
  const bob = await join('bob');
  await readFrames(bob.sdk, await bob.trackOf('alice'), few);
  const gone = bob.next(
    bob.sdk.RoomEvent.TrackUnsubscribed,
    (_track: unknown, publication: { sid?: string }) => publication.sid,
  );
  await alice.participant.unpublishTrack(sid ?? '');
  expect(await gone).toBe(sid);
  const next = bob.next(bob.sdk.RoomEvent.TrackSubscribed, (track: RtcNode.RemoteTrack) => track);
  await alice.publishVideo();
  expect(await readFrames(bob.sdk, await next, few)).toBe(5);
});

test('data reaches everybody or those named, with its sender', async () => {
  const [alice, bob, carol] = [await join('alice'), await join('bob'), await join('carol')];
  const received = (client: RtcNodeClient) =>
    client.next(
      client.sdk.RoomEvent.DataReceived,
      (payload: Uint8Array, sender: Named) => `${sender?.identity}: ${Buffer.from(payload)}`,
    );
  const [atBob, atCarol] = [received(bob), received(carol)];
  await alice.participant.publishData(Buffer.from('to bob'), { reliable: true, destination_identities: ['bob'] });
  await alice.participant.publishData(Buffer.from('to all'), { reliable: true });
  expect([await atBob, await atCarol]).toEqual(['alice: to bob', 'alice: to all']);
});

test('who may not send data sends none', async () => {
  const [alice, bob] = [await join('alice', { canPublishData: false }), await join('bob')];
  const came = arrived(bob, 'carol');
  const carol = await join('carol');
  // Data may be faster than the news of who is there: its sender would have no name.
  await came;
  const senders: (string | undefined)[] = [];
  const fromCarol = bob.next(bob.sdk.RoomEvent.DataReceived, (_payload: Uint8Array, sender: Named) => {
    senders.push(sender?.identity);
    return sender?.identity === 'carol' ? true : undefined;
  });
  await alice.participant.publishData(Buffer.from('no'), { reliable: true });
  await carol.participant.publishData(Buffer.from('yes'), { reliable: true });
  await fromCarol;
  expect(senders).toEqual(['carol']);
});

test('own metadata are changed, and seen by the others, where the token allows it', async () => {
  const alice = await join('alice', { canUpdateOwnMetadata: true });
  const came = arrived(alice, 'bob');
  const bob = await join('bob');
  // Who leaves before others have heard of him does not leave for them.
  await came;
  const changed = bob.next(
    bob.sdk.RoomEvent.ParticipantMetadataChanged,
    (_old: unknown, { metadata }: { metadata: string }) => metadata,
  );
  await alice.participant.updateMetadata('wears a hat');
  expect(await changed).toBe('wears a hat');
  // Not every server's refusal reaches the caller: what the others see in the end shows it.
  await bob.participant.updateMetadata('has a beard').catch(() => undefined);
  const left = alice.next(
    alice.sdk.RoomEvent.ParticipantDisconnected,
    ({ metadata }: { metadata: string }) => metadata,
  );
  await bob.leave();
  expect(await left).toBe('');
});

test('a second stay under the same identity ends the first', async () => {
  const first = await join('alice');
  const firstOut = out(first);
  const second = await join('alice');
  expect(await firstOut).toBe(first.sdk.DisconnectReason.DUPLICATE_IDENTITY);
  expect(second.room.isConnected).toBe(true);
});

test('a participant is removed, and a room is deleted, each with its reason', async () => {
  const [alice, bob] = [await join('alice'), await join('bob')];
  const { PARTICIPANT_REMOVED, ROOM_DELETED } = alice.sdk.DisconnectReason;
  const aliceOut = out(alice);
  await server.kick(room, 'alice');
  expect(await aliceOut).toBe(PARTICIPANT_REMOVED);
  const bobOut = out(bob);
  await server.deleteRoom(room);
  expect(await bobOut).toBe(ROOM_DELETED);
  await expect(server.kick(room, 'alice')).rejects.toThrow('the LiveKit server answered 404');
});

test('tokens of others, of the past and for nothing are refused', async () => {
  const { sdk } = await join('alice');
  const { url, apiKey, apiSecret } = server;
  const bad = [
    'not.a.token',
    await createAccessToken({ apiKey, apiSecret: 'another secret of the same length', room, identity: 'bob' }),
    await createAccessToken({ apiKey: 'another key', apiSecret, room, identity: 'bob' }),
    await createAccessToken({ apiKey, apiSecret, room, identity: 'bob', ttlSeconds: -3_600 }),
  ];
  for (const token of bad) {
    const refused = new sdk.Room().connect(url, token, { autoSubscribe: true, dynacast: false });
    await expect(refused).rejects.toThrow(/401/);
  }
});

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type * as RtcNode from '@livekit/rtc-node';

import { openedSince } from '../../../../scripts/jest/opened-since.js';
import { type MediaServer, startMediaServer } from '../media-server.js';
import { disposeRtcNode, framesOf, type JoinOptions, RtcNodeClient, readFrames } from './rtc-node-client.js';

afterAll(() => disposeRtcNode());

const echo = 'inference-server-0';

describe.each(['v1', 'v0'] as const)('rtc-node over %s signalling', (signalling) => {
  let server: MediaServer;
  const clients: RtcNodeClient[] = [];

  async function join(options: Partial<JoinOptions> = {}): Promise<RtcNodeClient> {
    const client = await RtcNodeClient.join(server, { room: 'studio', identity: 'alice', ...options });
    clients.push(client);
    return client;
  }

  beforeEach(async () => {
    server = await startMediaServer({ signalling });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.leave();
    await server.close();
  });

  test.each(['VP8', 'H264', 'VP9'] as const)('echoes %s', async (codec) => {
    server.attachEcho('studio', echo);
    const alice = await join();
    await alice.publishVideo({ codec });
    const track = await alice.trackOf(echo);
    expect(
      await readFrames(alice.sdk, track, ({ width }, count) => width === 320 && count >= 20),
    ).toBeGreaterThanOrEqual(20);
  });

  test('forwards the largest layer of a simulcast track', async () => {
    server.attachEcho('studio', echo);
    const alice = await join();
    // The sender starts at 300 kbit/s, which is enough for both layers: the larger one waits for no better estimate.
    await alice.publishVideo({ width: 640, height: 360, simulcast: true, maxBitrate: 100_000 });
    const track = await alice.trackOf(echo);
    const heights = new Set<number>();
    await readFrames(alice.sdk, track, ({ width, height }) => {
      if (width === 640) heights.add(height);
      return width === 640;
    });
    expect([...heights]).toEqual([360]);
  });

  test('echoes audio', async () => {
    server.attachEcho('studio', echo);
    const alice = await join();
    await alice.publishAudio();
    const track = await alice.trackOf(echo, 'audio');
    const reader = new alice.sdk.AudioStream(track, 48_000, 1).getReader();
    let loudest = 0;
    while (loudest < 4000) {
      const { value } = await reader.read();
      for (const sample of value?.data ?? []) loudest = Math.max(loudest, sample);
    }
    await reader.cancel();
    expect(loudest).toBeGreaterThanOrEqual(4000);
  });

  test('carries a track through a participant that publishes what it receives, to publisher and viewer', async () => {
    const alice = await join();
    const viewer = await join({ identity: 'viewer', canPublish: false, hidden: true });
    const worker = await join({ identity: 'inference-server-7' });
    await alice.publishVideo();

    const input = await worker.trackOf('alice');
    const source = new worker.sdk.VideoSource(320, 180);
    let working = true;
    const work = (async () => {
      for await (const frame of framesOf(worker.sdk, input)) {
        if (!working) return;
        if (frame.width !== 320) continue;
        frame.data.fill(235, 0, 320 * 180);
        source.captureFrame(frame);
      }
    })();
    await worker.publish(source);

    const isWhite = (frame: RtcNode.VideoFrame, count: number) => count >= 5 && (frame.data[320 * 90] ?? 0) > 220;
    const counts = await Promise.all(
      [alice, viewer].map(async (client) =>
        readFrames(client.sdk, await client.trackOf('inference-server-7'), isWhite),
      ),
    );
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(5);
    expect(alice.room.remoteParticipants.has('viewer')).toBe(false);
    working = false;
    await work;
  });

  test('shows a track to who joins later, and takes it away again', async () => {
    const alice = await join();
    const { sid } = await alice.publishVideo();
    const bob = await join({ identity: 'bob' });
    await readFrames(bob.sdk, await bob.trackOf('alice'), (_frame, count) => count >= 3);
    const gone = bob.next(
      bob.sdk.RoomEvent.TrackUnsubscribed,
      (_track: unknown, publication: { sid?: string }) => publication.sid,
    );
    await alice.participant.unpublishTrack(sid ?? '');
    expect(await gone).toBe(sid);
    // The freed media section takes the next track.
    await alice.publishVideo();
    expect(await readFrames(bob.sdk, await bob.trackOf('alice'), (_frame, count) => count >= 3)).toBe(3);
  });

  test('passes data to everybody or to those named, with the sender in it', async () => {
    const [alice, bob, carol] = [await join(), await join({ identity: 'bob' }), await join({ identity: 'carol' })];
    const { DataReceived } = bob.sdk.RoomEvent;
    type Sender = { identity: string } | undefined;
    const received = (client: RtcNodeClient) =>
      client.next(
        DataReceived,
        (payload: Uint8Array, sender: Sender) => `${sender?.identity}: ${Buffer.from(payload)}`,
      );
    const atBob = received(bob);
    const atCarol = received(carol);
    await alice.participant.publishData(Buffer.from('to bob'), { reliable: true, destination_identities: ['bob'] });
    await alice.participant.publishData(Buffer.from('to all'), { reliable: true });
    expect(await atBob).toBe('alice: to bob');
    expect(await atCarol).toBe('alice: to all');
  });

  test('sends new metadata to the others', async () => {
    const alice = await join({ canUpdateOwnMetadata: true });
    const bob = await join({ identity: 'bob' });
    const changed = bob.next(
      bob.sdk.RoomEvent.ParticipantMetadataChanged,
      (_old: unknown, participant: { metadata: string }) => participant.metadata,
    );
    await alice.participant.updateMetadata('wears a hat');
    expect(await changed).toBe('wears a hat');
  });

  test('removes a participant, and a room', async () => {
    const alice = await join();
    const bob = await join({ identity: 'bob' });
    const { Disconnected } = alice.sdk.RoomEvent;
    const out = (client: RtcNodeClient) => client.next(Disconnected, (reason: number) => reason);
    const aliceOut = out(alice);
    server.kick('studio', 'alice');
    expect(await aliceOut).toBe(4);
    const bobOut = out(bob);
    server.closeRoom('studio');
    expect(await bobOut).toBe(5);
    expect(server.stats()).toMatchObject({ rooms: 0, participants: 0 });
  });

  test('resumes after the signalling was cut, with media going on', async () => {
    server.attachEcho('studio', echo);
    const alice = await join();
    await alice.publishVideo();
    const track = await alice.trackOf(echo);
    const back = alice.next(alice.sdk.RoomEvent.Reconnected, () => true);
    server.faults.cutSignalling();
    expect(await back).toBe(true);
    expect(await readFrames(alice.sdk, track, (_frame, count) => count >= 10)).toBe(10);
    expect(server.stats().participants).toBe(1);
  });

  test.each([
    ['is asked to', () => server.faults.forceFullReconnect()],
    [
      'may not resume',
      () => {
        server.faults.refuseResume(true);
        server.faults.cutSignalling();
      },
    ],
  ])('reconnects from scratch when it %s, and publishes again', async (_why, interrupt) => {
    server.attachEcho('studio', echo);
    const alice = await join();
    await alice.publishVideo();
    await alice.trackOf(echo);
    const back = alice.next(
      alice.sdk.RoomEvent.TrackSubscribed,
      (track: RtcNode.RemoteTrack, _publication: unknown, { identity }: RtcNode.RemoteParticipant) =>
        identity === echo ? track : undefined,
    );
    interrupt();
    expect(await readFrames(alice.sdk, await back, (_frame, count) => count >= 10)).toBe(10);
  });

  test('refuses a wrong token', async () => {
    const sdk = (await join()).sdk;
    await expect(
      new sdk.Room().connect(server.url, 'not.a.token', { autoSubscribe: true, dynacast: false }),
    ).rejects.toThrow(/401/);
  });
});

describe('faults', () => {
  let server: MediaServer;
  let alice: RtcNodeClient;
  let bob: RtcNodeClient;

  beforeEach(async () => {
    server = await startMediaServer();
    server.attachEcho('studio', echo);
    alice = await RtcNodeClient.join(server, { room: 'studio', identity: 'alice' });
    bob = await RtcNodeClient.join(server, { room: 'studio', identity: 'bob' });
    await alice.publishVideo();
  });

  afterEach(async () => {
    await alice.leave();
    await bob.leave();
    await server.close();
  });

  const few = (_frame: unknown, count: number) => count >= 20;

  test('the echo stalls while the original goes on, and comes back', async () => {
    const echoed = await bob.trackOf(echo);
    const original = await bob.trackOf('alice');
    await readFrames(bob.sdk, echoed, few);
    server.faults.stallEcho('studio', true);
    let stalled = true;
    /** Frames of the original since the last one of the echo. What was on its way is still shown first. */
    let alone = 0;
    const watching = readFrames(bob.sdk, echoed, () => {
      alone = 0;
      return !stalled;
    });
    await readFrames(bob.sdk, original, () => {
      alone += 1;
      return alone === 20;
    });
    stalled = false;
    server.faults.stallEcho('studio', false);
    await watching;
    expect(await readFrames(bob.sdk, echoed, few)).toBe(20);
  });

  test('the echo lags and still arrives whole', async () => {
    const echoed = await bob.trackOf(echo);
    server.faults.echoLagMs('studio', 200);
    expect(await readFrames(bob.sdk, echoed, few)).toBe(20);
    server.faults.echoLagMs('studio', 0);
    expect(await readFrames(bob.sdk, echoed, few)).toBe(20);
  });

  test('frames arrive through loss, delay and jitter in both directions', async () => {
    const echoed = await bob.trackOf(echo);
    server.faults.setNetwork({ lossPercent: 4, delayMs: 20, jitterMs: 10 });
    expect(await readFrames(bob.sdk, echoed, (_frame, count) => count >= 60)).toBe(60);
  });

  test('a fault in another room does not matter here', async () => {
    server.faults.setNetwork({ blackout: true }, { room: 'elsewhere' });
    expect(await readFrames(bob.sdk, await bob.trackOf(echo), few)).toBe(20);
  });

  test('the echo of a room can be ended', async () => {
    await bob.trackOf(echo);
    const gone = bob.next(bob.sdk.RoomEvent.ParticipantDisconnected, ({ identity }: { identity: string }) => identity);
    server.detachEcho('studio');
    expect(await gone).toBe(echo);
  });
});

test('nothing is left after closing right behind a handshake', async () => {
  const before = process.getActiveResourcesInfo();
  const left = () => openedSince(before);
  const server = await startMediaServer();
  server.attachEcho('studio', echo);
  const client = await RtcNodeClient.join(server, { room: 'studio', identity: 'alice' });
  await client.publishVideo({ codec: 'VP8' });
  await client.trackOf(echo);
  await client.leave();
  await server.close();
  // Node closes handles at the end of the turn.
  for (let turn = 0; turn < 50 && left().length > 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(left()).toEqual([]);
});

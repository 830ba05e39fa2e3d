import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { disposeRtcNode, RtcNodeClient, readFrames } from '../sfu/e2e/rtc-node-client.js';
import { type MediaServer, startMediaServer } from '../sfu/media-server.js';
import { type SignallingRelay, startSignallingRelay } from './signalling-relay.js';

let server: MediaServer;
let relay: SignallingRelay;
const clients: RtcNodeClient[] = [];

beforeEach(async () => {
  server = await startMediaServer();
  relay = await startSignallingRelay(server.url, '127.0.0.1');
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.leave();
  await relay.close();
  await server.close();
});
afterAll(() => disposeRtcNode());

/** `by` names the way: the relay, or the server itself. */
async function join(identity: string, by: { readonly url: string } = relay, room = 'studio'): Promise<RtcNodeClient> {
  const client = await RtcNodeClient.join({ ...server, url: by.url }, { room, identity });
  clients.push(client);
  return client;
}
const few = (_frame: unknown, count: number) => count >= 5;

test('a client of the relay and one of the server see each other', async () => {
  const [near, far] = [await join('near'), await join('far', server)];
  await near.publishVideo();
  expect(await readFrames(far.sdk, await far.trackOf('near'), few)).toBe(5);
  expect(server.stats().participants).toBe(2);
});

test('a client whose signalling is cut resumes, and nobody in another room is cut', async () => {
  const [cut, spared] = [await join('cut'), await join('spared', relay, 'elsewhere')];
  const { Reconnecting, Reconnected } = cut.sdk.RoomEvent;
  let isSpared = true;
  spared.room.on(Reconnecting, () => {
    isSpared = false;
  });
  const back = cut.next(Reconnected, () => true);
  relay.cut('studio');
  expect(await back).toBe(true);
  expect(isSpared).toBe(true);
  expect(server.stats().participants).toBe(2);
});

test('a client that has to start over is another participant afterwards, and publishes again', async () => {
  const [sender, viewer] = [await join('sender'), await join('viewer', server)];
  await sender.publishVideo();
  await viewer.trackOf('sender');
  const before = sender.participant.sid;
  const back = viewer.next(viewer.sdk.RoomEvent.TrackSubscribed, (track) => track as Parameters<typeof readFrames>[1]);
  relay.forceFullReconnect('studio');
  expect(await readFrames(viewer.sdk, await back, few)).toBe(5);
  expect(sender.participant.sid).not.toBe(before);
});

test('what the server refuses, the relay refuses with the same words', async () => {
  const asked = (url: string) => fetch(`${url.replace('ws', 'http')}/rtc/validate?access_token=not.a.token`);
  const [direct, relayed] = [await asked(server.url), await asked(relay.url)];
  expect([relayed.status, await relayed.text()]).toEqual([direct.status, await direct.text()]);
  const { sdk } = await join('somebody');
  const refused = new sdk.Room().connect(relay.url, 'not.a.token', { autoSubscribe: true, dynacast: false });
  await expect(refused).rejects.toThrow(/401/);
});

test('where no server answers, clients are refused', async () => {
  const { sdk } = await join('somebody');
  const nowhere = await startSignallingRelay('ws://127.0.0.1:1', '127.0.0.1');
  expect((await fetch(nowhere.url.replace('ws', 'http'))).status).toBe(502);
  const refused = new sdk.Room().connect(nowhere.url, 'any', {
    autoSubscribe: true,
    dynacast: false,
    ...{ joinRetries: 0 },
  });
  await expect(refused).rejects.toThrow();
  await nowhere.close();
});

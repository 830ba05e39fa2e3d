// A viewer of a direct WebRTC session over real sockets; what media would be is in memory.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asapScheduler, asyncScheduler, filter, firstValueFrom } from 'rxjs';
import { createDecartClient } from '../../core/client.js';
import { encodeSubscribeToken } from '../../core/protocol/subscribe-token.js';
import { createMemoryNetwork } from '../../transports/memory/index.js';
import { createWebSocketTransport } from '../../transports/signaling/websocket.js';
import { createMemoryPlatform } from '../memory-platform.js';
import { type Simulator, startSimulator } from './simulator.js';

const webrtc = { model: 'lucy-2.1', transport: 'webrtc', iceServers: [] } as const;

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ media: 'none' });
});
afterEach(() => simulator.close());

/** A client whose peer connections are up as soon as they are answered. */
function open() {
  const { media, directMedia, ...network } = createMemoryNetwork({
    onRoom: (room) => {
      room.publishRemote();
      asapScheduler.schedule(() => room.signal({ type: 'offer', sdp: 'v=0' }));
      room.signals$.subscribe(({ type }) => type === 'answer' && asapScheduler.schedule(() => room.accept()));
    },
  });
  const signaling = createWebSocketTransport({ scheduler: asyncScheduler });
  const platform = createMemoryPlatform({ network: { media, directMedia, signaling } });
  const { apiKey, baseUrl } = simulator;
  return { client: createDecartClient({ apiKey, baseUrl }, platform), network };
}

test('comes in by the token of the session, shows its stream, and ends with it', async () => {
  const { client, network } = open();
  const { realtime } = client;
  await realtime.connect(webrtc);
  await firstValueFrom(realtime.sessionStarted$.pipe(filter((started) => started !== null)));
  const viewer = await realtime.subscribe({ token: realtime.subscribeToken ?? '', iceServers: [] });
  await firstValueFrom(viewer.remoteStream$.pipe(filter((stream) => stream !== null)));
  expect(network.rooms).toHaveLength(2);
  expect(network.rooms[1]?.request.localStream).toBeNull();
  const failed = firstValueFrom(viewer.errors$);
  await realtime.disconnect();
  expect(await failed).toMatchObject({
    code: 'WEBRTC_SERVER_ERROR',
    message: 'The session that was watched has ended.',
  });
  await client.release();
  expect(network.rooms.map(({ state }) => state)).toEqual(['closed', 'closed']);
});

test('is refused where there is no such session', async () => {
  const { client } = open();
  const token = encodeSubscribeToken({ sessionId: 'session-none', serverIp: '127.0.0.1', serverPort: 1 });
  await expect(client.realtime.subscribe({ token, iceServers: [] })).rejects.toMatchObject({
    code: 'WEBRTC_WEBSOCKET_ERROR',
    data: { httpStatus: 404 },
  });
  await client.release();
});

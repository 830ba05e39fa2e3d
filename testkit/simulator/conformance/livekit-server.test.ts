import { expect, test } from '@jest/globals';
import { disposeRtcNode, RtcNodeClient } from '../sfu/e2e/rtc-node-client.js';
import { startMediaServer } from '../sfu/media-server.js';
import { openLiveKitServer } from './livekit-server.js';

test('without a word about another one, the server is the embedded one', async () => {
  const server = await openLiveKitServer({});
  expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:/);
  await server.close();
});

test('a server that is named is used, and asked over HTTP to remove participants', async () => {
  const named = await startMediaServer();
  const { url, apiKey, apiSecret } = named;
  const server = await openLiveKitServer({
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
  });
  const client = await RtcNodeClient.join(server, { room: 'r', identity: 'guest' });
  const gone = client.next(client.sdk.RoomEvent.Disconnected, () => true);
  await server.kick('r', 'guest');
  expect(await gone).toBe(true);
  await expect(server.kick('r', 'guest')).rejects.toThrow('the LiveKit server answered 404');
  await client.leave();
  const stranger = await openLiveKitServer({ LIVEKIT_URL: url, LIVEKIT_API_KEY: 'x', LIVEKIT_API_SECRET: 'y' });
  await expect(stranger.kick('r', 'guest')).rejects.toThrow('answered 401');
  await server.close();
  expect((await fetch(url.replace('ws', 'http'))).status).toBe(200);
  await named.close();
  await disposeRtcNode();
});

test('half a name is refused', async () => {
  await expect(openLiveKitServer({ LIVEKIT_URL: 'ws://localhost:7880' })).rejects.toThrow('set all three or none');
});

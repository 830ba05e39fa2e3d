import { afterAll, beforeAll, jest, test } from '@jest/globals';
import { bufferCount, exhaustMap, filter, firstValueFrom, interval, map, pairwise, timeout } from 'rxjs';
import type { PublishOptions } from '../../../core/ports.js';
import { disposeRtcNode, RtcNodeClient } from '../../../testkit/simulator/sfu/e2e/rtc-node-client.js';
import { createAccessToken, type MediaServer, startMediaServer } from '../../../testkit/simulator/sfu/media-server.js';
import { createLiveKitNodeTransport } from '../node.js';

jest.setTimeout(30_000);

const publish: PublishOptions = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 1_000_000,
  maxFramerate: 30,
  simulcast: false,
  degradationPreference: 'balanced',
};

let server: MediaServer;
beforeAll(async () => {
  server = await startMediaServer();
});
afterAll(async () => {
  await server.close();
  await disposeRtcNode();
});

test('what others than the service send is not fetched', async () => {
  const room = 'others';
  const clients: RtcNodeClient[] = [];
  const enter = async (identity: string): Promise<void> => {
    const client = await RtcNodeClient.join(server, { room, identity, autoSubscribe: false });
    clients.push(client);
    await client.publishVideo();
  };
  const transport = createLiveKitNodeTransport();
  try {
    await enter('there before');
    await enter('inference-server-0');
    const { apiKey, apiSecret, url } = server;
    const token = await createAccessToken({ apiKey, apiSecret, room, identity: 'viewer' });
    const stay = transport.join({ url, token, localStream: null, videoTrack: null, publish, onMarker: null });
    await new Promise<void>((resolve) => {
      stay.events$.subscribe((event) => event.type === 'firstFrame' && resolve());
    });
    await enter('coming later');

    /** Packets received so far, by inbound video stream. */
    const packets$ = interval(200).pipe(
      exhaustMap(() => stay.readStats()),
      map(({ publisher, subscriber }) => [...publisher, ...subscriber]),
      map((entries) => entries.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')),
      map((entries) => new Map(entries.map(({ id, packetsReceived }) => [id, Number(packetsReceived)]))),
    );
    const growing$ = packets$.pipe(
      pairwise(),
      map(([earlier, later]) => [...later].filter(([id, count]) => count > (earlier.get(id) ?? 0)).length),
    );
    // The service's alone, for a while.
    const alone$ = growing$.pipe(
      bufferCount(3, 1),
      filter((counts) => counts.every((count) => count === 1)),
    );
    await firstValueFrom(alone$.pipe(timeout(15_000)));
  } finally {
    await transport.release();
    await Promise.all(clients.map((client) => client.leave()));
  }
});

import { afterAll, beforeAll, test } from '@jest/globals';
import { bufferCount, exhaustMap, filter, firstValueFrom, interval, map, pairwise, ReplaySubject } from 'rxjs';
import type { RoomEvent } from '../../../core/ports/media.js';
import { defaultPublishOptions } from '../../../core/session/machine/connect-plan.js';
import { disposeRtcNode, RtcNodeClient } from '../../../testkit/simulator/sfu/e2e/rtc-node-client.js';
import { createAccessToken, type MediaServer, startMediaServer } from '../../../testkit/simulator/sfu/media-server.js';
import { createLiveKitNodeTransport } from './index.js';
import { type LiveKitNode, loadLiveKitNode } from './native.js';

let server: MediaServer;
beforeAll(async () => {
  server = await startMediaServer();
});
afterAll(async () => {
  await server.close();
  await disposeRtcNode();
});

test('what others than the service send is not fetched, also after a full reconnect', async () => {
  const room = 'others';
  const clients: RtcNodeClient[] = [];
  const enter = async (identity: string): Promise<void> => {
    const client = await RtcNodeClient.join(server, { room, identity, autoSubscribe: false });
    clients.push(client);
    await client.publishVideo();
  };
  // The others stay as they are: only the viewer connects again.
  let reconnect = async (): Promise<void> => undefined;
  const load = async (): Promise<LiveKitNode> => {
    const rtc = await loadLiveKitNode();
    class Room extends rtc.Room {
      constructor() {
        super();
        reconnect = () => this.simulateScenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
      }
    }
    return { ...rtc, Room };
  };
  const transport = createLiveKitNodeTransport({ load });
  try {
    await enter('there before');
    await enter('inference-server-0');
    const { apiKey, apiSecret, url } = server;
    const token = await createAccessToken({ apiKey, apiSecret, room, identity: 'viewer' });
    const connection = transport.join({
      url,
      token,
      localStream: null,
      videoTrack: null,
      publish: defaultPublishOptions,
      onMarker: null,
    });
    const events$ = new ReplaySubject<RoomEvent>();
    connection.events$.subscribe(events$);
    const eventOf = (type: RoomEvent['type']) => firstValueFrom(events$.pipe(filter((event) => event.type === type)));
    await eventOf('firstFrame');
    await enter('coming later');

    /** Packets received so far, by inbound video stream. */
    const packets$ = interval(200).pipe(
      exhaustMap(() => connection.readStats()),
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
    await firstValueFrom(alone$);

    await reconnect();
    await eventOf('reconnected');
    await firstValueFrom(alone$);
  } finally {
    await transport.release();
    await Promise.all(clients.map((client) => client.leave()));
  }
});

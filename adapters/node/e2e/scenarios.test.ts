// The scripts that are played in memory, on live media: over LiveKit rooms, and over peer connections of their own.
import { expect, test } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { createDecartClient as createClient } from '../../../core/client.js';
import { playLog, playOptions, transportPlays, wayOptions } from '../../../testkit/pages/scenario-plays.js';
import { loadForTests } from '../../../testkit/simulator/conformance/direct-node-harness.js';
import { startSimulator } from '../../../testkit/simulator/simulator.js';
import { createDirectNodeTransport } from '../../../transports/webrtc/node/index.js';
import { createNodePlatform, type DecartClient } from '../index.js';

const size = { width: 320, height: 180, fps: 15 };

for (const [name, { script, options, user, log }] of Object.entries(transportPlays)) {
  test.each(['lean', 'webrtc'] as const)(`${name}, %s`, async (way) => {
    const simulator = await startSimulator({ scenario: script(way) });
    const { apiKey, baseUrl, httpBaseUrl, scenario: play } = simulator;
    const directMedia = createDirectNodeTransport({ load: loadForTests });
    const client = createClient({ apiKey, baseUrl, httpBaseUrl }, createNodePlatform({ directMedia })) as DecartClient;
    const local = await client.realtime.createLocalVideoStream(size, { source: 'test-pattern' });
    try {
      const session$ = client.realtime.session$({ ...playOptions, ...options, ...wayOptions(way) }, local);
      expect(await lastValueFrom(playLog(session$, user))).toEqual(log);
      await play?.finished();
      play?.assertComplete();
    } finally {
      await local.dispose();
      await client.release();
      await simulator.close();
    }
  });
}

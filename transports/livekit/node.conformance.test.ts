import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { liveKitHarness } from '../../testkit/conformance/livekit-harness.js';
import { mediaConformance } from '../../testkit/conformance.js';
import { disposeRtcNode } from '../../testkit/simulator/sfu/e2e/rtc-node-client.js';
import { type MediaServer, startMediaServer } from '../../testkit/simulator/sfu/media-server.js';
import { createLiveKitNodeTransport } from './node.js';

jest.setTimeout(30_000);

describe('media over @livekit/rtc-node', () => {
  let server: MediaServer;
  beforeAll(async () => {
    server = await startMediaServer();
  });
  afterAll(async () => {
    await server.close();
    await disposeRtcNode();
  });

  const harness = liveKitHarness(
    () => server,
    () => createLiveKitNodeTransport(),
  );
  for (const { name, run } of mediaConformance(harness)) test(name, run);
});

import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { mediaConformance } from '../../../testkit/conformance.js';
import { liveKitHarness } from '../../../testkit/simulator/conformance/livekit-harness.js';
import { type LiveKitServer, openLiveKitServer } from '../../../testkit/simulator/conformance/livekit-server.js';
import { disposeRtcNode } from '../../../testkit/simulator/sfu/e2e/rtc-node-client.js';
import { createLiveKitNodeTransport } from './index.js';

describe('media over @livekit/rtc-node', () => {
  let server: LiveKitServer;
  beforeAll(async () => {
    server = await openLiveKitServer();
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

import { describe, test } from '@jest/globals';
import { signalingConformance } from '../../testkit/conformance.js';
import { webSocketHarness } from '../../testkit/simulator/conformance/websocket-harness.js';
import { createWebSocketTransport } from './websocket.js';

describe('signaling over ws', () => {
  const harness = webSocketHarness((scheduler) => createWebSocketTransport({ scheduler }));
  for (const { name, run } of signalingConformance(harness)) test(name, run);
});

import { describe, test } from '@jest/globals';
import { mediaConformance } from '../../../testkit/conformance.js';
import { directNodeHarness } from '../../../testkit/simulator/conformance/direct-node-harness.js';

describe('media over @roamhq/wrtc', () => {
  for (const { name, run } of mediaConformance(directNodeHarness())) test(name, run);
});

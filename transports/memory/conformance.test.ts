import { describe, test } from '@jest/globals';
import {
  mediaConformance,
  memoryDirectHarness,
  memoryMediaHarness,
  memorySignalingHarness,
  signalingConformance,
} from '../../testkit/conformance.js';

describe('signaling in memory', () => {
  for (const { name, run } of signalingConformance(memorySignalingHarness())) test(name, run);
});

describe('media in memory', () => {
  for (const { name, run } of mediaConformance(memoryMediaHarness())) test(name, run);
});

describe('media over peer connections in memory', () => {
  for (const { name, run } of mediaConformance(memoryDirectHarness())) test(name, run);
});

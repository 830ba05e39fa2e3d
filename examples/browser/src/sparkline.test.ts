import { expect, it } from '@jest/globals';
import { niceCeiling } from './sparkline.js';

it.each([
  [0, 1e-300],
  [0.4, 0.5],
  [1, 1],
  [24, 30],
  [31, 50],
  [733, 1000],
  [1001, 2000],
])('the scale of %d ends at most at %d', (value, most) => {
  const ceiling = niceCeiling(value);
  expect(ceiling).toBeGreaterThanOrEqual(value);
  expect(ceiling).toBeLessThanOrEqual(most * 1.000_001);
});

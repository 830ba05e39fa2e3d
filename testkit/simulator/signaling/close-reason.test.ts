// A close frame holds at most 123 bytes of reason: what a client or an operator writes may be longer.
import { afterEach, expect, test } from '@jest/globals';
import { scenario } from '../../scenario/builder.js';
import { openPlainClient } from '../e2e/plain-client.js';
import type { SimulatorOptions } from '../options.js';
import { type Simulator, startSimulator } from '../simulator.js';

let simulator: Simulator;
const start = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  simulator = await startSimulator({ media: 'none', ...options });
  return simulator;
};
afterEach(() => simulator.close());

test('a model with a long name outside of ASCII is refused like any other', async () => {
  const { baseUrl } = await start();
  const client = await openPlainClient(baseUrl, { model: 'あ'.repeat(64) });
  expect(await client.next('error')).toEqual({ type: 'error', error: `Model not found: ${'あ'.repeat(64)}` });
  // 17 bytes, and 35 letters of three.
  expect(await client.closed).toEqual({ code: 1008, reason: `Model not found: ${'あ'.repeat(35)}` });
});

test.each([
  ['ASCII', 'x'.repeat(200), 'x'.repeat(123)],
  ['two bytes a letter', 'ж'.repeat(70), 'ж'.repeat(61)],
  ['four bytes a letter', '🙂'.repeat(40), '🙂'.repeat(30)],
])('a refused join sends its whole error, and as much of it as fits as reason: %s', async (_name, error, reason) => {
  const { baseUrl, faults } = await start();
  faults.refuseJoins(1, error);
  const client = await openPlainClient(baseUrl);
  client.send({ type: 'livekit_join' });
  expect(await client.next('error')).toEqual({ type: 'error', error });
  expect(await client.closed).toEqual({ code: 1008, reason });
});

test('a reason of 123 bytes is sent whole, a longer one is refused', async () => {
  const { baseUrl, faults } = await start();
  const client = await openPlainClient(baseUrl);
  const tooLong = expect.objectContaining({ code: 'INVALID_INPUT', data: { field: 'reason' } });
  expect(() => faults.dropSocket(1011, 'x'.repeat(124))).toThrow(tooLong);
  expect(() => faults.dropSocket(1011, 'ж'.repeat(62))).toThrow('reason: more than 123 bytes');
  expect(() => scenario().dropSocket(1011, 'ж'.repeat(62))).toThrow('(dropSocket): reason: more than 123 bytes');
  faults.dropSocket(1011, `${'ж'.repeat(61)}x`);
  expect(await client.closed).toEqual({ code: 1011, reason: `${'ж'.repeat(61)}x` });
});

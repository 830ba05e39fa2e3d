import { createMemoryPlatform } from '../testkit/memory-platform.js';
import { createMemoryNetwork } from '../transports/memory/index.js';
import { aborts } from './abort.js';
import { createDecartClient } from './client.js';
import type { DecartError } from './errors.js';
import { encodeSubscribeToken } from './protocol/subscribe-token.js';

const token = encodeSubscribeToken('room-1');
const input = { prompt: 'a', data: new Blob(['a']) };

type Client = ReturnType<typeof createDecartClient>;
type Call = (client: Client, signal: AbortSignal) => Promise<unknown>;

const calls: readonly (readonly [string, Call])[] = [
  ['connect', ({ realtime }, signal) => realtime.connect({ model: 'lucy-2.1', signal })],
  ['switchTo', ({ realtime }, signal) => realtime.switchTo({ model: 'lucy-2.1', signal })],
  ['setPrompt', ({ realtime }, signal) => realtime.setPrompt('a', { signal })],
  ['setImage', ({ realtime }, signal) => realtime.setImage(null, { signal })],
  ['set', ({ realtime }, signal) => realtime.set({ prompt: 'a', signal })],
  ['subscribe', ({ realtime }, signal) => realtime.subscribe({ token, signal })],
  ['checkConnectivity', ({ realtime }, signal) => realtime.checkConnectivity({ signal })],
  ['quota', ({ realtime }, signal) => realtime.quota({ signal })],
  ['queue.submit', ({ queue }, signal) => queue.submit('lucy-2.1', input, { signal })],
  ['images.edit', ({ images }, signal) => images.edit('lucy-image-2', input, { signal })],
  ['models.resolve', ({ models }, signal) => models.resolve('lucy-latest', { signal })],
  ['tokens.create', ({ tokens }, signal) => tokens.create({ signal })],
  ['files.get', ({ files }, signal) => files.get('file_1', { signal })],
];

const wrong: readonly unknown[] = [new AbortController(), {}, true, 'abort', new EventTarget()];

test.each(calls)('%s refuses what is no signal, and opens nothing', async (_name, call) => {
  const network = createMemoryNetwork();
  const client = createDecartClient({ apiKey: 'key' }, createMemoryPlatform({ network }));
  for (const signal of wrong) {
    await expect(call(client, signal as AbortSignal)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      data: { field: 'signal' },
      message: "Invalid signal: expected an AbortController's signal.",
    });
  }
  expect(network.sockets).toEqual([]);
  await client.release();
});

test('no signal never aborts, and a signal keeps no listener', () => {
  const errors: DecartError[] = [];
  const log: string[] = [];
  const signal = {
    aborted: false,
    addEventListener: (name: string) => log.push(`+${name}`),
    removeEventListener: (name: string) => log.push(`-${name}`),
  };
  for (const each of [null, undefined, signal as unknown as AbortSignal])
    aborts(each)
      .subscribe((error) => errors.push(error))
      .unsubscribe();
  expect([errors, log]).toEqual([[], ['+abort', '-abort']]);
});

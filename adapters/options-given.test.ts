import { createDecartClient } from '../core/client.js';
import { createMemoryPlatform } from '../testkit/memory-platform.js';
import { scenario, scenarioNetwork } from '../testkit/scenario.js';
import { createMemoryNetwork } from '../transports/memory/index.js';
import { createDecartClient as createBrowserClient } from './browser/index.js';
import { createDecartClient as createNodeClient } from './node/index.js';

describe.each([
  ['a browser', createBrowserClient],
  ['Node', createNodeClient],
])('createDecartClient() for %s', (_platform, create) => {
  test.each([
    ['nothing', undefined, /^Invalid options: expected an object\.$/],
    ['a key alone', 'dct_key', /^Invalid options: expected an object\.$/],
    ['a misspelled option', { apiKey: 'k', baseURL: 'ws://127.0.0.1' }, /^Invalid baseURL: no such field; .*baseUrl/],
  ])('refuses %s, and says what it takes', (_what, given, message) => {
    expect(() => create(given as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
    );
  });
});

test.each([
  ['nothing', undefined, 'options'],
  ['a list', [], 'options'],
  ['a misspelled option', { model: 'lucy-2.1', initalPrompt: { text: 'rain' } }, 'initalPrompt'],
  ['a misspelled option of another', { model: 'lucy-2.1', reconnect: { retry: 3 } }, 'retry'],
])('connect() refuses %s, and opens nothing', async (_what, given, field) => {
  const network = createMemoryNetwork();
  const client = createDecartClient({ apiKey: 'k' }, createMemoryPlatform({ network }));
  await expect(client.realtime.connect(given as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    data: { field },
  });
  expect(network.sockets).toEqual([]);
  await client.release();
});

test('a misspelled option of a prompt or an image is refused', async () => {
  const client = createDecartClient({ apiKey: 'k' }, createMemoryPlatform(scenarioNetwork(scenario().serve())));
  await client.realtime.connect({ model: 'lucy-2.1' });
  const options = { timeout: 5_000 } as never;
  for (const call of [client.realtime.setPrompt('rain', options), client.realtime.setImage(null, options)])
    await expect(call).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'timeout' } });
  await client.release();
});

test('a REST call that reaches no server names the one that it asked', async () => {
  const client = createDecartClient(
    { apiKey: 'k', baseUrl: 'ws://127.0.0.1:8080' },
    createMemoryPlatform({ network: createMemoryNetwork() }),
  );
  await expect(client.tokens.create()).rejects.toThrow(/httpBaseUrl is https:\/\/api\.decart\.ai\.$/);
  await client.release();
});

test.each([
  ['a misspelled option', { mirorr: 'on' }, 'mirorr'],
  ['a facing that there is not', { facing: 'selfie' }, 'facing'],
  ['a mirror that there is not', { mirror: true }, 'mirror'],
])('createLocalVideoStream() refuses %s', async (_what, options, field) => {
  const client = createDecartClient({ apiKey: 'k' }, createMemoryPlatform({ network: createMemoryNetwork() }));
  const made = client.realtime.createLocalVideoStream({ model: 'lucy-2.1' }, options as never);
  await expect(made).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field } });
  await client.release();
});

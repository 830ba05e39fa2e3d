import { createDecartClient } from '../core/client.js';
import { connectFields } from '../core/session/client/connect-fields.js';
import type { ConnectOptions } from '../core/session/client/options.js';
import { createMemoryPlatform } from '../testkit/memory-platform.js';
import { createMemoryNetwork } from '../transports/memory/index.js';
import { createDecartClient as createBrowserClient } from './browser/index.js';
import { createDecartClient as createNodeClient, ephemeralKey } from './node/index.js';

describe.each([
  ['a browser', createBrowserClient],
  ['Node', createNodeClient],
])('createDecartClient() for %s', (_platform, create) => {
  test.each([
    ['nothing', undefined, 'INVALID_API_KEY', /^The API key is blank/],
    ['a key alone', 'dct_key', 'INVALID_API_KEY', /as apiKey\.$/],
    [
      'a misspelled option',
      { apiKey: 'k', baseURL: 'ws://127.0.0.1' },
      'INVALID_INPUT',
      /^Invalid baseURL: no such option\.$/,
    ],
  ])('refuses %s, and says what it takes', (_what, given, code, message) => {
    expect(() => create(given as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

test.each([
  ['nothing', undefined, 'options'],
  ['a list', [], 'options'],
  ['a misspelled option', { model: 'lucy-2.1', initalPrompt: { text: 'rain' } }, 'initalPrompt'],
  ['no object for a nested option', { model: 'lucy-2.1', limits: false }, 'limits'],
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

test('connect() knows each of its options', () => {
  const options: Readonly<Record<keyof ConnectOptions, true>> = {
    model: true,
    initialPrompt: true,
    initialImage: true,
    resolution: true,
    realtimeConfiguration: true,
    publishCamera: true,
    publishMicrophone: true,
    facing: true,
    mirror: true,
    debugQuality: true,
    holdUntilInitialState: true,
    handshake: true,
    transport: true,
    iceServers: true,
    queryParams: true,
    reconnect: true,
    connectBudgetMs: true,
    whenFull: true,
    maxSessionDuration: true,
    renewBeforeMs: true,
    limits: true,
    recoverStalledAfterMs: true,
    qualityThresholds: true,
    onRemoteStream: true,
    onConnectionQuality: true,
    signal: true,
  };
  expect([...connectFields].sort()).toEqual(Object.keys(options).sort());
});

test.each([
  ['reconnect: false', { reconnect: false }, /^Invalid reconnect: expected an object like \{ retries: 0 \}/],
  ["initialPrompt: 'rain'", { initialPrompt: 'rain' }, /^Invalid initialPrompt: .* like \{ text: 'rain' \}\.$/],
])('connect() refuses %s, and says what to write instead', async (_what, options, message) => {
  const client = createDecartClient({ apiKey: 'k' }, createMemoryPlatform({ network: createMemoryNetwork() }));
  await expect(client.realtime.connect({ model: 'lucy-2.1', ...options } as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(message),
  });
  await client.release();
});

test.each([
  ['a facing that there is not', { facing: 'selfie' }, 'facing'],
  ['a mirror that there is not', { mirror: true }, 'mirror'],
])('createLocalVideoStream() refuses %s', async (_what, options, field) => {
  const client = createDecartClient({ apiKey: 'k' }, createMemoryPlatform({ network: createMemoryNetwork() }));
  const made = client.realtime.createLocalVideoStream({ model: 'lucy-2.1' }, options as never);
  await expect(made).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field } });
  await client.release();
});

test('connect() with its arguments the other way round says which is the local stream', async () => {
  const client = createNodeClient({ apiKey: 'k' });
  const connecting = client.realtime.connect({ id: 'stream-local' } as never, { model: 'lucy-2.1' } as never);
  await expect(connecting).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('the second argument'),
  });
  await client.release();
});

test.each([
  ['a path without a page', '/api/decart-token'],
  ['credentials', 'http://user:PASSWORD@127.0.0.1:1/'],
])('a URL of ephemeralKey() with %s fails at once: there is nothing to try again', async (_what, url) => {
  const error = await ephemeralKey(url)().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'INVALID_INPUT', permanent: true, data: { field: 'url' } });
  expect(String(error)).not.toContain('PASSWORD');
});

test('the core without a platform says where the platforms are', () => {
  const create = createDecartClient as (config: object) => unknown;
  expect(() => create({ apiKey: 'k' })).toThrow(
    expect.objectContaining({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/decart-rx\/browser.*decart-rx\/node/),
    }),
  );
});

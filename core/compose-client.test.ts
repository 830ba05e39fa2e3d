// Calls whose code is still on its way.
import { NEVER, Observable, Subject } from 'rxjs';
import { createMemoryPlatform } from '../testkit/memory-platform.js';
import { createMemoryNetwork } from '../transports/memory/index.js';
import { createDecartClient, partsAtHand } from './client.js';
import { composeClient } from './compose-client.js';
import { createConnectivityChecks } from './connectivity/check.js';
import type { HttpEvent } from './ports/http.js';
import { encodeSubscribeToken } from './protocol/subscribe-token.js';
import { createRestClients } from './rest/clients.js';

const token = encodeSubscribeToken('room-1');
const input = { prompt: 'a', data: new Blob(['a']) };

/** A client whose REST clients and checks come when `arrive` is called, and what it has asked of the outside. */
function setup() {
  const rest = new Subject<typeof createRestClients>();
  const checks = new Subject<typeof createConnectivityChecks>();
  const asked: string[] = [];
  const memory = createMemoryPlatform({ network: createMemoryNetwork() });
  const platform = {
    ...memory,
    http: {
      request: (request: Parameters<typeof memory.http.request>[0]) => {
        asked.push(request.url);
        return memory.http.request(request);
      },
    },
  };
  const parts = { ...partsAtHand, rest: () => rest, checks: () => checks };
  const client = composeClient({ apiKey: 'key' }, platform, parts);
  const arrive = (): void => {
    rest.next(createRestClients);
    rest.complete();
    checks.next(createConnectivityChecks);
    checks.complete();
  };
  const isLoading = (): boolean => rest.observed || checks.observed;
  return { client, asked, arrive, isLoading };
}

type Client = ReturnType<typeof setup>['client'];
type Call = (client: Client, signal: AbortSignal) => Promise<unknown>;

const calls: readonly (readonly [string, Call])[] = [
  ['queue.submit', ({ queue }, signal) => queue.submit('lucy-2.1', input, { signal })],
  ['queue.submitAndPoll', ({ queue }, signal) => queue.submitAndPoll('lucy-2.1', input, { signal })],
  ['queue.status', ({ queue }, signal) => queue.status('job-1', { signal })],
  ['queue.result', ({ queue }, signal) => queue.result('job-1', { signal })],
  ['images.edit', ({ images }, signal) => images.edit('lucy-image-2', input, { signal })],
  ['models.resolve', ({ models }, signal) => models.resolve('lucy-latest', { signal })],
  ['tokens.create', ({ tokens }, signal) => tokens.create({ signal })],
  ['files.upload', ({ files }, signal) => files.upload(new Blob(['a']), { signal })],
  ['files.get', ({ files }, signal) => files.get('file_1', { signal })],
  ['files.delete', ({ files }, signal) => files.delete('file_1', { signal })],
  ['realtime.subscribe', ({ realtime }, signal) => realtime.subscribe({ token, signal })],
  ['realtime.checkConnectivity', ({ realtime }, signal) => realtime.checkConnectivity({ signal })],
];

test.each(calls)('%s that is aborted while its code comes ends at once, and asks for nothing', async (_name, call) => {
  const { client, asked, arrive, isLoading } = setup();
  const controller = new AbortController();
  const calling = call(client, controller.signal);
  await Promise.resolve();
  expect(isLoading()).toBe(true);
  controller.abort();
  await expect(calling).rejects.toMatchObject({ code: 'ABORTED' });
  expect(isLoading()).toBe(false);
  arrive();
  expect(asked).toEqual([]);
});

const streams: readonly (readonly [string, (client: Client) => Observable<unknown>])[] = [
  ['queue.jobs$', ({ queue }) => queue.jobs$('lucy-2.1', input)],
  ['queue.watch$', ({ queue }) => queue.watch$('job-1')],
  ['files.upload$', ({ files }) => files.upload$(new Blob(['a']))],
];

test.each(streams)('%s that is unsubscribed from while its code comes asks for nothing', (_name, stream) => {
  const { client, asked, arrive, isLoading } = setup();
  const subscription = stream(client).subscribe();
  expect(isLoading()).toBe(true);
  subscription.unsubscribe();
  expect(isLoading()).toBe(false);
  arrive();
  expect(asked).toEqual([]);
});

test.each([
  ['subscribe', (client: Client) => client.realtime.subscribe({ token })],
  ['checkConnectivity', (client: Client) => client.realtime.checkConnectivity()],
])('%s opens nothing when the client is released while its code comes', async (_name, call) => {
  const { client, asked, arrive } = setup();
  const calling = call(client);
  await client.release();
  arrive();
  await expect(calling).rejects.toMatchObject({ code: 'ABORTED' });
  expect(asked).toEqual([]);
});

test.each(calls.filter(([name]) => !name.startsWith('realtime')))(
  '%s ends with the client, whether its code is there or not',
  async (_name, call) => {
    for (const isThere of [true, false]) {
      const memory = createMemoryPlatform({ network: createMemoryNetwork() });
      let open = 0;
      const request = () =>
        new Observable<never>(() => {
          open += 1;
          return () => {
            open -= 1;
          };
        });
      const parts = isThere ? partsAtHand : { ...partsAtHand, rest: () => NEVER };
      const client = composeClient({ apiKey: 'key' }, { ...memory, http: { request } }, parts);
      const calling = call(client, new AbortController().signal);
      await Promise.resolve();
      expect(open).toBe(isThere ? 1 : 0);
      const released = client.release();
      await expect(calling).rejects.toMatchObject({
        code: 'ABORTED',
        message: expect.stringMatching(/^The client has been released\./),
      });
      expect(open).toBe(0);
      await released;
      await expect(call(client, new AbortController().signal)).rejects.toMatchObject({ code: 'ABORTED' });
      expect(open).toBe(0);
    }
  },
);

test('a deprecated name of a model is warned of once, by whichever call', async () => {
  const warned: string[] = [];
  const none = () => undefined;
  const logger = { debug: none, info: none, error: none, warn: (message: string) => warned.push(message) };
  const memory = createMemoryPlatform({ network: createMemoryNetwork() });
  const client = composeClient({ apiKey: 'key', logger }, memory, partsAtHand);
  for (const model of ['lucy-2.1-vton-2', 'lucy-2.1-vton-2', 'lucy-vton-2']) {
    client.realtime.session$({ model }).subscribe().unsubscribe();
    client.queue.jobs$(model, input).subscribe({ error: none }).unsubscribe();
  }
  expect(warned).toEqual(['decart: the model name lucy-2.1-vton-2 is deprecated; lucy-vton-2 takes its place']);
  await client.release();
});

test.each([
  ['allowInsecure', { allowInsecure: 'no', baseUrl: 'ws://example.com' }],
  ['allowInsecure', { allowInsecure: 1 }],
  ['logLevel', { logLevel: 'verbose' }],
  ['scheduler', { scheduler: {} }],
  ['scheduler', { scheduler: null }],
  ['maxFrameLength', { maxFrameLength: -1 }],
  ['maxFrameLength', { maxFrameLength: Number.NaN }],
  ['maxFrameLength', { maxFrameLength: 'x' }],
])('a client is not made with a wrong %s: %p', (field, config) => {
  const platform = createMemoryPlatform({ network: createMemoryNetwork() });
  expect(() => createDecartClient({ apiKey: 'key', ...(config as object) }, platform)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', data: { field } }),
  );
});

test.each([null, 5, ['wss://example.com']])('a client is not made with the base URL %p', (baseUrl) => {
  const platform = createMemoryPlatform({ network: createMemoryNetwork() });
  for (const config of [{ baseUrl }, { httpBaseUrl: baseUrl }])
    expect(() => createDecartClient({ apiKey: 'key', ...(config as object) }, platform)).toThrow(
      expect.objectContaining({ code: 'INVALID_BASE_URL' }),
    );
});

test.each([
  ['options', [{ width: 4, height: 4, fps: 1 }, null]],
  ['size', [null]],
])('createLocalVideoStream() refuses wrong %s', async (field, call) => {
  const client = createDecartClient({ apiKey: 'key' }, createMemoryPlatform({ network: createMemoryNetwork() }));
  const opening = client.realtime.createLocalVideoStream(...(call as [never, never]));
  await expect(opening).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field } });
});

test.each([
  ['subscribe', undefined],
  ['subscribe', null],
  ['checkConnectivity', null],
  ['quota', null],
] as const)('%s(%p) is refused', async (name, options) => {
  const client = createDecartClient({ apiKey: 'key' }, createMemoryPlatform({ network: createMemoryNetwork() }));
  await expect(client.realtime[name](options as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    data: { field: 'options' },
  });
});

test.each([
  ['throws', { warn: () => JSON.parse('') }],
  ['is missing', {}],
])('a logger whose warn %s fails no call', async (_what, logger) => {
  const network = createMemoryNetwork();
  const client = createDecartClient({ apiKey: 'key', logger: logger as never }, createMemoryPlatform({ network }));
  const connecting = client.realtime.connect({ model: 'lucy-2.1-vton-2' });
  expect(network.sockets).toHaveLength(1);
  await client.release();
  await expect(connecting).rejects.toMatchObject({ code: 'ABORTED' });
});

test('a viewer whose room opens when the client has been released is closed', async () => {
  const answers = new Subject<HttpEvent>();
  const network = createMemoryNetwork({ onRoom: (room) => room.accept() });
  const platform = { ...createMemoryPlatform({ network }), http: { request: () => answers } };
  const client = createDecartClient({ apiKey: 'key' }, platform);
  const viewing = client.realtime.subscribe({ token });
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
  expect(answers.observed).toBe(true);
  const body = JSON.stringify({ livekit_url: 'ws://media', token: 't', room_name: 'room-1' });
  answers.next({ type: 'response', status: 200, headers: {}, body: { type: 'text', text: body } });
  await client.release();
  await expect(viewing).rejects.toMatchObject({ code: 'ABORTED' });
  expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
});

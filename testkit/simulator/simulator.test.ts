import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, VirtualTimeScheduler } from 'rxjs';
import { filter, toArray } from 'rxjs/operators';
import { goldenTranscripts } from '../golden-transcripts.js';
import { openPlainClient, type PlainClient } from './e2e/plain-client.js';
import type { SimulatorOptions } from './options.js';
import { type Simulator, startSimulator } from './simulator.js';

let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator({ media: 'none', ...options });
  return simulator;
}

async function join(options: SimulatorOptions = {}): Promise<PlainClient> {
  const client = await openPlainClient((await start(options)).baseUrl);
  client.send({ type: 'livekit_join', passthrough: false });
  await client.next('livekit_room_info');
  return client;
}

describe('handshake', () => {
  test('a lean join brings room info, then acks, start and ticks', async () => {
    const client = await openPlainClient((await start({ tickIntervalMs: 5 })).baseUrl);
    client.send({ type: 'livekit_join', passthrough: false });
    client.send({ type: 'prompt', prompt: 'a rainy street', enhance_prompt: true });
    expect(await client.next('livekit_room_info')).toEqual({
      type: 'livekit_room_info',
      livekit_url: expect.stringMatching(/^ws:\/\//),
      token: expect.any(String),
      room_name: expect.stringMatching(/^room-/),
      session_id: expect.stringMatching(/^session-/),
    });
    expect(await client.next('prompt_ack')).toEqual({
      type: 'prompt_ack',
      prompt: 'a rainy street',
      success: true,
      error: null,
    });
    await client.next('generation_started');
    expect(await client.next('generation_tick')).toEqual({ type: 'generation_tick', seconds: 1 });
    expect(await client.next('generation_tick')).toEqual({ type: 'generation_tick', seconds: 2 });
    expect(simulator?.received.map(({ type }) => type)).toEqual(['livekit_join', 'prompt']);
  });

  test('a bundled join carries the initial state', async () => {
    const client = await openPlainClient((await start()).baseUrl);
    client.send({
      type: 'livekit_join',
      initial_state: { type: 'set_image', image_data: 'AAEC', prompt: 'a vase', enhance_prompt: false },
    });
    expect(await client.next('set_image_ack')).toEqual({ type: 'set_image_ack', success: true, error: null });
    await client.next('livekit_room_info');
    const [session] = await firstValueFrom((await current()).sessions$);
    expect(session).toMatchObject({ prompt: 'a vase', image: 'bytes', model: 'lucy-latest' });
  });

  test('a file that was never uploaded is refused as an image', async () => {
    const client = await join();
    client.send({ type: 'set_image', image_ref: 'file_nope' });
    expect(await client.next('set_image_ack')).toEqual({
      type: 'set_image_ack',
      success: false,
      error: 'The referenced file does not exist',
    });
  });

  test('an uploaded image that is too large to keep is one all the same', async () => {
    const client = await join();
    const { httpBaseUrl, apiKey } = await current();
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(33 * 1024 * 1024)], { type: 'image/png' }), 'large.png');
    const upload = await fetch(`${httpBaseUrl}/v1/files`, {
      method: 'POST',
      body: form,
      headers: { 'X-API-KEY': apiKey },
    });
    const { id } = (await upload.json()) as { readonly id: string };
    client.send({ type: 'set_image', image_ref: id });
    expect(await client.next('set_image_ack')).toEqual({ type: 'set_image_ack', success: true, error: null });
  });

  test('the queue is counted down, and requests made in it are answered after it', async () => {
    const client = await openPlainClient((await start({ queue: 3, queueIntervalMs: 5 })).baseUrl);
    client.send({ type: 'livekit_join', passthrough: false });
    client.send({ type: 'prompt', prompt: 'patience', enhance_prompt: true });
    for (const position of [3, 2, 1]) {
      expect(await client.next('queue_position')).toEqual({ type: 'queue_position', position, queue_size: 3 });
    }
    await client.next('prompt_ack');
    expect(client.types().slice(0, 5)).toEqual([
      'queue_position',
      'queue_position',
      'queue_position',
      'livekit_room_info',
      'prompt_ack',
    ]);
  });

  test('what comes twice or in another mode is answered with an error', async () => {
    const client = await openPlainClient((await start()).baseUrl);
    const next = async () => (await client.next('error')).error;
    client.send({ type: 'livekit_join', passthrough: true });
    client.send({ type: 'livekit_join', passthrough: true });
    expect(await next()).toBe('Already joined');
    client.send({ type: 'offer', sdp: 'v=0' });
    expect(await next()).toMatch(/direct WebRTC/);
    client.send('{"type":');
    expect(await next()).toBe('Invalid message: not JSON');
    client.send(Uint8Array.of(1, 2));
    expect(await next()).toBe('Invalid message: binary frame');
    client.send({ type: 'pause' });
    client.send({ type: 'prompt' });
    expect(await next()).toBe('Invalid message: prompt: wrong or missing prompt');
    client.send({ type: 'set_image', image_data: 'not base64!' });
    expect(await client.next('set_image_ack')).toMatchObject({ success: false, error: 'image_data is not base64' });
    client.send({ type: 'prompt', prompt: '' });
    expect(await client.next('prompt_ack')).toMatchObject({ success: false });
    const received = (await current()).received;
    expect(received.map(({ type }) => type)).toContain(null);
  });
});

async function current(): Promise<Simulator> {
  if (simulator === undefined) throw new Error('no simulator');
  return simulator;
}

describe('who may come in', () => {
  test('strict: only the key, blank keys never', async () => {
    const { baseUrl, apiKey } = await start({ strict: true });
    await expect(openPlainClient(baseUrl, { api_key: 'stranger' })).rejects.toThrow('401');
    (await openPlainClient(baseUrl, { api_key: apiKey })).close();
  });

  test('strict: a client token opens a session until it expires', async () => {
    const { baseUrl, httpBaseUrl, apiKey, faults } = await start({ strict: true });
    const answer = await fetch(`${httpBaseUrl}/v1/client/tokens`, {
      method: 'POST',
      headers: { 'X-API-KEY': apiKey, 'Content-Type': 'application/json' },
      body: '{}',
    });
    const { apiKey: token } = (await answer.json()) as { apiKey: string };
    (await openPlainClient(baseUrl, { api_key: token })).close();
    faults.expireTokens();
    await expect(openPlainClient(baseUrl, { api_key: token })).rejects.toThrow('401');
  });

  test('a blank key is refused without strictness too', async () => {
    const { baseUrl } = await start();
    await expect(openPlainClient(baseUrl, { api_key: ' ' })).rejects.toThrow('401');
  });

  test.each(['lucy-2.6', 'lucy-vton-3.6'])('%s, which other clients know, is served', async (model) => {
    const { baseUrl } = await start();
    const client = await openPlainClient(baseUrl, { model, speed: 'fast' });
    client.send({ type: 'livekit_join' });
    expect(await client.next('livekit_room_info')).toMatchObject({ type: 'livekit_room_info' });
  });

  test('an unknown model is an error, a declared one is not', async () => {
    const { baseUrl } = await start({ models: ['my-model'] });
    const client = await openPlainClient(baseUrl, { model: 'nope' });
    expect(await client.next('error')).toEqual({ type: 'error', error: 'Model not found: nope' });
    expect(await client.closed).toMatchObject({ code: 1008 });
    const mine = await openPlainClient(baseUrl, { model: 'my-model' });
    mine.send({ type: 'livekit_join', passthrough: true });
    await mine.next('livekit_room_info');
  });
});

describe('the account', () => {
  const quota = async ({ httpBaseUrl, apiKey }: Simulator): Promise<unknown> =>
    (await fetch(`${httpBaseUrl}/v1/realtime/quota`, { headers: { 'X-API-KEY': apiKey } })).json();

  /** Runs its own clock: what is scheduled is run at once, unless it lies in the future. */
  const clock = () => {
    const scheduler = new VirtualTimeScheduler();
    const advance = (byMs: number) => {
      scheduler.maxFrames = scheduler.frame + byMs;
      // An action at the end of the span, so that the clock gets there.
      scheduler.schedule(() => {}, byMs);
      scheduler.flush();
    };
    return { scheduler, advance };
  };

  test('has a session limit, and says how much of it is left', async () => {
    const { scheduler, advance } = clock();
    const running = await start({ maxSessions: 1, scheduler, strict: true });
    expect(await quota(running)).toEqual({ limit: 1, active: 0, remaining: 1 });
    const first = await openPlainClient(running.baseUrl, { api_key: running.apiKey });
    expect(await quota(running)).toEqual({ limit: 1, active: 1, remaining: 0 });
    const second = await openPlainClient(running.baseUrl, { api_key: running.apiKey });
    expect(await second.next('error')).toEqual({ type: 'error', error: 'Concurrent session limit reached.' });
    expect(await second.closed).toMatchObject({ code: 1013 });
    // A session with a slot keeps it.
    first.send({ type: 'livekit_join', passthrough: true });
    await first.next('livekit_room_info');

    const left = firstValueFrom(running.sessions$.pipe(filter((sessions) => sessions.length === 0)));
    first.close();
    await left;
    advance(4_999);
    expect(await quota(running)).toMatchObject({ active: 1 });
    advance(1);
    expect(await quota(running)).toMatchObject({ active: 0 });

    const third = await openPlainClient(running.baseUrl, { api_key: running.apiKey });
    running.faults.dropSocket(1006);
    await third.closed;
    await firstValueFrom(running.sessions$.pipe(filter((sessions) => sessions.length === 0)));
    advance(44_999);
    expect(await quota(running)).toMatchObject({ active: 1 });
    advance(1);
    expect(await quota(running)).toMatchObject({ active: 0 });
    expect((await fetch(`${running.httpBaseUrl}/v1/realtime/quota`)).status).toBe(401);
  });

  test('has credits, which all sessions spend', async () => {
    const client = await join({ credits: 2, tickIntervalMs: 1 });
    expect(await client.next('generation_ended')).toEqual({
      type: 'generation_ended',
      seconds: 2,
      reason: 'insufficient_credits',
    });
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(client.types().filter((type) => type === 'generation_tick')).toHaveLength(2);
    const late = await openPlainClient((await current()).baseUrl);
    expect(await late.next('error')).toEqual({ type: 'error', error: 'Insufficient credits' });
    expect(await late.closed).toMatchObject({ code: 1008 });
    expect(await quota(await current())).toEqual({ limit: null, active: 1, remaining: null });
  });

  test("a client token's longest session ends with a timeout", async () => {
    const { baseUrl, httpBaseUrl, apiKey } = await start({ tickIntervalMs: 1, strict: true });
    const constraints = { realtime: { maxSessionDuration: 3 } };
    const answer = await fetch(`${httpBaseUrl}/v1/client/tokens`, {
      method: 'POST',
      headers: { 'X-API-KEY': apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ constraints, allowedModels: ['lucy-latest'], expiresIn: null }),
    });
    const token = (await answer.json()) as { apiKey: string };
    expect(token).toMatchObject({ constraints, permissions: { models: ['lucy-latest'], origins: [] } });
    const client = await openPlainClient(baseUrl, { api_key: token.apiKey });
    client.send({ type: 'livekit_join', passthrough: true });
    expect(await client.next('generation_ended')).toMatchObject({ seconds: 3, reason: 'timeout' });
    expect(await client.closed).toMatchObject({ code: 1000 });
  });
});

describe('faults', () => {
  test('the socket is dropped with a code, or without one', async () => {
    const client = await join();
    simulator?.faults.dropSocket(4321, 'bye');
    expect(await client.closed).toEqual({ code: 4321, reason: 'bye' });
    const second = await openPlainClient((await current()).baseUrl);
    simulator?.faults.dropSocket(1006);
    expect(await second.closed).toMatchObject({ code: 1006 });
  });

  test('garbage and binary frames', async () => {
    const client = await join();
    simulator?.faults.sendGarbage();
    simulator?.faults.sendBinary(Uint8Array.of(7));
    simulator?.faults.serverError('out of luck');
    expect(await client.next('error')).toEqual({ type: 'error', error: 'out of luck' });
    client.close();
    const frames = await firstValueFrom(
      client.events$.pipe(
        filter(({ kind }) => kind === 'frame'),
        toArray(),
      ),
    );
    expect(frames).toMatchObject([
      { isBinary: false, data: Buffer.from('{"type":') },
      { isBinary: true, data: Buffer.of(7) },
    ]);
  });

  test.each([
    ['lost', ['b']],
    ['duplicated', ['a', 'a', 'b']],
    ['swapped', ['b', 'a']],
  ] as const)('an ack can be %s', async (mode, order) => {
    const client = await join();
    simulator?.faults.ack(mode);
    for (const prompt of ['a', 'b']) client.send({ type: 'prompt', prompt });
    const acks: unknown[] = [];
    for (const _ of order) acks.push((await client.next('prompt_ack')).prompt);
    expect(acks).toEqual(order);
  });

  test('an ack can fail with a text, be slow, or wait for its release', async () => {
    const client = await join();
    simulator?.faults.ack({ kind: 'failed', error: 'bad taste' });
    simulator?.faults.ack({ kind: 'slow', delayMs: 20 });
    simulator?.faults.ack('late');
    for (const prompt of ['failed', 'slow', 'late', 'normal']) client.send({ type: 'prompt', prompt });
    expect(await client.next('prompt_ack')).toMatchObject({ prompt: 'failed', success: false, error: 'bad taste' });
    expect(await client.next('prompt_ack')).toMatchObject({ prompt: 'normal', success: true });
    expect(await client.next('prompt_ack')).toMatchObject({ prompt: 'slow', success: true });
    simulator?.faults.releaseLateAcks();
    expect(await client.next('prompt_ack')).toMatchObject({ prompt: 'late', success: true });
    const [session] = await firstValueFrom((await current()).sessions$);
    expect(session?.prompt).toBe('normal');
  });

  test('joins and upgrades are refused as often as planned', async () => {
    const { baseUrl, faults } = await start();
    faults.refuseUpgrade(502, 2);
    await expect(openPlainClient(baseUrl)).rejects.toThrow('502');
    await expect(openPlainClient(baseUrl)).rejects.toThrow('502');
    faults.refuseJoins(1, 'full house', 1013);
    const refused = await openPlainClient(baseUrl);
    refused.send({ type: 'livekit_join', passthrough: true });
    expect(await refused.next('error')).toEqual({ type: 'error', error: 'full house' });
    expect(await refused.closed).toMatchObject({ code: 1013 });
    faults.refuseJoins();
    const unlucky = await openPlainClient(baseUrl);
    unlucky.send({ type: 'livekit_join', passthrough: true });
    expect(await unlucky.next('error')).toEqual({ type: 'error', error: 'No capacity' });
    expect(await unlucky.closed).toMatchObject({ code: 1008 });
    faults.silentJoins();
    const ignored = await openPlainClient(baseUrl);
    ignored.send({ type: 'livekit_join', passthrough: true });
    ignored.send({ type: 'livekit_join', passthrough: true });
    await ignored.next('error');
    expect(ignored.types()).toEqual(['error']);
    const served = await openPlainClient(baseUrl);
    served.send({ type: 'livekit_join', passthrough: true });
    await served.next('livekit_room_info');
  });

  test('the generation ends on order', async () => {
    const client = await join();
    simulator?.faults.endGeneration('maintenance');
    expect(await client.next('generation_ended')).toEqual({
      type: 'generation_ended',
      seconds: 0,
      reason: 'maintenance',
    });
    expect(await client.closed).toMatchObject({ code: 1000 });
  });

  test('the socket may outlive the generation, without ticks and without a word', async () => {
    const client = await join({ tickIntervalMs: 1 });
    simulator?.faults.endGeneration('timeout', undefined, null);
    const { seconds } = await client.next('generation_ended');
    client.send({ type: 'prompt', prompt: 'too late' });
    simulator?.faults.sendGarbage('{"type":"last"}');
    await client.next('last');
    expect(client.types().filter((type) => type === 'generation_tick')).toHaveLength(Number(seconds));
    expect(client.types()).not.toContain('prompt_ack');
  });

  test('one session can be meant alone', async () => {
    const first = await join();
    const { baseUrl, sessions$, faults } = await current();
    const [one] = await firstValueFrom(sessions$);
    const second = await openPlainClient(baseUrl);
    faults.dropSocket(4001, '', one?.id);
    expect(await first.closed).toMatchObject({ code: 4001 });
    second.send({ type: 'livekit_join', passthrough: true });
    await second.next('livekit_room_info');
    expect((await firstValueFrom(sessions$)).length).toBe(1);
  });

  test.each([
    ['code', { kind: 'drop-socket', code: 7, reason: '' }],
    ['status', { kind: 'refuse-upgrade', status: 200, times: 1 }],
    ['times', { kind: 'silent-joins', times: 0 }],
    ['kind', { kind: 'explode' }],
    ['upstream.lossPercent', { kind: 'network', upstream: { lossPercent: 101 }, downstream: {} }],
  ])('a wrong %s is refused by name', async (field, fault) => {
    const { faults } = await start();
    expect(() => faults.apply(fault as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', data: { field } }),
    );
  });
});

describe('options', () => {
  test.each([
    ['port', { port: 70_000 }],
    ['host', { host: 'not a host' }],
    ['apiKey', { apiKey: ' ' }],
    ['mode', { mode: 'mirror' }],
    ['queue', { queue: -1 }],
    ['maxSessions', { maxSessions: 1.5 }],
    ['credits', { credits: -1 }],
    ['queueIntervalMs', { queueIntervalMs: Number.NaN }],
    ['media', { media: 'sometimes' }],
    ['media.url', { media: { url: 'http://x', apiKey: 'k', apiSecret: 's' } }],
    ['media.relay', { media: { url: 'ws://x', apiKey: 'k', apiSecret: 's', relay: 'yes' } }],
    ['tickIntervalMs', { tickIntervalMs: 0 }],
    ['strict', { strict: 'yes' }],
    ['places', { scenario: [{ step: 'queue', places: 'many' }] }],
    ['seed', { seed: -1 }],
    ['volume', { volume: 11 }],
  ])('a wrong %s is refused by name', async (field, options) => {
    await expect(startSimulator(options as never)).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field } });
  });

  test('a port in use is refused by name', async () => {
    const { httpBaseUrl } = await start();
    const port = Number(new URL(httpBaseUrl).port);
    await expect(startSimulator({ port, media: 'none' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: `Simulator option port: ${port} is in use on 127.0.0.1.`,
    });
  });

  test('an address that others can reach brings a warning', async () => {
    const warnings: string[] = [];
    await start({ host: '0.0.0.0', onWarning: (text) => warnings.push(text) });
    expect(warnings).toEqual([expect.stringContaining('0.0.0.0')]);
  });
});

describe('the operator over HTTP', () => {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${simulator?.httpBaseUrl}/_simulator/${path}`, {
      ...init,
      headers: { 'X-API-KEY': simulator?.apiKey ?? '' },
    });

  test('orders faults as data and reads the sessions', async () => {
    const client = await join({ control: true });
    expect(await (await call('sessions')).json()).toMatchObject([{ model: 'lucy-latest', phase: 'generating' }]);
    const body = JSON.stringify({ kind: 'drop-socket', code: 4002, reason: 'over HTTP' });
    expect((await call('faults', { method: 'POST', body })).status).toBe(204);
    expect(await client.closed).toEqual({ code: 4002, reason: 'over HTTP' });
    expect(await (await call('stats')).json()).toMatchObject({ process: null });
  });

  test('learns what is wrong with a fault', async () => {
    await start({ control: true });
    const refused = await call('faults', { method: 'POST', body: '{"kind":"drop-socket","code":1}' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ field: 'code' });
    expect((await call('faults', { method: 'POST', body: '{' })).status).toBe(400);
    expect((await call('nothing')).status).toBe(404);
  });

  test('learns that a session is not there', async () => {
    const client = await join({ control: true });
    const order = (sessionId: string) =>
      call('faults', {
        method: 'POST',
        body: JSON.stringify({ kind: 'drop-socket', code: 4002, reason: '', sessionId }),
      });
    const refused = await order('session-none');
    expect(refused.status).toBe(404);
    expect(await refused.json()).toEqual({ error: expect.stringContaining('session-none') });
    const [session] = (await (await call('sessions')).json()) as { id: string }[];
    expect((await order(session?.id ?? '')).status).toBe(204);
    expect((await client.closed).code).toBe(4002);
  });

  test.each([
    ['localhost', 401],
    ['127.0.0.1:8080', 401],
    ['[::1]:8080', 401],
    ['rebound.example.com', 403],
    ['localhost.example.com:80', 403],
    ['127.0.0.1.nip.io', 403],
  ])('called as %j it answers %d', async (host, status) => {
    const { hostname, port } = new URL((await start({ control: true })).httpBaseUrl);
    const call = request({ hostname, port, path: '/_simulator/sessions', headers: { Host: host } }).end();
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(status);
  });

  test('needs the permanent key, and has to be switched on', async () => {
    const { httpBaseUrl } = await start({ control: true });
    expect((await fetch(`${httpBaseUrl}/_simulator/sessions`)).status).toBe(401);
    await simulator?.close();
    await start();
    expect((await call('sessions')).status).toBe(404);
  });
});

test('a transcript of the protocol is a script for clients on real sockets', async () => {
  const transcript = goldenTranscripts.find(({ title }) => /full account$/.test(title));
  const played = await start({ scenario: transcript?.scenario ?? [] });
  const client = await openPlainClient(played.baseUrl);
  client.send({ type: 'livekit_join', passthrough: true });
  expect(await client.next('error')).toEqual({ type: 'error', error: 'Concurrent session limit reached.' });
  expect(await client.closed).toMatchObject({ code: 1013 });
  await played.scenario?.finished();
});

test('close ends every session and completes the streams', async () => {
  const client = await join();
  const completed = new Promise<void>((resolve) => {
    simulator?.sessions$.subscribe({ complete: resolve });
  });
  const { httpBaseUrl, close } = await current();
  expect((await fetch(`${httpBaseUrl}/nothing`)).status).toBe(404);
  await Promise.all([close(), close()]);
  expect(await client.closed).toMatchObject({ code: 1001 });
  await completed;
  await expect(fetch(httpBaseUrl)).rejects.toThrow();
});

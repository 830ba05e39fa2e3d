import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { asyncScheduler, lastValueFrom, type SchedulerLike, tap, toArray, VirtualTimeScheduler } from 'rxjs';
import type { DecartError } from '../../../core/errors.js';
import type { RestDeps } from '../../../core/rest/call.js';
import { createFilesClient } from '../../../core/rest/files.js';
import { createImagesClient } from '../../../core/rest/images.js';
import { createModelsClient } from '../../../core/rest/model-names.js';
import { createQueueClient } from '../../../core/rest/queue.js';
import { createTokensClient } from '../../../core/rest/tokens.js';
import { createNodeHttpTransport } from '../../../transports/http/node.js';
import { createKeyRing } from '../key-ring.js';
import { createRestHandler, type RestContext, type RestService } from './rest-handler.js';
import { sampleMp4 } from './sample-mp4.js';
import { samplePng } from './sample-png.js';

const KEY = 'permanent-CANARY';
const quick = { firstPollDelayMs: 1, pollIntervalMs: 5, retry: { initialDelayMs: 5 } };

let server: Server;
let rest: RestService;
let deps: RestDeps;
let baseUrl: string;
/** How far the clock of the simulator is ahead. */
let aheadMs: number;

const scheduler: SchedulerLike = {
  now: () => asyncScheduler.now() + aheadMs,
  schedule: asyncScheduler.schedule.bind(asyncScheduler),
};

const start = async (more: Partial<RestContext> = {}): Promise<void> => {
  const keys = createKeyRing(KEY, true, scheduler);
  const media: RestContext['media'] = {
    createToken: async ({ room, canPublish }) => ({ url: 'ws://127.0.0.1:9', token: `${room}/${canPublish}` }),
  };
  rest = createRestHandler({
    settings: { scheduler },
    keys,
    media,
    timings: { pendingMs: 10, processingMs: 20 },
    ...more,
  });
  server = createServer((request, response) => rest.handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  deps = {
    baseUrl,
    apiKey: KEY,
    userAgent: 'decart-rx/test',
    scheduler: asyncScheduler,
    http: createNodeHttpTransport(),
  };
};

beforeEach(async () => {
  aheadMs = 0;
  await start();
});

const stop = async (): Promise<void> => {
  rest.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

const restart = async (more: Partial<RestContext>): Promise<void> => {
  await stop();
  await start(more);
};

afterEach(stop);

const errorOf = (call: Promise<unknown>): Promise<DecartError> =>
  call.then(
    () => Promise.reject(new Error('it did not reject')),
    (error: DecartError) => error,
  );

const mp4 = sampleMp4();
const isSample = async (blob: Blob): Promise<boolean> => Buffer.from(await blob.arrayBuffer()).equals(mp4);

describe('jobs', () => {
  const input = { data: mp4, prompt: 'as a watercolour' };

  it('run from the upload to the video', async () => {
    const time = new VirtualTimeScheduler();
    await restart({ settings: { scheduler: time } });
    const events$ = createQueueClient(deps).jobs$('lucy-2.1', { ...input, seed: 7 }, quick);
    const events = await lastValueFrom(
      events$.pipe(
        tap(({ status }) => {
          // The job moves on when its present state has been seen.
          if (status === 'pending' || status === 'processing') {
            time.maxFrames = status === 'pending' ? 10 : 30;
            time.flush();
          }
        }),
        toArray(),
      ),
    );
    const statuses = events.map(({ status }) => status);
    expect(statuses.filter((status) => status === 'uploading').length).toBeGreaterThan(2);
    expect([...new Set(statuses)]).toEqual(['uploading', 'pending', 'processing', 'completed']);
    const last = events.at(-1);
    if (last?.status !== 'completed') throw new Error('not completed');
    expect(last.video.type).toBe('video/mp4');
    expect(await isSample(last.video)).toBe(true);
    expect(rest.jobs).toMatchObject([
      { model: 'lucy-2.1', status: 'completed', fields: { prompt: 'as a watercolour', seed: '7' } },
    ]);
  });

  it('give a sample when what was sent is no MP4', async () => {
    const result = await createQueueClient(deps).submitAndPoll(
      'lucy-2.1',
      { data: Buffer.from('x'), prompt: '' },
      quick,
    );
    if (result.status !== 'completed') throw new Error('not completed');
    expect(await isSample(result.video)).toBe(true);
  });

  it('may fail, which is a result', async () => {
    rest.faults.failJobs(1, 'too dark');
    const result = await createQueueClient(deps).submitAndPoll('lucy-2.1', input, quick);
    expect(result).toMatchObject({ status: 'failed', error: 'too dark' });
  });

  it('go step by step', async () => {
    const time = new VirtualTimeScheduler();
    await restart({ settings: { scheduler: time } });
    const queue = createQueueClient(deps);
    const { jobId, status } = await queue.submit('lucy-restyle-2', { data: mp4, referenceImage: 'data:image/png,x' });
    expect(status).toBe('pending');
    expect(await errorOf(queue.result(jobId))).toMatchObject({
      code: 'JOB_NOT_COMPLETED',
      data: { status: 409, jobId },
    });
    time.flush();
    await lastValueFrom(queue.watch$(jobId, quick));
    expect(await queue.status(jobId)).toEqual({ jobId, status: 'completed', error: null });
    expect((await queue.result(jobId)).size).toBe(mp4.length);
  });

  it('survive what passes', async () => {
    rest.faults.spoil('status', { kind: 'status', status: 429, retryAfter: '0' });
    rest.faults.spoil('status', { kind: 'reset' });
    rest.faults.spoil('status', { kind: 'status', status: 503 });
    rest.faults.spoil('result', { kind: 'reset' });
    const result = await createQueueClient(deps).submitAndPoll('lucy-2.1', input, quick);
    expect(result.status).toBe('completed');
  });

  it('are submitted once, even when the answer is lost', async () => {
    rest.faults.spoil('submit', { kind: 'reset' });
    const error = await errorOf(createQueueClient(deps).submit('lucy-2.1', input));
    expect(error).toMatchObject({ code: 'QUEUE_SUBMIT_ERROR', data: { reason: 'interrupted', status: null } });
    expect(rest.jobs).toHaveLength(0);
  });

  it('stop when unsubscribed from', async () => {
    rest.faults.spoil('status', { kind: 'silent' });
    const asked = once(server, 'request').then(() => once(server, 'request'));
    const subscription = createQueueClient(deps).jobs$('lucy-2.1', input, quick).subscribe();
    const [request] = await asked;
    const closed = once(request.socket, 'close');
    subscription.unsubscribe();
    await closed;
  });

  it('stop when aborted', async () => {
    rest.faults.spoil('status', { kind: 'silent' });
    const abort = new AbortController();
    const pending = errorOf(
      createQueueClient(deps).submitAndPoll('lucy-2.1', input, { ...quick, signal: abort.signal }),
    );
    await once(server, 'request');
    abort.abort();
    expect(await pending).toMatchObject({ code: 'ABORTED', name: 'AbortError' });
    expect(await errorOf(createQueueClient(deps).status('j', { signal: abort.signal }))).toMatchObject({
      code: 'ABORTED',
    });
  });

  it('time out when nothing comes', async () => {
    rest.faults.spoil('submit', { kind: 'silent' });
    const error = await errorOf(createQueueClient(deps).submit('lucy-2.1', input, { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'QUEUE_SUBMIT_ERROR', data: { reason: 'timeout' } });
  });

  it.each<[string, object, string]>([
    ['a refused key', { apiKey: 'wrong-CANARY' }, 'INVALID_API_KEY'],
    ['a server that is away', { baseUrl: 'http://127.0.0.1:9' }, 'QUEUE_SUBMIT_ERROR'],
  ])('report %s', async (_, more, code) => {
    const error = await errorOf(createQueueClient({ ...deps, ...more }).submit('lucy-2.1', input));
    expect(error.code).toBe(code);
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('CANARY');
  });

  it('are refused by the server too', async () => {
    const form = new FormData();
    form.set('prompt', 'x');
    form.set('reference_image', 'file_none');
    const post = (path: string, body: BodyInit) =>
      fetch(`${baseUrl}${path}`, { method: 'POST', body, headers: { 'x-api-key': KEY } });
    expect((await post('/v1/jobs/lucy-2.1', form)).status).toBe(422);
    expect((await post('/v1/jobs/lucy-2.1', 'x')).status).toBe(415);
    form.delete('reference_image');
    form.set('data', new Blob(['x']));
    expect((await post('/v1/jobs/lucy-9', form)).status).toBe(404);
    expect((await post('/v1/nothing', 'x')).status).toBe(404);
  });

  it.each<[string, string, Record<string, string>, string]>([
    ['no video', 'lucy-2.5', {}, 'data'],
    ['a broken seed', 'lucy-2.5', { data: 'x', seed: '-1' }, 'seed'],
    ['another resolution', 'lucy-2.5', { data: 'x', resolution: '1080p' }, 'resolution'],
    ['no prompt', 'lucy-clip', { data: 'x' }, 'prompt'],
    ['a broken flag', 'lucy-latest', { data: 'x', self_anchor: 'maybe' }, 'self_anchor'],
    [
      'a reference image where none is taken',
      'lucy-robot-720p',
      { data: 'x', reference_image: 'x' },
      'reference_image',
    ],
    ['an image without a prompt', 'lucy-image-2', { data: 'x' }, 'prompt'],
  ])('are refused with the field that is wrong: %s', async (_name, model, content, field) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(content)) {
      if (name === 'data' || name === 'reference_image') form.set(name, new Blob([value]));
      else form.set(name, value);
    }
    const answer = await fetch(`${baseUrl}/v1/jobs/${model}`, {
      method: 'POST',
      body: form,
      headers: { 'x-api-key': KEY },
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({
      detail: [{ loc: ['body', field], msg: expect.any(String), type: expect.any(String) }],
    });
  });
});

describe('images', () => {
  const png = samplePng();
  const input = { data: png, prompt: 'as a watercolour' };
  const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

  it('are made at once', async () => {
    const image = await createImagesClient(deps).edit('lucy-image-latest', { ...input, referenceImage: png, seed: 3 });
    expect(image.type).toBe('image/png');
    expect(await bytesOf(image)).toEqual(png);
  });

  it('are a sample when what was sent is none', async () => {
    const image = await createImagesClient(deps).edit('lucy-image-2', { ...input, data: new Blob(['x']) });
    expect(await bytesOf(image)).toEqual(png);
  });

  it('are made as jobs, too', async () => {
    const result = await createQueueClient(deps).submitAndPoll('lucy-image-2', { ...input, resolution: '480p' }, quick);
    if (result.status !== 'completed') throw new Error('not completed');
    expect(result.video.type).toBe('image/png');
    expect(await bytesOf(result.video)).toEqual(png);
  });

  it('fail as ordered', async () => {
    rest.faults.spoil('image', {
      kind: 'status',
      status: 422,
      text: '{"detail":[{"loc":["body","data"],"msg":"too dark","type":"value_error"}]}',
    });
    expect(await errorOf(createImagesClient(deps).edit('lucy-image-2', input))).toMatchObject({
      code: 'IMAGE_EDIT_ERROR',
      message: 'The image could not be made: HTTP 422: body.data: too dark.',
      data: { details: [{ loc: ['body', 'data'], msg: 'too dark', type: 'value_error' }] },
    });
  });
});

describe('names of models', () => {
  it('stand for those that are public', async () => {
    const models = createModelsClient(deps);
    expect(await models.resolve('lucy-latest')).toBe('lucy-2.5');
    expect(await models.resolve(['lucy-pro-i2i', 'lucy-vton-latest', 'nothing'])).toEqual({
      'lucy-pro-i2i': 'lucy-image-2',
      'lucy-vton-latest': 'lucy-vton-3.5',
    });
    expect(await errorOf(models.resolve('nothing'))).toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe('client tokens', () => {
  it('open what they allow, until they expire', async () => {
    const tokens = createTokensClient(deps);
    const token = await tokens.create({ expiresIn: 30, allowedModels: ['lucy-2.1'] });
    expect(token.apiKey).toMatch(/^ek_/);
    expect(Date.parse(token.expiresAt) - Date.now()).toBeLessThanOrEqual(30_000);
    const queue = createQueueClient({ ...deps, apiKey: token.apiKey });
    const input = { data: mp4, prompt: '' };
    expect((await queue.submit('lucy-2.1', input)).status).toBe('pending');
    expect(await errorOf(queue.submit('lucy-2.5', input))).toMatchObject({
      code: 'QUEUE_SUBMIT_ERROR',
      data: { status: 403 },
    });
    expect(await errorOf(createTokensClient({ ...deps, apiKey: token.apiKey }).create())).toMatchObject({
      code: 'TOKEN_CREATE_ERROR',
      data: { status: 403 },
    });
    aheadMs = 30_000;
    expect(await errorOf(queue.submit('lucy-2.1', input))).toMatchObject({ code: 'INVALID_API_KEY' });
  });

  it('work on the pages they are made for, and nowhere else', async () => {
    const { apiKey } = await createTokensClient(deps).create({ allowedOrigins: ['https://app.example.com'] });
    const from = async (origin: string): Promise<number> =>
      (await fetch(`${baseUrl}/v1/jobs/x`, { headers: { 'x-api-key': apiKey, origin } })).status;
    expect(await from('https://app.example.com')).toBe(404);
    expect(await from('https://evil.example.com')).toBe(403);
    expect(await errorOf(createQueueClient({ ...deps, apiKey }).status('x'))).toMatchObject({ data: { status: 403 } });
  });

  it('come as a signed token, too, which anyone can verify and which opens the same', async () => {
    const constraints = { realtime: { maxSessionDuration: 300 } };
    const made = await createTokensClient(deps).create({ allowedModels: ['lucy-2.1'], constraints });
    const token = made.token ?? '';
    const keySet = createLocalJWKSet((await (await fetch(`${baseUrl}/api/auth/jwks`)).json()) as JSONWebKeySet);
    const platform = 'https://platform.decart.ai';
    const { payload } = await jwtVerify(token, keySet, { issuer: platform, audience: platform });
    expect(payload).toMatchObject({ sub: expect.any(String), models: ['lucy-2.1'], constraints });
    expect(payload.exp).toBe(Math.floor(Date.parse(made.expiresAt) / 1000));
    const withToken = { ...deps, apiKey: token };
    const input = { data: mp4, prompt: '' };
    expect((await createQueueClient(withToken).submit('lucy-2.1', input)).status).toBe('pending');
    const otherModel = await errorOf(createQueueClient(withToken).submit('lucy-2.5', input));
    const anotherToken = await errorOf(createTokensClient(withToken).create());
    expect([otherModel.data, anotherToken.data]).toMatchObject([{ status: 403 }, { status: 403 }]);
  });

  it('are in no error, even when the answer is malformed', async () => {
    const answer = JSON.stringify({ apiKey: 'ek_CANARY', expiresAt: 5 });
    rest.faults.spoil('token', { kind: 'status', status: 200, text: answer });
    const error = await errorOf(createTokensClient(deps).create());
    expect(error).toMatchObject({ code: 'TOKEN_CREATE_ERROR', data: { reason: 'malformed', status: 200 } });
    expect(error.message).toContain('expiresAt');
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('CANARY');
  });
});

describe('files', () => {
  it('are kept, described and deleted', async () => {
    const files = createFilesClient(deps);
    const events = await lastValueFrom(
      files.upload$(Buffer.from('89504e470d0a1a0a', 'hex'), { ttlSeconds: 'persistent', filename: 'face.png' }).pipe(
        tap(({ status }) => expect(['uploading', 'stored']).toContain(status)),
        toArray(),
      ),
    );
    const last = events.at(-1);
    if (last?.status !== 'stored') throw new Error('not stored');
    const { file } = last;
    expect(file).toMatchObject({ filename: 'face.png', mimeType: 'image/png', sizeBytes: 8, expiresAt: null });
    expect(await files.get(file.id)).toEqual(file);
    expect(rest.readFile(file.id)).toHaveLength(8);
    const job = await createQueueClient(deps).submit('lucy-restyle-2', { data: mp4, referenceImage: file.id });
    expect(job.status).toBe('pending');
    await files.delete(file.id);
    expect(await errorOf(files.get(file.id))).toMatchObject({ code: 'FILES_GET_ERROR', data: { status: 404 } });
    expect(await errorOf(files.delete(file.id))).toMatchObject({ code: 'FILES_DELETE_ERROR', data: { status: 404 } });
  });

  it('expire', async () => {
    const files = createFilesClient(deps);
    const { id } = await files.upload(new Blob(['x'], { type: 'image/png' }), { ttlSeconds: 60 });
    aheadMs = 60_000;
    expect(await errorOf(files.get(id))).toMatchObject({ code: 'FILES_GET_ERROR' });
    expect(rest.readFile(id)).toBeNull();
  });

  it('come from a path; a missing one is bad input', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'decart-rx-'));
    try {
      await writeFile(join(folder, 'face.jpg'), 'x');
      const files = createFilesClient(deps);
      expect(await files.upload(join(folder, 'face.jpg'))).toMatchObject({
        filename: 'face.jpg',
        mimeType: 'image/jpeg',
      });
      expect(await errorOf(files.upload(join(folder, 'none.jpg')))).toMatchObject({
        code: 'INVALID_INPUT',
        data: { field: 'file' },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('without a name have the name null', async () => {
    const body =
      '--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n';
    const headers = { 'x-api-key': KEY, 'Content-Type': 'multipart/form-data; boundary=b' };
    const answer = await fetch(`${baseUrl}/v1/files`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ filename: null, mime_type: 'application/octet-stream', size_bytes: 1 });
  });

  it('that are large are counted, not kept', async () => {
    await restart({ keptBytes: 10 });
    const file = await createFilesClient(deps).upload(new Uint8Array(100_000));
    expect(file.sizeBytes).toBe(100_000);
    expect(rest.readFile(file.id)).toBeNull();
    expect(rest.hasFile(file.id)).toBe(true);
  });
});

describe('viewers', () => {
  it('get a token that only watches', async () => {
    const answer = await fetch(`${baseUrl}/watch-stream/room%201`, { method: 'POST', headers: { 'x-api-key': KEY } });
    expect(await answer.json()).toEqual({
      livekit_url: 'ws://127.0.0.1:9',
      token: 'room 1/false',
      room_name: 'room 1',
    });
  });

  it('get none for a room that is not there', async () => {
    await restart({ hasRoom: () => false });
    const answer = await fetch(`${baseUrl}/watch-stream/room`, { method: 'POST', headers: { 'x-api-key': KEY } });
    expect(answer.status).toBe(404);
  });
});

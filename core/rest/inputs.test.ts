import { NEVER, type Observable, of, VirtualTimeScheduler } from 'rxjs';
import { VideoModels } from '../job-models.js';
import type { HttpEvent, HttpRequest } from '../ports/http.js';
import type { RestDeps } from './call.js';
import { createFilesClient } from './files.js';
import { createImagesClient } from './images.js';
import { createModelsClient } from './model-names.js';
import { createQueueClient } from './queue.js';
import { createTokensClient } from './tokens.js';

const bytes = new Uint8Array([1, 2, 3]);
const data = bytes;
/** Time that stands still: nothing here waits. */
const scheduler = new VirtualTimeScheduler();

/** Clients over a port that only notes what it is asked for. */
function clients(answer$: Observable<HttpEvent> = NEVER, onRenamed?: RestDeps['onRenamed']) {
  const requests: HttpRequest[] = [];
  const request: RestDeps['http']['request'] = (asked) => {
    requests.push(asked);
    return answer$;
  };
  const deps: RestDeps = {
    ...{ baseUrl: 'http://h', apiKey: 'k', userAgent: 'ua', scheduler, http: { request } },
    ...(onRenamed && { onRenamed }),
  };
  return {
    requests,
    queue: createQueueClient(deps),
    images: createImagesClient(deps),
    models: createModelsClient(deps),
    tokens: createTokensClient(deps),
    files: createFilesClient(deps),
  };
}

type Clients = ReturnType<typeof clients>;

async function refused(call: (all: Clients) => Promise<unknown>, code: string, field: string): Promise<void> {
  const all = clients();
  await expect(call(all)).rejects.toMatchObject({ code, permanent: true, data: { field } });
  expect(all.requests).toHaveLength(0);
}

/** The fields of the form that goes out, files by the kind of their source. */
function sent(call: (all: Clients) => unknown): Record<string, string> {
  const all = clients();
  call(all);
  const body = all.requests[0]?.body;
  if (body?.type !== 'form') throw new Error('no form was sent');
  return Object.fromEntries(
    body.parts.map((part) => [part.name, part.type === 'file' ? part.source.type : part.value]),
  );
}

describe('the input of a job', () => {
  it.each<[string, string, object, string]>([
    ['nothing', 'lucy-2.1', {}, 'data'],
    ['no video', 'lucy-2.1', { prompt: 'x' }, 'data'],
    ['no prompt where one is needed', 'lucy-clip', { data }, 'prompt'],
    ['an empty prompt where one is needed', 'lucy-clip-latest', { data, prompt: '' }, 'prompt'],
    ['an image without a prompt', 'lucy-image-2', { data }, 'prompt'],
    ['no image', 'lucy-image-2', { prompt: 'x' }, 'data'],
    ['the id of a file for an image', 'lucy-image-2', { data: 'file_abc', prompt: 'x' }, 'data'],
    ['a resolution that videos do not have', 'lucy-2.5', { data, prompt: '', resolution: '1080p' }, 'resolution'],
    ['a resolution of images for a video', 'lucy-2.5', { data, prompt: '', resolution: '480p' }, 'resolution'],
    ['a resolution that images do not have', 'lucy-image-2', { data, prompt: 'x', resolution: '1080p' }, 'resolution'],
    ['a reference image where none is taken', 'lucy-robot-720p', { data, referenceImage: bytes }, 'referenceImage'],
    ['selfAnchor of a model without it', 'lucy-2.1', { data, selfAnchor: true }, 'selfAnchor'],
    ['selfAnchor of an image', 'lucy-image-2', { data, prompt: 'x', selfAnchor: true }, 'selfAnchor'],
    ['selfAnchor that is no boolean', 'lucy-2.5', { data, selfAnchor: 'no' }, 'selfAnchor'],
    ['a prompt that is no text', 'lucy-2.1', { data, prompt: 7 }, 'prompt'],
    ['restyle with neither prompt nor image', 'lucy-restyle-2', { data }, 'prompt'],
    ['restyle with both', 'lucy-restyle-2', { data, prompt: 'x', referenceImage: bytes }, 'referenceImage'],
    ['restyle with an empty prompt', 'lucy-restyle-latest', { data, prompt: '' }, 'prompt'],
    ['restyle by its older name', 'lucy-restyle-v2v', { data }, 'prompt'],
    ['enhance without a prompt', 'lucy-restyle-2', { data, referenceImage: bytes, enhance: true }, 'enhance'],
    ['a negative seed', 'lucy-2.1', { data, prompt: '', seed: -1 }, 'seed'],
    ['a seed too large', 'lucy-2.1', { data, prompt: '', seed: 4_294_967_296 }, 'seed'],
    ['a broken seed', 'lucy-2.1', { data, prompt: '', seed: 1.5 }, 'seed'],
    ['a seed that is no number', 'lucy-2.1', { data, prompt: '', seed: Number.NaN }, 'seed'],
    ['an unknown resolution', 'lucy-2.1', { data, prompt: '', resolution: '4k' }, 'resolution'],
    ['enhance that is no boolean', 'lucy-2.1', { data, prompt: '', enhance: 'yes' }, 'enhance'],
    ['a misspelt field', 'lucy-2.1', { data, prompt: '', reference_image: bytes }, 'reference_image'],
    ['an empty video', 'lucy-2.1', { data: new Uint8Array(), prompt: '' }, 'data'],
    ['an empty blob', 'lucy-2.1', { data: new Blob([]), prompt: '' }, 'data'],
    ['an empty path', 'lucy-2.1', { data: '', prompt: '' }, 'data'],
    ['a number as video', 'lucy-2.1', { data: 7, prompt: '' }, 'data'],
    ['an object as image', 'lucy-2.1', { data, prompt: '', referenceImage: {} }, 'referenceImage'],
    [
      'a broken data: URL',
      'lucy-2.1',
      { data, prompt: '', referenceImage: 'data:image/png;base64,%%' },
      'referenceImage',
    ],
  ])('is refused: %s', async (_, model, input, field) => {
    await refused(({ queue }) => queue.submit(model, input as never), 'INVALID_INPUT', field);
  });

  it('is refused when it is nothing at all', async () => {
    await refused(({ queue }) => queue.submit('lucy-2.1', undefined as never), 'INVALID_INPUT', 'input');
  });

  it('needs a model that there is', async () => {
    await refused(({ queue }) => queue.submit('lucy-9', { data, prompt: '' }), 'MODEL_NOT_FOUND', 'model');
    await refused(({ queue }) => queue.submit({ name: 'x' } as never, { data }), 'INVALID_INPUT', 'model.path');
  });

  it.each([
    ['timeoutMs', -1],
    ['pollIntervalMs', Number.NaN],
    ['firstPollDelayMs', '5'],
  ])('wants sound options: %s %p', async (field, value) => {
    const input = { data, prompt: '' };
    await refused(({ queue }) => queue.submitAndPoll('lucy-2.1', input, { [field]: value }), 'INVALID_INPUT', field);
  });

  it('goes out as a form, small fields first', () => {
    const form = sent(({ queue }) =>
      queue.submit('lucy-2.1', {
        data: '/clips/a.mp4',
        prompt: '',
        referenceImage: 'file_abc',
        seed: 4_294_967_295,
        resolution: '720p',
        enhance: false,
      }),
    );
    expect(Object.entries(form)).toEqual([
      ['prompt', ''],
      ['seed', '4294967295'],
      ['resolution', '720p'],
      ['enhance_prompt', 'false'],
      ['reference_image', 'file_abc'],
      ['data', 'path'],
    ]);
  });

  it('goes to the path of the model, by name, by its older name and as a model of one’s own', () => {
    const { queue, requests } = clients();
    const own = { ...VideoModels.LUCY_2_5, path: '/v1/jobs/mine' };
    for (const model of ['lucy-pro-v2v', VideoModels.LUCY_VTON_3, own]) void queue.submit(model, { data, prompt: 'x' });
    expect(requests.map(({ url }) => url)).toEqual([
      'http://h/v1/jobs/lucy-clip',
      'http://h/v1/jobs/lucy-vton-3',
      'http://h/v1/jobs/mine',
    ]);
    expect(requests[0]?.headers).toEqual({ 'X-API-KEY': 'k', 'User-Agent': 'ua' });
  });
});

describe('an image', () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff]);

  it.each<[string, string, object, string]>([
    ['nothing', 'lucy-image-2', {}, 'prompt'],
    ['no image', 'lucy-image-2', { prompt: 'x' }, 'data'],
    ['an empty prompt', 'lucy-image-2', { data: jpeg, prompt: '' }, 'prompt'],
    ['a seed too large', 'lucy-image-2', { data: jpeg, prompt: 'x', seed: 2 ** 32 }, 'seed'],
    ['another resolution', 'lucy-image-latest', { data: jpeg, prompt: 'x', resolution: '1080p' }, 'resolution'],
    [
      'enhancePrompt that is no boolean',
      'lucy-image-2',
      { data: jpeg, prompt: 'x', enhancePrompt: 1 },
      'enhancePrompt',
    ],
    ['the field of a job', 'lucy-image-2', { data: jpeg, prompt: 'x', enhance: true }, 'enhance'],
  ])('is refused: %s', async (_name, model, input, field) => {
    await refused(({ images }) => images.edit(model, input as never), 'INVALID_INPUT', field);
  });

  it('needs an image model', async () => {
    await refused(({ images }) => images.edit('lucy-2.5', { data: jpeg, prompt: 'x' }), 'MODEL_NOT_FOUND', 'model');
  });

  it('goes out as a form, to the path of the model', () => {
    const input = { data: jpeg, prompt: 'x', referenceImage: 'file_abc', resolution: '480p', seed: 0 } as const;
    expect(
      Object.entries(sent(({ images }) => images.edit('lucy-image-2', { ...input, enhancePrompt: false }))),
    ).toEqual([
      ['prompt', 'x'],
      ['seed', '0'],
      ['resolution', '480p'],
      ['enhance_prompt', 'false'],
      ['reference_image', 'file_abc'],
      ['data', 'bytes'],
    ]);
    const { images, queue, requests } = clients();
    void images.edit('lucy-pro-i2i', { data: jpeg, prompt: 'x' });
    void queue.submit('lucy-image-2', { data: jpeg, prompt: 'x' });
    expect(requests.map(({ url, accept }) => [url, accept])).toEqual([
      ['http://h/v1/generate/lucy-image-2', 'blob'],
      ['http://h/v1/jobs/lucy-image-2', 'text'],
    ]);
  });

  it('comes back as a blob; an answer without bytes is an error', async () => {
    const png = new Blob(['png'], { type: 'image/png' });
    const answer = (blob: Blob) =>
      clients(of({ type: 'response', status: 200, headers: {}, body: { type: 'blob', blob } }));
    const input = { data: jpeg, prompt: 'x' };
    expect(await answer(png).images.edit('lucy-image-2', input)).toBe(png);
    await expect(answer(new Blob()).images.edit('lucy-image-2', input)).rejects.toMatchObject({
      code: 'IMAGE_EDIT_ERROR',
    });
  });
});

describe('self_anchor', () => {
  it('is sent where the model has it', () => {
    const form = sent(({ queue }) => queue.submit('lucy-latest', { data, selfAnchor: false }));
    expect(form).toEqual({ self_anchor: 'false', data: 'bytes' });
  });
});

describe('the name of a model', () => {
  const answer = (body: object, status = 200) =>
    clients(of({ type: 'response', status, headers: {}, body: { type: 'text', text: JSON.stringify(body) } }));

  it('stands for a model of the moment', async () => {
    const one = answer({ model_id: 'lucy-2.5', model_ids: null });
    expect(await one.models.resolve('lucy-latest')).toBe('lucy-2.5');
    expect(one.requests[0]).toMatchObject({
      method: 'POST',
      url: 'http://h/v1/models/resolve',
      body: { text: '{"model":"lucy-latest"}' },
    });
    const several = answer({ model_ids: { 'lucy-latest': 'lucy-2.5' } });
    expect(await several.models.resolve(['lucy-latest', 'x'])).toEqual({ 'lucy-latest': 'lucy-2.5' });
    expect(several.requests[0]?.body).toMatchObject({ text: '{"models":["lucy-latest","x"]}' });
  });

  it.each([
    ['an unknown name', { model_id: null }, 200, 'MODEL_NOT_FOUND'],
    ['an unknown name, by its status', {}, 404, 'MODEL_NOT_FOUND'],
    ['another answer', { model_id: 5 }, 200, 'MODEL_RESOLVE_ERROR'],
    ['a service in trouble', {}, 500, 'MODEL_RESOLVE_ERROR'],
  ])('%s is an error', async (_name, body, status, code) => {
    await expect(answer(body, status).models.resolve('x')).rejects.toMatchObject({ code });
  });

  it.each(['', ' ', [], ['a', ''], 5, null])('%j is none', async (name) => {
    await refused(({ models }) => models.resolve(name as string), 'INVALID_INPUT', 'name');
  });

  it('that is deprecated is replaced, with a warning', () => {
    const warnings: string[] = [];
    const { queue, images } = clients(NEVER, (...names) => warnings.push(names.join(' ')));
    void queue.submit('lucy-pro-v2v', { data, prompt: 'x' });
    void images.edit('lucy-pro-i2i', { data, prompt: 'x' });
    void queue.submit('lucy-2.5', { data });
    expect(warnings).toEqual(['lucy-pro-v2v lucy-clip', 'lucy-pro-i2i lucy-image-2']);
  });
});

describe('what the service finds wrong', () => {
  it.each<[string, unknown, unknown]>([
    [
      'is in the details of the error',
      { detail: [{ loc: ['body', 'seed'], msg: 'too large', type: 'less_than', input: 'k' }] },
      [{ loc: ['body', 'seed'], msg: 'too large', type: 'less_than' }],
    ],
    ['of another form is text alone', { detail: 'no' }, undefined],
  ])('%s', async (_name, body, details) => {
    const answer = {
      type: 'response',
      status: 422,
      headers: {},
      body: { type: 'text', text: JSON.stringify(body) },
    } as const;
    const error: { data?: { details?: unknown }; message?: string } = await clients(of(answer))
      .queue.submit('lucy-2.5', { data })
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'QUEUE_SUBMIT_ERROR', permanent: true });
    expect(error.data?.details).toEqual(details);
    if (details) expect(error.message).toBe('The job could not be submitted: HTTP 422: body.seed: too large.');
  });
});

describe('a client token', () => {
  const origins = (count: number): string[] => Array.from({ length: count }, (_, i) => `https://a${i}.example.com`);
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  it.each<[object, string]>([
    [{ expiresIn: 0 }, 'expiresIn'],
    [{ expiresIn: 3601 }, 'expiresIn'],
    [{ expiresIn: 1.5 }, 'expiresIn'],
    [{ expiresIn: '60' }, 'expiresIn'],
    [{ allowedModels: [] }, 'allowedModels'],
    [{ allowedModels: 'lucy-2.1' }, 'allowedModels'],
    [{ allowedModels: Array(21).fill('lucy-2.1') }, 'allowedModels'],
    [{ allowedModels: ['lucy-2.1', ' '] }, 'allowedModels[1]'],
    [{ allowedOrigins: origins(21) }, 'allowedOrigins'],
    [{ allowedOrigins: ['example.com'] }, 'allowedOrigins[0]'],
    [{ allowedOrigins: ['https://example.com/'] }, 'allowedOrigins[0]'],
    [{ allowedOrigins: ['*'] }, 'allowedOrigins[0]'],
    [{ metadata: [] }, 'metadata'],
    [{ metadata: circle }, 'metadata'],
    [{ constraints: { realtime: { maxSessionDuration: 0 } } }, 'constraints.realtime.maxSessionDuration'],
    [{ constraints: { realtime: { maxSessionDuration: 1.5 } } }, 'constraints.realtime.maxSessionDuration'],
    [{ constraints: { realtime: { maxDuration: 5 } } }, 'constraints.realtime.maxDuration'],
    [{ expires: 60 }, 'expires'],
  ])('is refused: %p', async (options, field) => {
    await refused(({ tokens }) => tokens.create(options as never), 'INVALID_INPUT', field);
  });

  it('goes out as JSON, without the options of the call', () => {
    const { tokens, requests } = clients();
    const options = { expiresIn: 3600, allowedOrigins: origins(20), metadata: { user: 1 } };
    void tokens.create({ ...options, timeoutMs: 5 });
    expect(requests[0]?.body).toEqual({ type: 'text', text: JSON.stringify(options), contentType: 'application/json' });
  });
});

describe('a file', () => {
  it.each<[object, string]>([
    [{ ttlSeconds: 59 }, 'ttlSeconds'],
    [{ ttlSeconds: 2_592_001 }, 'ttlSeconds'],
    [{ ttlSeconds: 'forever' }, 'ttlSeconds'],
    [{ filename: ' ' }, 'filename'],
    [{ ttlSeconds: 60.5 }, 'ttlSeconds'],
  ])('is refused: %p', async (options, field) => {
    await refused(({ files }) => files.upload(bytes, options as never), 'INVALID_INPUT', field);
  });

  it('that is uploaded already is not uploaded again', async () => {
    await refused(({ files }) => files.upload('file_abc'), 'INVALID_INPUT', 'file');
  });

  it.each(['', 'abc', 'file_', 'file_../x', 'file_a b'])('has no id like %j', async (id) => {
    await refused(({ files }) => files.get(id), 'INVALID_INPUT', 'id');
    await refused(({ files }) => files.delete(id), 'INVALID_INPUT', 'id');
  });

  it('goes out with its time to live', () => {
    expect(sent(({ files }) => files.upload(bytes, { ttlSeconds: 'persistent' }))).toEqual({
      ttl_seconds: 'persistent',
      file: 'bytes',
    });
  });
});

describe('the key', () => {
  const create = (apiKey: RestDeps['apiKey']): Promise<unknown> => {
    const request: RestDeps['http']['request'] = () => {
      throw new Error('no request is to be made');
    };
    const deps = { baseUrl: 'http://h', apiKey, userAgent: 'ua', scheduler, http: { request } };
    return createTokensClient(deps).create();
  };

  it.each<[string, RestDeps['apiKey']]>([
    ['blank', '  '],
    ['blank from a function', () => ''],
    ['nothing', (() => undefined) as never],
    ['broken over two lines', 'CANARY\nkey'],
  ])('is refused before any request: %s', async (_, apiKey) => {
    const error = await create(apiKey).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_API_KEY', permanent: true });
    expect(String(error)).not.toContain('CANARY');
  });

  it('of a function that fails', async () => {
    await expect(create(() => Promise.reject(new Error('offline')))).rejects.toMatchObject({
      code: 'INVALID_API_KEY',
      permanent: false,
    });
  });

  it('is asked for again before every request', () => {
    const keys: (string | undefined)[] = [];
    let nth = 0;
    const request: RestDeps['http']['request'] = ({ headers }) => {
      keys.push(headers['X-API-KEY']);
      return NEVER;
    };
    const apiKey = (): string => `key-${++nth}`;
    const deps = { baseUrl: 'http://h', apiKey, userAgent: 'ua', scheduler, http: { request } };
    const tokens = createTokensClient(deps);
    for (let i = 0; i < 2; i++) void tokens.create();
    expect(keys).toEqual(['key-1', 'key-2']);
  });
});

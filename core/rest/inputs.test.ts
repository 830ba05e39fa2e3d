import { NEVER, VirtualTimeScheduler } from 'rxjs';
import { VideoModels } from '../models.js';
import type { HttpRequest } from '../ports/http.js';
import type { RestDeps } from './call.js';
import { createFilesClient } from './files.js';
import { createQueueClient } from './queue.js';
import { createTokensClient } from './tokens.js';

const bytes = new Uint8Array([1, 2, 3]);
const data = bytes;
/** Time that stands still: nothing here waits. */
const scheduler = new VirtualTimeScheduler();

/** Clients over a port that only notes what it is asked for. */
function clients() {
  const requests: HttpRequest[] = [];
  const request: RestDeps['http']['request'] = (asked) => {
    requests.push(asked);
    return NEVER;
  };
  const deps = { baseUrl: 'http://h', apiKey: 'k', userAgent: 'ua', scheduler, http: { request } };
  return {
    requests,
    queue: createQueueClient(deps),
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
    ['no prompt', 'lucy-2.1', { data }, 'prompt'],
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
    await refused(({ queue }) => queue.submit({ name: 'x' } as never, { data, prompt: '' }), 'INVALID_INPUT', 'model');
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
    for (const model of ['lucy-pro-v2v', VideoModels.LUCY_VTON_3, own]) void queue.submit(model, { data, prompt: '' });
    expect(requests.map(({ url }) => url)).toEqual([
      'http://h/v1/jobs/lucy-clip',
      'http://h/v1/jobs/lucy-vton-3',
      'http://h/v1/jobs/mine',
    ]);
    expect(requests[0]?.headers).toEqual({ 'X-API-KEY': 'k', 'User-Agent': 'ua' });
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
    [{ constraints: { realtime: { maxDuration: 5 } } }, 'maxDuration'],
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

  it('is asked for anew before every request', () => {
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

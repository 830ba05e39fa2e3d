// Secrets of any shape, thrown through every place where text comes in, in every form in which it may be repeated: no
// eight characters in a row of one may come out again, wherever anyone can look.
import fc from 'fast-check';
import { concat, NEVER, of, throwError } from 'rxjs';
import { fetchBytes } from '../adapters/fetch-bytes.js';
import { createMemoryPlatform } from '../testkit/memory-platform.js';
import { imageAck, playSession, promptAck, roomInfo, type SessionStage } from '../testkit/session-stage.js';
import { createMemoryNetwork } from '../transports/memory/index.js';
import { createDecartClient } from './client.js';
import type { HttpEvent } from './ports/http.js';
import { encodeSubscribeToken } from './protocol/subscribe-token.js';
import { recordSession } from './recorder/record.js';
import { createSecrets } from './secrets.js';

const letters = (pattern: RegExp, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.stringMatching(pattern).filter((c) => c.length > 0), minLength, maxLength }).filter(isVaried);

/** No words, and not all the same letter: a leak must differ from other text. */
const isVaried = (text: string): boolean =>
  new Set(text.slice(0, 8)).size > 3 && text.trim() === text && !/[a-z]{6}/i.test(text);

/** What a header can carry. */
const key = letters(/^[!-~]$/, 8, 80);
const token = letters(/^[ -~é🐎"\\/<>&]$/u, 8, 200);
const password = letters(/^[!-~]$/, 8, 40);

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The ways to repeat a secret. */
const forms: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  encodeURIComponent,
  (secret) => encodeURIComponent(secret).toLowerCase(),
  (secret) => new URLSearchParams({ k: secret }).toString().slice(2),
  inJson,
  (secret) => inJson(secret).replaceAll('/', '\\/'),
  (secret) => inJson(inJson(secret)),
];

/** A repeat of a secret, whole or cut at either end, in the middle of other text. */
const repeat = fc.record({
  form: fc.constantFrom(...forms),
  from: fc.double({ min: 0, max: 0.5, noNaN: true }),
  to: fc.double({ min: 0.5, max: 1, noNaN: true }),
  before: fc.constantFrom('', 'bad key: ', '{"error":"', 'Unauthorized '),
  after: fc.constantFrom('', ' was refused', '"}', '\n'),
});
type Repeat = typeof repeat extends fc.Arbitrary<infer R> ? R : never;

function repeated(secret: string, { form, from, to, before, after }: Repeat): string {
  const text = form(secret);
  return before + text.slice(Math.floor(from * text.length), Math.ceil(to * text.length)) + after;
}

/** Every text in a value, as deep as it goes: of errors all that they hold. */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  const names = [...Object.getOwnPropertyNames(value), 'message', 'stack', 'cause'];
  return names.flatMap((name) => [name, ...textsIn((value as Record<string, unknown>)[name], seen)]);
}

function partsOf(secret: string): Set<string> {
  const parts = new Set<string>();
  const characters = [...secret];
  for (let at = 0; at + 8 <= characters.length; at += 1) {
    const part = characters.slice(at, at + 8).join('');
    for (const form of forms) parts.add(form(part));
  }
  return parts;
}

function expectNone(secrets: readonly string[], shown: readonly unknown[]): void {
  const texts = textsIn(shown);
  expect(texts.length).toBeGreaterThan(0);
  const parts = [...new Set(secrets.flatMap((secret) => [...partsOf(secret)]))];
  const all = texts.join('\u0000');
  expect(parts.filter((part) => all.includes(part))).toEqual([]);
}

test('a text is struck of every part of eight characters of a secret, in each of its forms', () => {
  fc.assert(
    fc.property(fc.oneof(key, token), repeat, (secret, how) => {
      const secrets = createSecrets();
      secrets.keep(secret);
      expectNone([secret], [secrets.strike(repeated(secret, how))]);
    }),
    { numRuns: 300 },
  );
});

test('a key is struck, however many URLs are kept after it', () => {
  const { keep, keepUrl, strike } = createSecrets();
  keep('dct_0123456789');
  for (let n = 100; n < 300; n += 1) keepUrl(`https://h/x?sig=SIGNATURE-${n}&token=TOKEN-OF-${n}`);
  expect(strike('dct_0123456789, SIGNATURE-299, TOKEN-OF-299')).toBe('***, ***, ***');
});

describe('a text', () => {
  const { keep, keepUrl, strike, clean } = createSecrets();
  keep('dct_0123456789');
  keep('short');
  keep('abc');
  keepUrl('https://user:p%20ssword@h/x?sig=SIGNATURE&w=1024');

  it.each([
    ['no credit left for dct_0123456789.', 'no credit left for ***.'],
    ['DCT_0123456789 and dct_0123456789', '*** and ***'],
    ['dct_0123456789dct_0123456789', '***'],
    ['dct_0123', '***'],
    ['dct_012 is too little of it', 'dct_012 is too little of it'],
    ['a short one, and abc', 'a *** one, and abc'],
    ['p%20ssword, p ssword, SIGNATURE, 1024', '***, ***, ***, 1024'],
    ['see https://me:pw@host/a/b?token=1#f now', 'see https://***@host/a/b?token=*** now'],
    ['http://user:12?34567@host/', 'http://user:12?***'],
    ['http://user:pa?ss@host/', 'http://user:***?***'],
    ['nothing of note', 'nothing of note'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(strike(text)).toBe(expected);
  });

  it('of an error is struck throughout; an error without a secret stays itself', () => {
    const harmless = new Error('outer', { cause: new Error('inner') });
    expect(clean(harmless)).toBe(harmless);
    const inner = Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_URL', input: 'dct_0123456789' });
    const cleaned = clean(new Error('outer', { cause: inner }));
    expect(cleaned).toMatchObject({
      message: 'outer',
      cause: { name: 'TypeError', code: 'ERR_INVALID_URL', input: '***' },
    });
    expect(cleaned).toBeInstanceOf(Error);
  });

  it('of something else than data is not looked for: only the kind of the thing is left', () => {
    expect(clean({ cause: new Blob(['x']) })).toEqual({ cause: '[object Blob]' });
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(JSON.stringify(clean(circle))).toContain('self');
  });

  it('is forgotten when 64 others were in use since', () => {
    const secrets = createSecrets();
    for (let n = 0; n < 100; n += 1) {
      secrets.keep('in use all along');
      secrets.keep(`${n}`.repeat(8));
    }
    expect(secrets.strike('in use all along, 99999999')).toBe('***, ***');
    expect(secrets.strike('1111111111111111')).toBe('1111111111111111');
  });
});

/** Plays a session, and gathers whatever anyone can see of it. */
function shownBy(
  config: { readonly apiKey: string },
  play: (stage: SessionStage, see: (value: unknown) => void) => void,
  platform: Parameters<typeof playSession>[1] = {},
): unknown[] {
  const shown: unknown[] = [];
  const see = (value: unknown): void => void shown.push(value);
  const log = (...line: unknown[]): void => see(line);
  playSession(
    (stage) => {
      const { realtime, at } = stage;
      const recording = recordSession(realtime);
      for (const [name, stream$] of Object.entries(realtime)) {
        if (name.endsWith('$') && typeof stream$ !== 'function') stream$.subscribe({ next: see, error: see });
      }
      play(stage, see);
      at(100_000, () => {
        // Read: the quotes of its own JSON may complete what is left of a secret.
        for (const line of recording.toString().trim().split('\n')) see(JSON.parse(line));
        void realtime.disconnect();
      });
    },
    { ...platform, config: { ...config, logger: { debug: log, info: log, warn: log, error: log }, logLevel: 'debug' } },
  );
  return shown;
}

test('a session says nothing of its key and of its room tokens, whatever the service, the room and a library say', () => {
  fc.assert(
    fc.property(
      key,
      token,
      fc.array(repeat, { minLength: 12, maxLength: 12 }),
      fc.nat(3),
      (apiKey, secret, how, end) => {
        const text = (n: number): string => repeated(n % 2 === 0 ? apiKey : secret, how[n % how.length] as Repeat);
        const failure = (n: number) =>
          ({
            code: 'WEBRTC_ICE_ERROR',
            message: text(n),
            data: { text: text(n + 1) },
            cause: new Error(text(n)),
          }) as const;
        const shown = shownBy({ apiKey }, ({ at, say, network, realtime }, see) => {
          at(0, () =>
            realtime
              .session$({ model: 'lucy-2.1', initialPrompt: { text: 'a' }, holdUntilInitialState: false })
              .subscribe({ error: see }),
          );
          at(1, () => network.sockets[0]?.accept());
          at(2, () => say(0, { ...roomInfo, token: secret, room_name: 'room of the test' } as typeof roomInfo));
          at(3, () => network.rooms[0]?.publishRemote());
          at(4, () => network.rooms[0]?.accept());
          at(5, () => {
            realtime.setPrompt$('b').subscribe({ error: see });
            realtime.setImage$('AAAA').subscribe({ error: see });
            say(0, promptAck('a', text(0)));
            say(0, promptAck('b', text(1)));
            say(0, imageAck(text(2)));
            for (const n of [3, 4]) say(0, { type: 'error', error: text(n) });
            for (const n of [5, 6]) say(0, { type: 'status', status: text(n) });
            network.sockets[0]?.deliver(JSON.stringify({ type: text(7) }));
            network.sockets[0]?.deliver(JSON.stringify({ type: 'error', error: { text: text(8) } }));
            network.sockets[0]?.deliver(text(9));
            say(0, { type: 'status', status: encodeSubscribeToken('room of the test').slice(3, 20) });
          });
          at(6, () => {
            if (end === 0) network.sockets[0]?.closeByServer(1011, text(10).slice(0, 123));
            else if (end === 1) network.sockets[0]?.closeByServer(4401, text(11).slice(0, 123));
            else if (end === 2) network.rooms[0]?.lose(failure(10));
            else say(0, { type: 'generation_ended', seconds: 1, reason: text(10) });
          });
          at(2000, () => network.sockets[1]?.accept());
          at(2001, () => say(1, { ...roomInfo, token: `${secret}2` } as typeof roomInfo));
          at(2002, () => network.rooms[1]?.fail(failure(11)));
        });
        expectNone([apiKey, secret], shown);
      },
    ),
    { numRuns: 15 },
  );
});

test('an image URL that cannot be read is in no error', () => {
  fc.assert(
    fc.property(password, password, repeat, (pass, signature, how) => {
      const url = `http://user:${encodeURIComponent(pass)}@h/x?sig=${encodeURIComponent(signature)}`;
      const cause = Object.assign(new TypeError(`Request cannot be constructed from ${url}`), { input: url });
      const rude = throwError(() => new Error(repeated(pass, how), { cause }));
      const shown = shownBy(
        { apiKey: 'secret-key' },
        ({ at, goLive, realtime, connect }, see) => {
          at(0, () => connect());
          at(1, () => goLive());
          at(2, () => realtime.setImage$(url).subscribe({ error: see }));
          at(3, () => void realtime.disconnect());
        },
        { platform: () => ({ fetchBytes: () => rude }) },
      );
      expect(shown.length).toBeGreaterThan(0);
      expectNone([pass, signature], shown);
    }),
    { numRuns: 15 },
  );
});

test('nor when it is the platform’s own fetch that quotes it', async () => {
  const platform = { ...createMemoryPlatform({ network: createMemoryNetwork() }), fetchBytes };
  const { realtime, release } = createDecartClient({ apiKey: 'secret-key' }, platform);
  const error = await realtime
    .connect({ model: 'lucy-2.1', initialImage: 'http://user:PASSWD@h/x?sig=SIG', reconnect: { retries: 0 } })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'INVALID_INPUT', cause: { name: 'TypeError' } });
  expect(textsIn(error).join()).not.toMatch(/PASSWD|SIG/);
  await release();
});

describe('REST', () => {
  /** A client whose every request is answered likewise. */
  const clientThat = (apiKey: string, ...events: HttpEvent[]) =>
    createDecartClient(
      { apiKey },
      {
        ...createMemoryPlatform({ network: createMemoryNetwork() }),
        http: { request: () => (events.length === 0 ? NEVER : concat(of(...events))) },
      },
    );

  type Client = ReturnType<typeof clientThat>;
  const calls: readonly (readonly [string, (client: Client) => Promise<unknown>])[] = [
    ['submit', ({ queue }) => queue.submit('lucy-2.1', { data: 'https://h/?sig=1', prompt: '' })],
    ['status', ({ queue }) => queue.status('j1')],
    ['result', ({ queue }) => queue.result('j1')],
    ['token', ({ tokens }) => tokens.create()],
    ['upload', ({ files }) => files.upload(new Uint8Array([1]))],
    [
      'viewer',
      ({ realtime }) => realtime.subscribe({ token: encodeSubscribeToken('a room'), reconnect: { retries: 0 } }),
    ],
  ];
  const text = (status: number, body: string): HttpEvent => ({
    type: 'response',
    status,
    headers: {},
    body: { type: 'text', text: body },
  });

  test.each(calls)('%s says nothing of the key, whatever the service answers', async (_name, call) => {
    await fc.assert(
      fc.asyncProperty(key, repeat, fc.constantFrom(401, 422, 500, 0), async (apiKey, how, status) => {
        const said = repeated(apiKey, how);
        const cause = Object.assign(new Error(said, { cause: said }), { headers: { 'x-api-key': apiKey } });
        const answer: HttpEvent =
          status === 0
            ? { type: 'failed', reason: 'interrupted', message: said, part: said, cause }
            : text(status, JSON.stringify({ detail: [{ loc: ['body', said], msg: said, type: said }], error: said }));
        const client = clientThat(apiKey, answer);
        const error = await call(client).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        expectNone([apiKey], [error]);
        await client.release();
      }),
      { numRuns: 15 },
    );
  });

  test('a failed job says nothing of the key', async () => {
    const apiKey = 'dct_"quoted"/key';
    const job = { job_id: 'j1', status: 'failed', error: `no credit: ${JSON.stringify(apiKey)}` };
    const client = clientThat(apiKey, text(200, JSON.stringify(job)));
    expect(await client.queue.status('j1')).toEqual({ jobId: 'j1', status: 'failed', error: 'no credit: "***"' });
    await client.release();
  });

  test('the credentials and the query of an upload’s URL are in no error', async () => {
    await fc.assert(
      fc.asyncProperty(password, password, repeat, async (pass, signature, how) => {
        const data = `http://user:${encodeURIComponent(pass)}@h/x?sig=${encodeURIComponent(signature)}`;
        const cause = Object.assign(new Error(data), { input: data });
        const message = `${repeated(pass, how)} ${repeated(signature, how)}`;
        const client = clientThat('secret-key', { type: 'failed', reason: 'source', part: 'data', message, cause });
        const error = await client.queue.submit('lucy-2.1', { data, prompt: '' }).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'INVALID_INPUT' });
        expectNone([pass, signature], [error]);
        await client.release();
      }),
      { numRuns: 15 },
    );
  });

  test('a subscribe token that is none is not repeated', async () => {
    await fc.assert(
      fc.asyncProperty(token, async (secret) => {
        const client = clientThat('secret-key');
        const error = await client.realtime.subscribe({ token: secret }).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'INVALID_INPUT' });
        expectNone([secret], [error]);
        await client.release();
      }),
      { numRuns: 15 },
    );
  });
});

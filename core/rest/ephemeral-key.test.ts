import { createEphemeralKey } from './ephemeral-key.js';

const START = Date.UTC(2026, 0, 1);

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly date?: string;
}

/** A server whose answers are made when they are asked for, and a clock that stands still unless moved. */
function setup(answer: (nth: number, nowMs: number) => Answer | Promise<Answer>) {
  let nowMs = START;
  const asked: string[] = [];
  const ephemeralKey = createEphemeralKey<{ method: string }>(
    {
      now: () => nowMs,
      fetch: async (url, init) => {
        asked.push(`${init?.method ?? 'GET'} ${url}`);
        const { status = 200, body, date } = await answer(asked.length, nowMs);
        return {
          ok: status < 300,
          status,
          headers: { get: (name) => (name === 'date' ? (date ?? null) : null) },
          json: async () => body,
        };
      },
    },
    '/token',
    { method: 'POST' },
  );
  return { ephemeralKey, asked, pass: (ms: number) => (nowMs += ms) };
}

const keyFor =
  (lifeMs: number) =>
  (nth: number, nowMs: number): Answer => ({
    body: { apiKey: `ek_${nth}`, expiresAt: new Date(nowMs + lifeMs).toISOString() },
  });

describe('createEphemeralKey', () => {
  it('keeps a key until shortly before it expires', async () => {
    const { ephemeralKey, asked, pass } = setup(keyFor(60_000));
    expect(await ephemeralKey()).toBe('ek_1');
    pass(49_999);
    expect(await ephemeralKey()).toBe('ek_1');
    expect(asked).toEqual(['POST /token']);
    pass(1);
    expect(await ephemeralKey()).toBe('ek_2');
  });

  it('keeps a very short-lived key for four fifths of its life', async () => {
    const { ephemeralKey, pass } = setup(keyFor(1000));
    await ephemeralKey();
    pass(799);
    expect(await ephemeralKey()).toBe('ek_1');
    pass(1);
    expect(await ephemeralKey()).toBe('ek_2');
  });

  it('shares a request in flight', async () => {
    const { ephemeralKey, asked } = setup(keyFor(60_000));
    expect(await Promise.all([ephemeralKey(), ephemeralKey(), ephemeralKey()])).toEqual(['ek_1', 'ek_1', 'ek_1']);
    expect(asked).toHaveLength(1);
  });

  it('believes the clock of the server over its own', async () => {
    const serverMs = START + 3_600_000;
    const { ephemeralKey, pass } = setup((nth) => ({
      body: { apiKey: `ek_${nth}`, expiresAt: new Date(serverMs + 60_000).toISOString() },
      date: new Date(serverMs).toUTCString(),
    }));
    await ephemeralKey();
    pass(50_000);
    expect(await ephemeralKey()).toBe('ek_2');
  });

  it('gives another key for one that the service refuses, unless that was made for this very use', async () => {
    const { ephemeralKey, asked } = setup(keyFor(60_000));
    expect([await ephemeralKey(), ephemeralKey.forget('ek_1')]).toEqual(['ek_1', false]);
    expect([await ephemeralKey(), await ephemeralKey(), ephemeralKey.forget('ek_2')]).toEqual(['ek_2', 'ek_2', true]);
    expect([await ephemeralKey(), ephemeralKey.forget('ek_2')]).toEqual(['ek_3', true]);
    expect(await ephemeralKey()).toBe('ek_3');
    expect(asked).toHaveLength(3);
  });

  it('keeps no key for more than an hour, however slow the clock is', async () => {
    const { ephemeralKey, pass } = setup((nth, nowMs) => keyFor(7_260_000)(nth, nowMs));
    await ephemeralKey();
    pass(3_590_000);
    expect(await ephemeralKey()).toBe('ek_2');
  });

  it('does not keep a key without an end', async () => {
    const { ephemeralKey } = setup((nth) => ({ body: { apiKey: `ek_${nth}` } }));
    expect(await ephemeralKey()).toBe('ek_1');
    expect(await ephemeralKey()).toBe('ek_2');
  });

  it('fails for all who wait, and asks again afterwards', async () => {
    const { ephemeralKey } = setup((nth, nowMs) => (nth === 1 ? { status: 503 } : keyFor(60_000)(nth, nowMs)));
    const both = await Promise.allSettled([ephemeralKey(), ephemeralKey()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await ephemeralKey()).toBe('ek_2');
  });

  it.each<[string, () => Answer | Promise<Answer>, object]>([
    [
      'an error status',
      () => ({ status: 403 }),
      { code: 'TOKEN_CREATE_ERROR', permanent: true, data: { status: 403 } },
    ],
    ['no such route', () => ({ status: 404 }), { code: 'TOKEN_CREATE_ERROR', permanent: true }],
    ['too many requests', () => ({ status: 429 }), { code: 'TOKEN_CREATE_ERROR', permanent: false }],
    ['a server that fails', () => ({ status: 503 }), { code: 'TOKEN_CREATE_ERROR', permanent: false }],
    ['another answer', () => ({ body: { key: 'ek_1' } }), { code: 'TOKEN_CREATE_ERROR' }],
    ['no answer', () => Promise.reject(new Error('offline')), { code: 'TOKEN_CREATE_ERROR' }],
    ['a blank key', () => ({ body: { apiKey: ' ' } }), { code: 'INVALID_API_KEY' }],
  ])('rejects on %s', async (_, answer, error) => {
    await expect(setup(answer).ephemeralKey()).rejects.toMatchObject(error);
  });
});

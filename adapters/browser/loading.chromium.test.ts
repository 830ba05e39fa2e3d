import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testBrowser } from '../../testkit/browsers/test-browser.js';
import type { LoadingPage } from '../../testkit/pages/loading-page.js';
import { type OpenPage, openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';
import type { DecartClient } from './index.js';

declare const page: LoadingPage;
declare let client: DecartClient;
declare let back: Promise<void>;

let site: PageSite;
let simulator: Simulator;
let opened: OpenPage;

beforeAll(async () => {
  [site, simulator] = await Promise.all([
    openPageSite({
      entry: 'testkit/pages/loading-page.ts',
      headers: {
        'Content-Security-Policy':
          "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src ws: http:; img-src data:",
      },
    }),
    startSimulator(),
  ]);
});
afterAll(async () => {
  await site?.close();
  await simulator?.close();
});
beforeEach(async () => {
  opened = await site.open();
});
afterEach(() => opened.close());

const run = <T>(work: () => T | Promise<T>): Promise<T> => opened.page.evaluate(work);

const configOf = (preload: boolean) => {
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  return { apiKey, baseUrl, httpBaseUrl, preload };
};
const createClient = (preload: boolean) =>
  opened.page.evaluate(
    (config) => void Object.assign(globalThis, { client: page.createDecartClient(config) }),
    configOf(preload),
  );
/** Holds back files whose name begins so, until the returned function is called. */
const withhold = async (name: string): Promise<() => Promise<void>> => {
  const pattern = new RegExp(`/${name}-[^/]*\\.js$`);
  await opened.page.route(pattern, (route) => route.abort());
  return () => opened.page.unroute(pattern);
};
/** Firefox asks for a module that has failed only once in the life of a page. */
const loadsAgain = async (): Promise<void> => {
  if (testBrowser !== 'firefox') return;
  await opened.page.reload();
  await opened.page.waitForFunction(() => (globalThis as { isReady?: boolean }).isReady === true);
  await createClient(false);
};
const joins = (): number => simulator.received.filter(({ type }) => type === 'livekit_join').length;
/** What was being opened, or warmed up, is given back when it has come. */
const nothingIsOpen = () =>
  opened.page.waitForFunction(() => {
    const { sockets, peers } = page.resources.open();
    return sockets + peers === 0;
  });
/** What a call comes to: the code of its error, or `done`. */
const connectCode = () =>
  run(() =>
    client.realtime.connect({ model: 'lucy-2.1' }, page.drawnStream()).then(
      () => 'done',
      (error) => error.code,
    ),
  );

describe('loading', () => {
  test('a client is one file; the first connect brings what a session needs, and no more', async () => {
    const parts = ['transport', 'decode', 'sampling'];
    await createClient(false);
    const atFirst = await run(() => page.fetched());
    for (const name of parts) expect(atFirst).not.toContain(name);
    expect(await connectCode()).toBe('done');
    // Measuring is loaded beside the connect, which does not wait for it.
    await opened.page.waitForFunction((names) => names.every((name) => page.fetched().includes(name)), parts);
    const connected = await run(() => page.fetched());
    for (const name of ['clients', 'check', 'gather', 'local']) expect(connected).not.toContain(name);
    await run(() => client.release());
    expect(opened.complaints).toEqual([]);
  });

  test('an idle page loads what a session needs ahead of it', async () => {
    await createClient(true);
    await opened.page.waitForFunction(() => {
      const fetched = page.fetched();
      const hasParts = ['transport', 'local', 'decode', 'sampling'].every((name) => fetched.includes(name));
      return hasParts && fetched.some((name) => /livekit/.test(name));
    });
    expect(await run(() => client.realtime.isConnected())).toBe(false);
  });

  test('an idle page loads nothing for a client that was released before', async () => {
    const asked: string[] = [];
    opened.page.on('request', (request) => asked.push(request.url()));
    await opened.page.evaluate(async (config) => {
      await page.createDecartClient(config).release();
      // What was to be done when idle has been done when this is.
      await new Promise((resolve) => requestIdleCallback(resolve));
    }, configOf(true));
    expect(asked).toEqual([]);
  });

  test('streams that are looked at early begin when the session does', async () => {
    await createClient(false);
    await run(() => {
      const seen = { states: [] as string[], samples: 0, verdicts: [] as unknown[] };
      client.realtime.connectionState$.subscribe((state) => seen.states.push(state));
      client.realtime.stats$.subscribe(() => seen.samples++);
      client.realtime.quality$.subscribe((report) => seen.verdicts.push(report?.quality ?? null));
      Object.assign(globalThis, { seen });
    });
    expect(await connectCode()).toBe('done');
    await opened.page.waitForFunction(() => {
      const { seen } = globalThis as unknown as { seen: { samples: number; verdicts: unknown[] } };
      return seen.samples >= 2 && seen.verdicts.length >= 3;
    });
    const seen = await run(() => (globalThis as unknown as { seen: { states: string[]; verdicts: unknown[] } }).seen);
    expect(seen.states.slice(0, 3)).toEqual(['disconnected', 'connecting', 'connected']);
    expect(seen.verdicts.slice(0, 1)).toEqual([null]);
    expect(seen.verdicts.slice(1)).not.toContain(null);
  });

  test.each(['transport', 'livekit-client.esm', 'decode'])(
    'a connect whose %s does not load says so without another try, and the next one works',
    async (name) => {
      await createClient(false);
      await run(() => {
        const codes: string[] = [];
        client.realtime.errors$.subscribe(({ code }) => codes.push(code));
        Object.assign(globalThis, { codes });
      });
      const giveOut = await withhold(name);
      const joinsBefore = joins();
      expect(await connectCode()).toBe('LOAD_ERROR');
      expect(joins() - joinsBefore).toBeLessThanOrEqual(1);
      const after = await run(() => ({
        isConnected: client.realtime.isConnected(),
        codes: (globalThis as unknown as { codes: string[] }).codes,
        sockets: page.resources.sockets.size,
      }));
      expect(after).toMatchObject({ isConnected: false, codes: ['LOAD_ERROR'] });
      expect(after.sockets).toBeLessThanOrEqual(1);
      await nothingIsOpen();
      await giveOut();
      await loadsAgain();
      expect(await connectCode()).toBe('done');
    },
  );

  test('a session whose measuring does not load says so and goes on, and the next connect measures', async () => {
    await createClient(false);
    await run(() => {
      const codes: string[] = [];
      client.realtime.errors$.subscribe(({ code }) => codes.push(code));
      Object.assign(globalThis, { codes });
    });
    const giveOut = await withhold('sampling');
    expect(await connectCode()).toBe('done');
    await opened.page.waitForFunction(() => (globalThis as unknown as { codes: string[] }).codes.length > 0);
    expect(
      await run(() => ({
        isConnected: client.realtime.isConnected(),
        codes: (globalThis as unknown as { codes: string[] }).codes,
      })),
    ).toEqual({ isConnected: true, codes: ['LOAD_ERROR'] });
    await giveOut();
    await loadsAgain();
    expect(await connectCode()).toBe('done');
    await opened.page.waitForFunction(() => client.realtime.getConnectionQuality() !== null);
    await run(() => client.release());
  });

  test('a running session reconnects with what it has loaded', async () => {
    await createClient(false);
    expect(await connectCode()).toBe('done');
    await opened.page.route('**/*.js', (route) => route.abort());
    await run(() => {
      const back = new Promise<void>((resolve) => {
        let wasAway = false;
        client.realtime.connectionState$.subscribe((state) => {
          wasAway ||= state === 'reconnecting';
          if (wasAway && state === 'connected') resolve();
        });
      });
      Object.assign(globalThis, { back });
    });
    simulator.faults.dropSocket(1006);
    await run(() => back);
    await run(() => client.release());
  });

  test('calls whose code does not load say so, and the next ones work', async () => {
    await createClient(false);
    const codes = () =>
      run(async () => {
        const codeOf = (call: Promise<unknown>): Promise<string> =>
          call.then(
            () => 'done',
            (error) => error.code,
          );
        const jobCode = new Promise<string>((resolve) => {
          client.queue.watch$('no-such-job').subscribe({ error: ({ code }) => resolve(code) });
        });
        return [
          await codeOf(client.tokens.create()),
          await codeOf(client.realtime.checkConnectivity()),
          await codeOf(client.realtime.createLocalVideoStream({ model: 'lucy-2.1' }, { source: 'test-pattern' })),
          await jobCode,
        ];
      });
    const given = await Promise.all(['clients', 'check', 'local'].map((name) => withhold(name)));
    expect(await codes()).toEqual(['LOAD_ERROR', 'LOAD_ERROR', 'LOAD_ERROR', 'LOAD_ERROR']);
    for (const giveOut of given) await giveOut();
    await loadsAgain();
    expect(await codes()).toEqual(['done', 'done', 'done', 'QUEUE_STATUS_ERROR']);
  });

  test('a connect that is aborted while it loads leaves nothing behind', async () => {
    await createClient(false);
    const code = await run(async () => {
      const abort = new AbortController();
      const connecting = client.realtime.connect({ model: 'lucy-2.1', signal: abort.signal }, page.drawnStream());
      abort.abort();
      const code = await connecting.catch((error) => error.code);
      await client.release();
      return code;
    });
    expect(code).toBe('ABORTED');
    await nothingIsOpen();
  });
});

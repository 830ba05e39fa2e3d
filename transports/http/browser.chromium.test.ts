import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { asyncScheduler } from 'rxjs';
import type { DecartError } from '../../core/errors.js';
import type { FilesClient } from '../../core/rest/files.js';
import type { JobEvent } from '../../core/rest/job.js';
import type { QueueClient } from '../../core/rest/queue.js';
import type { TokensClient } from '../../core/rest/tokens.js';
import { launchBrowser } from '../../testkit/browsers/test-browser.js';
import { createKeyRing } from '../../testkit/simulator/key-ring.js';
import { createRestHandler, type RestService } from '../../testkit/simulator/rest/rest-handler.js';

const KEY = 'CANARY-key';
const PAGE = '<!doctype html><link rel="icon" href="data:,">';

/** What the page has, put there by `entry`. */
interface PageState {
  connect(baseUrl: string, apiKey: string): { queue: QueueClient; tokens: TokensClient; files: FilesClient };
  ephemeralKey(url: string, init?: RequestInit): () => Promise<string>;
  toArray<T>(source$: ReturnType<QueueClient['jobs$']>): Promise<T[]>;
}
declare const rest: PageState;

const entry = `
  import { asyncScheduler, lastValueFrom, toArray } from 'rxjs';
  import { createFilesClient } from './core/rest/files.js';
  import { createQueueClient } from './core/rest/queue.js';
  import { createTokensClient } from './core/rest/tokens.js';
  import { createBrowserHttpTransport } from './transports/http/browser.js';
  export { ephemeralKey } from './transports/http/ephemeral-key.js';
  const gather = (source$) => lastValueFrom(source$.pipe(toArray()));
  export { gather as toArray };
  export function connect(baseUrl, apiKey) {
    const http = createBrowserHttpTransport();
    const deps = { http, baseUrl, apiKey, userAgent: 'decart-rx/test', scheduler: asyncScheduler };
    return { queue: createQueueClient(deps), tokens: createTokensClient(deps), files: createFilesClient(deps) };
  }
`;

let browser: Browser;
let script: string;
let server: Server;
let service: RestService;
let page: Page;
let baseUrl: string;
const complaints: string[] = [];

beforeAll(async () => {
  const bundle = await build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'rest',
    logLevel: 'silent',
  });
  script = bundle.outputFiles[0]?.text ?? '';
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  const keys = createKeyRing(KEY, true, asyncScheduler);
  const timings = { pendingMs: 5, processingMs: 5 };
  const media = { createToken: () => Promise.reject(new Error('there is no media here')) };
  service = createRestHandler({ settings: { scheduler: asyncScheduler }, keys, media, timings });
  server = createServer((request, response) => {
    if (request.url === '/page') return void response.setHeader('Content-Type', 'text/html').end(PAGE);
    service.handle(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  baseUrl = `http://127.0.0.1:${port}`;
  page = await (await browser.newContext()).newPage();
  complaints.length = 0;
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  // Another origin than the service's, as in life.
  await page.goto(`http://localhost:${port}/page`);
  await page.addScriptTag({ content: script });
});

afterEach(async () => {
  await page.context().close();
  service.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('REST in Chromium', () => {
  it('runs a job from the upload to the video, across origins, without a word on the console', async () => {
    const events = await page.evaluate(
      async ([url = '', key = '']) => {
        const { queue } = rest.connect(url, key);
        const data = new File([new Uint8Array(3_000_000)], 'clip.mp4', { type: 'video/mp4' });
        const options = { firstPollDelayMs: 1, pollIntervalMs: 5 };
        const seen = await rest.toArray<JobEvent>(queue.jobs$('lucy-2.1', { data, prompt: 'ünï' }, options));
        return seen.map((event) =>
          event.status === 'completed'
            ? { ...event, video: { size: event.video.size, type: event.video.type } }
            : event,
        );
      },
      [baseUrl, KEY],
    );
    const uploading = events.filter(({ status }) => status === 'uploading') as {
      bytesSent: number;
      bytesTotal: number;
    }[];
    expect(uploading[0]).toMatchObject({ bytesSent: 0 });
    expect(uploading.at(-1)?.bytesSent).toBe(uploading[0]?.bytesTotal);
    expect(events.at(-1)).toMatchObject({ status: 'completed', video: { type: 'video/mp4' } });
    expect(service.jobs).toMatchObject([{ fields: { prompt: 'ünï' }, fileBytes: { data: 3_000_000 } }]);
    expect(complaints).toEqual([]);
  });

  it('sends bytes, streams and URLs, and refuses paths', async () => {
    const seen = await page.evaluate(
      async ([url = '', key = '']) => {
        const { files } = rest.connect(url, key);
        const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a);
        const stream = async function* () {
          yield png;
          yield png;
        };
        const sizes = [];
        for (const input of [png, stream, URL.createObjectURL(new Blob([png])), `${location.href}`]) {
          const stored = await files.upload(input).catch((error: DecartError) => error.toJSON());
          sizes.push('sizeBytes' in stored ? stored.sizeBytes : [stored.code, stored.data?.field]);
        }
        return sizes;
      },
      [baseUrl, KEY],
    );
    // What looks like no http URL is a path.
    expect(seen).toEqual([6, 12, ['INVALID_INPUT', 'file'], PAGE.length]);
  });

  it('aborts an upload when unsubscribed from', async () => {
    const closed = new Promise<void>((resolve) => {
      server.removeAllListeners('request');
      server.on('request', (request, response) => {
        if (request.method === 'OPTIONS') return service.handle(request, response);
        // The server never answers.
        request.resume().socket.on('close', () => resolve());
      });
    });
    await page.evaluate(
      async ([url = '', key = '']) => {
        const { files } = rest.connect(url, key);
        await new Promise<void>((resolve) => {
          const subscription = files
            .upload$(new Blob([new Uint8Array(50_000_000)]))
            .subscribe(({ status, ...event }) => {
              if (status === 'uploading' && 'bytesSent' in event && event.bytesSent > 0) {
                subscription.unsubscribe();
                resolve();
              }
            });
        });
      },
      [baseUrl, KEY],
    );
    await expect(closed).resolves.toBeUndefined();
  });

  it('gives errors their codes, and keeps the key out of them', async () => {
    service.faults.spoil('submit', { kind: 'status', status: 503 });
    const errors = await page.evaluate(
      async ([url = '', key = '']) => {
        const input = { data: new Uint8Array([1]), prompt: '' };
        const codes = [];
        for (const [to, by] of [
          [url, key],
          [url, 'wrong-CANARY'],
          ['http://127.0.0.1:9', key],
        ] as const) {
          const error = await rest
            .connect(to, by)
            .queue.submit('lucy-2.1', input)
            .catch((reason: DecartError) => reason);
          codes.push('code' in error ? `${error.code} ${error.message} ${error.stack}` : 'none');
        }
        return codes;
      },
      [baseUrl, KEY],
    );
    expect(errors.map((error) => error.split(' ')[0])).toEqual([
      'QUEUE_SUBMIT_ERROR',
      'INVALID_API_KEY',
      'QUEUE_SUBMIT_ERROR',
    ]);
    expect(errors.join()).not.toContain('CANARY');
  });

  it('takes its key from a server of your own', async () => {
    const seen = await page.evaluate(
      async ([url = '', key = '']) => {
        const { tokens } = rest.connect(url, key);
        const { apiKey, expiresAt } = await tokens.create({ allowedOrigins: [location.origin] });
        const answer = new Blob([JSON.stringify({ apiKey, expiresAt })]);
        const ephemeral = rest.ephemeralKey(URL.createObjectURL(answer));
        const { queue } = rest.connect(url, await ephemeral());
        const { status } = await queue.submit('lucy-2.1', { data: new Uint8Array([1]), prompt: '' });
        return [status, (await ephemeral()) === apiKey];
      },
      [baseUrl, KEY],
    );
    expect(seen).toEqual(['pending', true]);
  });
});

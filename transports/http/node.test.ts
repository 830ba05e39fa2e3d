import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { lastValueFrom, toArray } from 'rxjs';
import type { FormPart, HttpEvent, HttpRequest, UploadSource } from '../../core/ports/http.js';
import { createNodeHttpTransport } from './node.js';

const transport = createNodeHttpTransport();
let server: http.Server;
let base: string;
/** Where no server listens: a port that no system gives away, as it might that of a server that is gone. */
const nowhere = 'http://127.0.0.1:2/';
let answer: http.RequestListener;

beforeEach(async () => {
  server = http.createServer((req, res) => answer(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const request = (more: Partial<HttpRequest>): HttpRequest => ({
  method: 'GET',
  url: base,
  headers: { 'X-API-KEY': 'key-1' },
  body: null,
  accept: 'text',
  ...more,
});

const all = (more: Partial<HttpRequest>): Promise<HttpEvent[]> =>
  lastValueFrom(transport.request(request(more)).pipe(toArray()));

const last = async (more: Partial<HttpRequest>): Promise<HttpEvent | undefined> => (await all(more)).at(-1);

const upload = (source: UploadSource, more: readonly FormPart[] = []): Partial<HttpRequest> => ({
  method: 'POST',
  body: {
    type: 'form',
    parts: [...more, { type: 'file', name: 'data', source, filename: null, contentType: null }],
  },
});

/** Answers with the form that was understood by the platform's own parser. */
const echoForm: http.RequestListener = async (req, res) => {
  const chunks = await Readable.from(req).toArray();
  const form = await new Response(Buffer.concat(chunks), {
    headers: { 'content-type': req.headers['content-type'] ?? '' },
  }).formData();
  const entries = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') entries.push([name, value]);
    else entries.push([name, value.name, value.type, Buffer.from(await value.arrayBuffer()).toString('base64')]);
  }
  res.end(JSON.stringify({ entries, length: req.headers['content-length'] ?? null, key: req.headers['x-api-key'] }));
};

const understood = async (more: Partial<HttpRequest>) => {
  const event = await last(more);
  if (event?.type !== 'response' || event.body.type !== 'text') throw new Error(JSON.stringify(event));
  return JSON.parse(event.body.text) as { entries: unknown[][]; length: string | null; key: string };
};

describe('calls', () => {
  it('sends text and gives status, headers and text', async () => {
    answer = async (req, res) => {
      const [body] = await Readable.from(req).toArray();
      res.writeHead(201, { 'x-seen': `${req.method} ${req.headers['content-type']} ${req.headers['x-api-key']}` });
      res.end(`got ${body}`);
    };
    const event = await last({ method: 'POST', body: { type: 'text', text: '{}', contentType: 'application/json' } });
    expect(event).toMatchObject({ type: 'response', status: 201, body: { type: 'text', text: 'got {}' } });
    expect(event).toHaveProperty('headers.x-seen', 'POST application/json key-1');
  });

  it('gives a 2xx as blob when asked, and anything else as text', async () => {
    answer = (req, res) => {
      res.writeHead(req.url === '/ok' ? 200 : 503, { 'content-type': 'video/mp4', 'retry-after': '2' });
      res.end(Buffer.from([1, 2, 3]));
    };
    const events = await all({ url: `${base}/ok`, accept: 'blob' });
    const event = events.at(-1);
    if (event?.type !== 'response' || event.body.type !== 'blob') throw new Error('no blob');
    expect(event.body.blob.type).toBe('video/mp4');
    expect(new Uint8Array(await event.body.blob.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
    expect(events[0]).toMatchObject({ type: 'downloadProgress', bytesReceived: 3 });
    expect(await last({ url: `${base}/no`, accept: 'blob' })).toMatchObject({ status: 503, body: { type: 'text' } });
  });

  it('follows a redirect of a GET, and takes the key to no other origin', async () => {
    const other = http.createServer((req, res) => res.end(String(req.headers['x-api-key']))).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/video`;
    answer = (req, res) => {
      if (req.url === '/end') return void res.end(String(req.headers['x-api-key']));
      res.writeHead(302, { location: req.url === '/near' ? '/end' : elsewhere }).end();
    };
    try {
      expect(await last({ url: `${base}/near` })).toMatchObject({ body: { text: 'key-1' } });
      expect(await last({ url: `${base}/far` })).toMatchObject({ body: { text: 'undefined' } });
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('distinguishes a server that cannot be reached from a connection that broke', async () => {
    answer = (req) => req.socket.resetAndDestroy();
    expect(await last({})).toMatchObject({ type: 'failed', reason: 'interrupted' });
    expect(await last({ url: nowhere })).toMatchObject({
      type: 'failed',
      reason: 'unreachable',
      message: expect.stringContaining(`the server ${new URL(nowhere).host} cannot be reached`),
    });
    expect(await last({ ...upload({ type: 'bytes', bytes: new Uint8Array(9) }) })).toMatchObject({
      type: 'failed',
      reason: 'interrupted',
    });
    expect(await last({ ...upload({ type: 'bytes', bytes: new Uint8Array(9) }), url: nowhere })).toMatchObject({
      type: 'failed',
      reason: 'unreachable',
    });
  });

  it('sends nothing until subscribed to, and aborts when unsubscribed from', async () => {
    const seen: http.IncomingMessage[] = [];
    const arrived = new Promise<void>((resolve) => {
      answer = (req) => {
        seen.push(req);
        resolve();
      };
    });
    const call$ = transport.request(request({}));
    expect(seen).toHaveLength(0);
    const subscription = call$.subscribe();
    await arrived;
    const closed = once(seen[0]?.socket ?? server, 'close');
    subscription.unsubscribe();
    await closed;
  });
});

describe('uploads', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  const base64 = Buffer.from(bytes).toString('base64');
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'decart-rx-'));
    answer = echoForm;
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('sends fields and names as they are, whatever stands in them', async () => {
    const { entries, length, key } = await understood(
      upload({ type: 'blob', blob: new File(['x'], 'na"me\r\n.mp4', { type: 'video/mp4' }) }, [
        { type: 'field', name: 'prompt', value: 'ünï\r\n--décart "quoted"' },
      ]),
    );
    expect(entries[0]).toEqual(['prompt', 'ünï\r\n--décart "quoted"']);
    expect(entries[1]?.[2]).toBe('video/mp4');
    expect(Number(length)).toBeGreaterThan(0);
    expect(key).toBe('key-1');
  });

  it('sends a view into a larger buffer, and only the view', async () => {
    const larger = new Uint8Array(bytes.length + 64);
    larger.set(bytes, 32);
    const { entries } = await understood(upload({ type: 'bytes', bytes: larger.subarray(32, 32 + bytes.length) }));
    expect(entries).toEqual([['data', 'data', 'application/octet-stream', base64]]);
  });

  it('sends a file by its path, with its name, type and length', async () => {
    const path = join(folder, 'clip.mp4');
    await writeFile(path, bytes);
    const { entries, length } = await understood(upload({ type: 'path', path }));
    expect(entries).toEqual([['data', 'clip.mp4', 'video/mp4', base64]]);
    expect(Number(length)).toBeGreaterThan(bytes.length);
    expect((await understood(upload({ type: 'path', path: `file://${path}` }))).entries[0]?.[3]).toBe(base64);
  });

  it('sends a stream, whose length nobody knows', async () => {
    const open = (): Readable => Readable.from([Buffer.from(bytes)], { objectMode: false });
    const { entries, length } = await understood(upload({ type: 'stream', open, once: false }));
    expect(entries[0]?.[3]).toBe(base64);
    expect(length).toBeNull();
  });

  it('fetches a URL without the key, and sends it on', async () => {
    answer = (req, res) => {
      if (req.method === 'POST') return echoForm(req, res);
      if (req.headers['x-api-key'] !== undefined) return void res.writeHead(400).end();
      if (req.url?.startsWith('/moved')) return void res.writeHead(302, { location: '/clips/7' }).end();
      res.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes.length }).end(bytes);
    };
    for (const name of ['clip.mp4', 'moved.mp4']) {
      const { entries, length } = await understood(upload({ type: 'url', url: `${base}/${name}?secret=1` }));
      expect(entries).toEqual([['data', name, 'video/mp4', base64]]);
      expect(Number(length)).toBeGreaterThan(bytes.length);
    }
  });

  it('counts the whole form, from nothing to all of it', async () => {
    const events = await all(upload({ type: 'bytes', bytes }));
    const sent = events.filter((event) => event.type === 'uploadProgress');
    expect(sent[0]).toMatchObject({ bytesSent: 0 });
    expect(sent.at(-1)?.bytesSent).toBe(sent[0]?.bytesTotal);
    expect(sent.map(({ bytesSent }) => bytesSent)).toEqual(
      sent.map(({ bytesSent }) => bytesSent).sort((a, b) => a - b),
    );
  });

  it.each<[string, () => UploadSource, string]>([
    ['a missing file', () => ({ type: 'path', path: join(folder, 'none.mp4') }), 'there is no such file'],
    ['a folder', () => ({ type: 'path', path: folder }), 'there is no regular file at this path'],
    ['a URL that answers 404', () => ({ type: 'url', url: `${base}/?secret=1` }), 'the URL answered HTTP 404'],
    ['a URL without a server', () => ({ type: 'url', url: nowhere }), 'the URL could not be fetched'],
    [
      'a stream that fails',
      () => ({
        type: 'stream',
        once: true,
        open: async function* () {
          yield bytes;
          throw new Error('disk on fire');
        },
      }),
      'reading it failed',
    ],
    [
      'a stream that has been read',
      () => ({ type: 'stream', once: true, open: () => Readable.from([]) }),
      expect.stringMatching(/^nothing came out of it; a stream that has been read before is empty/),
    ],
    [
      'a stream of other things',
      () => ({ type: 'stream', once: true, open: () => Readable.from([{}]) }),
      'the stream gave something that is not bytes',
    ],
  ])('names the part when it is %s', async (_, source, message) => {
    answer = (req, res) => void req.resume().on('end', () => res.writeHead(404).end());
    expect(await last(upload(source()))).toMatchObject({ type: 'failed', reason: 'source', part: 'data', message });
  });

  it('hears a server that refuses before the upload is over, and stops sending', async () => {
    let returned = false;
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(65_536);
      } finally {
        returned = true;
      }
    }
    answer = (_req, res) => void res.writeHead(401).end('no');
    const event = await last(upload({ type: 'stream', open: endless, once: true }));
    expect(event).toMatchObject({ type: 'response', status: 401, body: { text: 'no' } });
    expect(returned).toBe(true);
  });

  it('stops reading when unsubscribed from', async () => {
    answer = (req) => void req.resume();
    const returned = new Promise<void>((resolve) => {
      async function* endless() {
        try {
          for (;;) yield new Uint8Array(65_536);
        } finally {
          resolve();
        }
      }
      const call$ = transport.request(request(upload({ type: 'stream', open: endless, once: true })));
      const subscription = call$.subscribe((event) => {
        if (event.type === 'uploadProgress' && event.bytesSent > 1_000_000) subscription.unsubscribe();
      });
    });
    await expect(returned).resolves.toBeUndefined();
  });

  it('does not read ahead of a server that does not listen', async () => {
    let given = 0;
    async function* endless() {
      for (; ; given++) yield new Uint8Array(65_536);
    }
    const arrived = new Promise<http.IncomingMessage>((resolve) => {
      answer = (req) => resolve(req);
    });
    const call$ = transport.request(request(upload({ type: 'stream', open: endless, once: true })));
    const subscription = call$.subscribe();
    const req = await arrived;
    const before = given;
    // The socket's buffers fill up; then reading stops, for as long as the server does not read.
    for (let turns = 0, at = -1; at !== given; turns++) {
      at = given;
      for (let i = 0; i < 200; i++) await new Promise(setImmediate);
      if (turns > 1000) throw new Error('it never stops');
    }
    expect(given - before).toBeLessThan(500);
    subscription.unsubscribe();
    req.destroy();
  });
});

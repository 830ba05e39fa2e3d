import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { fetchBytes } from './fetch-bytes.js';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/image.png?signature=s3cret`;
}

it('gives the bytes', async () => {
  const url = await serve((_request, response) => response.write('ab', () => response.end('cd')));
  expect(Buffer.from(await firstValueFrom(fetchBytes(url))).toString()).toBe('abcd');
});

it.each(['file:///etc/passwd', 'not a url', 'data:text/plain,x'])('fetches nothing from %s', async (url) => {
  await expect(firstValueFrom(fetchBytes(url))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('refuses an answer that is no success, without showing the URL', async () => {
  const url = await serve((_request, response) => response.writeHead(404).end());
  const error = await firstValueFrom(fetchBytes(url)).catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'INVALID_INPUT', data: { status: 404 } });
  expect(String((error as Error).message)).not.toContain('s3cret');
});

it.each([
  ['declared', (response: Parameters<RequestListener>[1]) => response.writeHead(200, { 'content-length': 11 })],
  ['sent', (response: Parameters<RequestListener>[1]) => response],
])('refuses more bytes than the limit, as %s', async (_how, declare) => {
  const url = await serve((_request, response) => declare(response).end('01234567890'));
  await expect(firstValueFrom(fetchBytes(url, { limitBytes: 10 }))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    data: { limitBytes: 10 },
  });
});

it('says when the server cannot be reached', async () => {
  // A port that no system gives away: that of a server that is gone may be another's by now.
  await expect(firstValueFrom(fetchBytes('http://127.0.0.1:2/image.png'))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    cause: expect.anything(),
  });
});

it('aborts when nobody wants the bytes any more', async () => {
  let asked: () => void = () => undefined;
  let aborted: () => void = () => undefined;
  const beingAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const beingAborted = new Promise<void>((resolve) => {
    aborted = resolve;
  });
  const url = await serve((request) => {
    request.once('close', aborted);
    asked();
  });
  const subscription = fetchBytes(url).subscribe();
  await beingAsked;
  subscription.unsubscribe();
  await expect(beingAborted).resolves.toBeUndefined();
});

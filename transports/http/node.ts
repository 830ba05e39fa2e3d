import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Observable, type Subscriber } from 'rxjs';
import type {
  HttpBody,
  HttpEvent,
  HttpFailed,
  HttpRequest,
  HttpResponse,
  HttpTransport,
} from '../../core/ports/http.js';
import { encodeForm } from './multipart.js';
import { UnreadableSource } from './node-source.js';

/** Redirects of a GET that are followed, as many as a browser would. */
const MAX_REDIRECTS = 20;

/**
 * HTTP in Node. Calls go through the platform's `fetch`; forms go through `node:http`, because `fetch` reads a body far
 * ahead of the network: a large upload would stand in memory, and its progress would be a fiction.
 */
export function createNodeHttpTransport(): HttpTransport {
  return {
    request: (request) =>
      new Observable<HttpEvent>((subscriber) => {
        const abort = new AbortController();
        const { body } = request;
        const answer = body?.type === 'form' ? sendForm : sendByFetch;
        answer(request, subscriber, abort.signal)
          .catch((error: unknown) => failedOf(error, request.url))
          .then((last) => {
            subscriber.next(last);
            subscriber.complete();
          });
        return () => abort.abort();
      }),
  };
}

type Events = Subscriber<HttpEvent>;

async function sendByFetch(request: HttpRequest, events: Events, signal: AbortSignal): Promise<HttpEvent> {
  const text = request.body as Extract<HttpBody, { type: 'text' }> | null;
  const { method } = request;
  let { url, headers } = request;
  if (text) headers = { ...headers, 'Content-Type': text.contentType };
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url, { method, headers, body: text?.text, signal, redirect: 'manual' });
    const target = response.headers.get('location');
    if (method !== 'GET' || response.status < 300 || response.status > 399 || target === null) {
      return readAnswer(request, events, response);
    }
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) return { type: 'failed', reason: 'interrupted', message: 'too many redirects' };
    const next = new URL(target, url);
    // Videos may well lie with another host, which has no business with the key.
    if (next.origin !== new URL(url).origin) headers = {};
    url = next.href;
  }
}

async function readAnswer(request: HttpRequest, events: Events, response: Response): Promise<HttpResponse> {
  const headers = Object.fromEntries(response.headers);
  const asBlob = request.accept === 'blob' && response.ok;
  const length = response.headers.get('content-encoding') === null ? Number(headers['content-length']) : Number.NaN;
  const bytes = await collect(response.body ?? [], Number.isFinite(length) ? length : null, events);
  return answerOf(response.status, headers, bytes, asBlob);
}

async function sendForm(request: HttpRequest, events: Events, signal: AbortSignal): Promise<HttpEvent> {
  const parts = request.body?.type === 'form' ? request.body.parts : [];
  const form = await encodeForm(parts, signal);
  const head: Record<string, string> = { ...request.headers, 'Content-Type': form.contentType };
  if (form.length !== null) head['Content-Length'] = String(form.length);
  const url = new URL(request.url);
  // A connection of its own: on a kept one a reset looks the same as a request that never arrived.
  const options = { method: request.method, headers: head, agent: false, signal } as const;
  const outgoing = (url.protocol === 'https:' ? https : http).request(url, options);

  const incoming = new Promise<http.IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
  const sent = pipeline(Readable.from(withProgress(form.chunks, form.length, events), { objectMode: false }), outgoing);
  // A server that has heard enough answers and hangs up while the body is still on its way: its answer counts.
  const answered = await Promise.race([incoming, sent.then(() => incoming)]);
  try {
    return await readIncoming(request, events, answered);
  } finally {
    outgoing.destroy();
    await sent.catch(() => undefined); // What broke after the answer had come is of no interest.
  }
}

const isUnreadable = (error: unknown): error is UnreadableSource => error instanceof UnreadableSource;

async function readIncoming(
  request: HttpRequest,
  events: Events,
  incoming: http.IncomingMessage,
): Promise<HttpResponse> {
  const status = incoming.statusCode ?? 0;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const bytes = await collect(incoming, null, events);
  return answerOf(status, headers, bytes, request.accept === 'blob' && status >= 200 && status < 300);
}

function answerOf(status: number, headers: Record<string, string>, bytes: Uint8Array[], asBlob: boolean): HttpResponse {
  if (!asBlob) {
    const text = new TextDecoder().decode(Buffer.concat(bytes));
    return { type: 'response', status, headers, body: { type: 'text', text } };
  }
  // The types allow for shared memory, which no connection gives.
  const blob = new Blob(bytes as Uint8Array<ArrayBuffer>[], { type: headers['content-type'] ?? '' });
  return { type: 'response', status, headers, body: { type: 'blob', blob } };
}

async function collect(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  bytesTotal: number | null,
  events: Events,
): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  let bytesReceived = 0;
  for await (const chunk of chunks) {
    bytes.push(chunk);
    bytesReceived += chunk.length;
    events.next({ type: 'downloadProgress', bytesReceived, bytesTotal });
  }
  return bytes;
}

async function* withProgress(
  chunks: AsyncIterable<Uint8Array>,
  bytesTotal: number | null,
  events: Events,
): AsyncGenerator<Uint8Array> {
  let bytesSent = 0;
  events.next({ type: 'uploadProgress', bytesSent, bytesTotal });
  for await (const chunk of chunks) {
    yield chunk;
    // The connection took the chunk: it asked for the next one.
    bytesSent += chunk.length;
    events.next({ type: 'uploadProgress', bytesSent, bytesTotal });
  }
}

/** Errors that come before there is a connection, by the system call that failed or, without one, by their code. */
const BEFORE_CONNECTION: readonly unknown[] = ['connect', 'getaddrinfo', 'UND_ERR_CONNECT_TIMEOUT'];

function failedOf(error: unknown, url: string): HttpFailed {
  if (isUnreadable(error)) {
    const { part, message, cause } = error;
    return { type: 'failed', reason: 'source', part, message, cause };
  }
  for (const link of causes(error)) {
    const { code, syscall } = link;
    if (code === undefined && syscall === undefined) continue;
    const unreachable = BEFORE_CONNECTION.includes(syscall) || BEFORE_CONNECTION.includes(code);
    return unreachable
      ? {
          type: 'failed',
          reason: 'unreachable',
          message: `the server ${new URL(url).host} cannot be reached (${code})`,
          cause: error,
        }
      : { type: 'failed', reason: 'interrupted', message: `the connection broke (${code})`, cause: error };
  }
  return { type: 'failed', reason: 'interrupted', message: 'the request failed', cause: error };
}

type SystemError = { code?: unknown; syscall?: unknown; cause?: unknown; errors?: readonly unknown[] };

/** An error, what caused it, and what caused that; of several tries (a host with two addresses) the first. */
function* causes(error: unknown): Generator<SystemError> {
  let link = error;
  while (typeof link === 'object' && link !== null) {
    const { cause, errors } = link as SystemError;
    yield link;
    link = errors?.[0] ?? cause;
  }
}

import { Observable } from 'rxjs';
import { DecartError, isDecartError } from '../core/errors.js';

export interface FetchBytesOptions {
  /** Longest answer that is taken, in bytes. @default 20 MiB */
  readonly limitBytes?: number | undefined;
  /** @default the platform's */
  readonly fetch?: typeof fetch | undefined;
}

const defaultLimitBytes = 20 * 1024 * 1024;

/**
 * The bytes behind an http(s) URL. Subscribing fetches, unsubscribing aborts. Errors with INVALID_INPUT: when it is no
 * http(s) URL, the server cannot be reached, answers with anything but success, or sends too much. The message names
 * the server only: the rest of such a URL is often signed.
 */
export function fetchBytes(url: string, options: FetchBytesOptions = {}): Observable<Uint8Array> {
  const { limitBytes = defaultLimitBytes, fetch = globalThis.fetch } = options;
  return new Observable((subscriber) => {
    const abort = new AbortController();
    download(url, limitBytes, fetch, abort.signal).then(
      (bytes) => {
        subscriber.next(bytes);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => abort.abort();
  });
}

async function download(url: string, limitBytes: number, fetch: typeof globalThis.fetch, signal: AbortSignal) {
  const host = hostOf(url);
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw failed(host, `HTTP ${response.status}`, { status: response.status });
    }
    const declared = Number(response.headers.get('content-length') ?? 0);
    if (declared > limitBytes) {
      await response.body?.cancel();
      throw tooLarge(host, limitBytes);
    }
    return await collect(response.body, host, limitBytes);
  } catch (error) {
    if (isDecartError(error)) throw error;
    throw failed(host, 'the host could not be reached, or the connection was lost', undefined, error);
  }
}

async function collect(body: ReadableStream<Uint8Array> | null, host: string, limitBytes: number): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limitBytes) {
      await reader.cancel();
      throw tooLarge(host, limitBytes);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function hostOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.host;
  throw new DecartError({ code: 'INVALID_INPUT', message: 'Cannot fetch the image: its URL is not http(s).' });
}

function tooLarge(host: string, limitBytes: number): DecartError {
  return failed(host, `the response is larger than ${limitBytes} bytes`, { limitBytes });
}

function failed(host: string, why: string, data?: Readonly<Record<string, unknown>>, cause?: unknown): DecartError {
  return new DecartError({
    code: 'INVALID_INPUT',
    message: `Fetching from ${host} failed: ${why}.`,
    ...(data && { data }),
    ...(cause !== undefined && { cause }),
  });
}

import { Observable } from 'rxjs';
import type { FormPart, HttpEvent, HttpRequest, HttpResponse, HttpTransport } from '../../core/ports/http.js';
import { mediaTypeOfBytes } from '../../core/rest/media-type.js';

/**
 * HTTP in a browser. Only `XMLHttpRequest` reports upload progress there. A browser does not distinguish a server
 * that cannot be reached from a connection that broke, so only being offline from the start is `unreachable`.
 * Streams are gathered into a `Blob` first: browsers do not upload them with progress.
 */
export function createBrowserHttpTransport(): HttpTransport {
  return {
    request: (request) =>
      new Observable<HttpEvent>((subscriber) => {
        const xhr = new XMLHttpRequest();
        const abort = new AbortController();
        const end = (event: HttpEvent): void => {
          subscriber.next(event);
          subscriber.complete();
        };
        bodyOf(request, abort.signal).then(
          (body) => {
            if (!subscriber.closed) send(xhr, request, body, (event) => subscriber.next(event), end);
          },
          (error: unknown) => {
            const { part = '', message = '', cause } = error as Partial<UnreadablePart>;
            end({ type: 'failed', reason: 'source', part, message, cause });
          },
        );
        return () => {
          abort.abort();
          xhr.abort();
        };
      }),
  };
}

function send(
  xhr: XMLHttpRequest,
  request: HttpRequest,
  body: XMLHttpRequestBodyInit | null,
  emit: (event: HttpEvent) => void,
  end: (event: HttpEvent) => void,
): void {
  if (navigator.onLine === false) {
    return end({ type: 'failed', reason: 'unreachable', message: 'the browser is offline' });
  }
  xhr.open(request.method, request.url);
  xhr.responseType = 'blob';
  for (const [name, value] of Object.entries(request.headers)) {
    // Browsers keep this one to themselves, and complain on the console.
    if (name.toLowerCase() !== 'user-agent') xhr.setRequestHeader(name, value);
  }
  if (request.body?.type === 'text') xhr.setRequestHeader('Content-Type', request.body.contentType);
  if (request.body?.type === 'form') {
    const progress = ({ loaded, total, lengthComputable }: ProgressEvent): void =>
      emit({ type: 'uploadProgress', bytesSent: loaded, bytesTotal: lengthComputable ? total : null });
    xhr.upload.onloadstart = progress;
    xhr.upload.onprogress = progress;
  }
  xhr.onprogress = ({ loaded, total, lengthComputable }) =>
    emit({ type: 'downloadProgress', bytesReceived: loaded, bytesTotal: lengthComputable ? total : null });
  xhr.onerror = () => end({ type: 'failed', reason: 'interrupted', message: 'the connection broke' });
  xhr.onload = () => {
    answerOf(xhr, request).then(end, (cause: unknown) =>
      end({ type: 'failed', reason: 'interrupted', message: 'the answer could not be read', cause }),
    );
  };
  xhr.send(body);
}

async function answerOf(xhr: XMLHttpRequest, { accept }: HttpRequest): Promise<HttpResponse> {
  const { status } = xhr;
  const blob = xhr.response as Blob;
  const headers: Record<string, string> = {};
  for (const line of xhr.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  if (accept === 'blob' && status >= 200 && status < 300) {
    return { type: 'response', status, headers, body: { type: 'blob', blob } };
  }
  return { type: 'response', status, headers, body: { type: 'text', text: await blob.text() } };
}

interface UnreadablePart {
  readonly part: string;
  readonly message: string;
  readonly cause?: unknown;
}

async function bodyOf({ body }: HttpRequest, signal: AbortSignal): Promise<XMLHttpRequestBodyInit | null> {
  if (body === null) return null;
  if (body.type === 'text') return body.text;
  const form = new FormData();
  for (const part of body.parts) {
    if (part.type === 'field') form.append(part.name, part.value);
    else await appendFile(form, part, signal);
  }
  return form;
}

type FilePart = Extract<FormPart, { type: 'file' }>;

async function appendFile(form: FormData, part: FilePart, signal: AbortSignal): Promise<void> {
  const blob = await blobOf(part, signal);
  const typed = part.contentType === null ? blob : blob.slice(0, blob.size, part.contentType);
  const filename = part.filename ?? (blob instanceof File ? blob.name : nameIn(part));
  form.append(part.name, typed, filename);
}

/** The last part of a URL's path, else the name of the field. */
function nameIn({ name, source }: FilePart): string {
  const path = source.type === 'url' ? new URL(source.url).pathname : '';
  return path.slice(path.lastIndexOf('/') + 1) || name;
}

async function blobOf({ name: part, source }: FilePart, signal: AbortSignal): Promise<Blob> {
  const unreadable = (message: string, cause?: unknown): UnreadablePart => ({ part, message, cause });
  switch (source.type) {
    case 'blob':
      return source.blob;
    case 'bytes':
      return new Blob([source.bytes as Uint8Array<ArrayBuffer>], { type: mediaTypeOfBytes(source.bytes) });
    case 'path':
      throw unreadable('a browser has no paths; pass a File or a Blob');
    case 'url': {
      const response = await fetch(source.url, { signal }).catch((error: unknown) => {
        throw unreadable('the URL could not be fetched', error);
      });
      if (!response.ok) throw unreadable(`the URL answered HTTP ${response.status}`);
      return response.blob().catch((error: unknown) => {
        throw unreadable('the URL could not be fetched', error);
      });
    }
    case 'stream': {
      const chunks: BlobPart[] = [];
      try {
        for await (const chunk of source.open()) chunks.push(chunk as Uint8Array<ArrayBuffer>);
      } catch (error) {
        throw unreadable('reading it failed', error);
      }
      const blob = new Blob(chunks);
      if (blob.size > 0) return blob;
      // One that has been read before, say.
      throw unreadable('nothing came out of the stream; pass a function that opens a new one');
    }
  }
}

import type { Observable } from 'rxjs';

/**
 * Speaks HTTP.
 *
 * Obligations:
 * - `request` returns at once, sends nothing and does not throw. The returned observable is cold: each subscription
 *   is one request of its own, and unsubscribing aborts it and closes the files and streams that it opened.
 * - It never errors. Order: any number of `uploadProgress`, then any number of `downloadProgress`, then exactly one
 *   `response` or `failed`, then completion. Every status is a `response`, also 4xx and 5xx.
 * - `uploadProgress` counts bytes of the whole body as the connection takes them, so it never runs ahead of the
 *   network by more than the platform's own socket buffer; the last one is the whole body.
 * - Sources are read as the connection takes them, never into memory as a whole, where the platform can (Node can).
 * - Where the platform leaves redirects to the transport (Node does), the headers go to `url`'s origin only.
 * - Headers that the platform refuses to set are left out.
 */
export interface HttpTransport {
  /** Makes one request. Cold: it is sent on subscription, and aborted by unsubscribing. */
  request(request: HttpRequest): Observable<HttpEvent>;
}

/** One HTTP request, as the REST clients make it. */
export interface HttpRequest {
  /** The HTTP method. */
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** An absolute http(s) URL. */
  readonly url: string;
  /** Hold the API key: never log them, never put them into an event. */
  readonly headers: Readonly<Record<string, string>>;
  /** `null`: none. */
  readonly body: HttpBody | null;
  /** How the body of a 2xx answer is wanted. Any other answer comes as text. */
  readonly accept: 'text' | 'blob';
}

/** What a request carries. */
export type HttpBody =
  | { readonly type: 'text'; readonly text: string; readonly contentType: string }
  /** To be sent as multipart/form-data. */
  | { readonly type: 'form'; readonly parts: readonly FormPart[] };

/** One part of a multipart form: a text field, or a file. */
export type FormPart =
  | { readonly type: 'field'; readonly name: string; readonly value: string }
  | {
      readonly type: 'file';
      readonly name: string;
      readonly source: UploadSource;
      /** `null`: the transport finds one (a path's last part, a `File`'s name). */
      readonly filename: string | null;
      /** `null`: the transport finds one (a `Blob`'s type, the answer to a URL, a path's extension). */
      readonly contentType: string | null;
    };

/** Where the bytes of an upload come from, as plain data: what to read, not yet read. */
export type UploadSource =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'blob'; readonly blob: Blob }
  /** `open` is called when the bytes are needed; `once`: what it gives cannot be read a second time. */
  | { readonly type: 'stream'; readonly open: () => AsyncIterable<Uint8Array>; readonly once: boolean }
  /** A file; platforms without files answer `failed`, reason `source`. */
  | { readonly type: 'path'; readonly path: string }
  /** Fetched without the headers of the request, and sent on. */
  | { readonly type: 'url'; readonly url: string };

/**
 * What a request reports: progress, then one `response` or one `failed`. `bytesTotal` is `null` where the length is not
 * known.
 */
export type HttpEvent =
  | { readonly type: 'uploadProgress'; readonly bytesSent: number; readonly bytesTotal: number | null }
  | { readonly type: 'downloadProgress'; readonly bytesReceived: number; readonly bytesTotal: number | null }
  | HttpResponse
  | HttpFailed;

/** An answer, of any status. */
export interface HttpResponse {
  /** The discriminant of the event. */
  readonly type: 'response';
  /** The HTTP status. */
  readonly status: number;
  /** Names in lower case. In a browser only those that the server lets scripts see. */
  readonly headers: Readonly<Record<string, string>>;
  /** A blob for a 2xx answer to `accept: 'blob'`, else text. */
  readonly body:
    | { readonly type: 'text'; readonly text: string }
    /** `blob.type` is the answer's content type. */
    | { readonly type: 'blob'; readonly blob: Blob };
}

/**
 * No answer.
 * - `unreachable`: no connection was made, so no byte of the request has reached the server.
 * - `interrupted`: the connection broke; the request may or may not have arrived.
 * - `source`: what was to be sent could not be read (no such file, a URL that answers 404, a used-up stream).
 */
export interface HttpFailed {
  /** The discriminant of the event. */
  readonly type: 'failed';
  /** How far the request came. */
  readonly reason: 'unreachable' | 'interrupted' | 'source';
  /** One phrase, without header values, queries or credentials. */
  readonly message: string;
  /** The part of the form that could not be read, with reason `source`. */
  readonly part?: string;
  /** The platform's own error, if any. */
  readonly cause?: unknown;
}

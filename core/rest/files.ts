import * as t from 'io-ts';
import { concatMap, defer, EMPTY, filter, last, map, type Observable, of } from 'rxjs';
import { checkDurations, checkWhole, invalidInput } from '../check.js';
import { isFileId, type UploadInput } from '../input.js';
import type { FormPart, HttpResponse } from '../ports/http.js';
import { abortable, promised } from './abortable.js';
import { type CallOptions, decodeAnswer, type RestCall, type RestDeps, restCall$ } from './call.js';
import { imagePart } from './form.js';

/** A file kept by the service. Its `id` stands wherever an image is taken. */
export interface StoredFile {
  /** `file_…` */
  readonly id: string;
  /** As it was given; `null` when none was. */
  readonly filename: string | null;
  /** Such as `image/png`. */
  readonly mimeType: string;
  /** Bytes. */
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; `null` for a file that stays. */
  readonly expiresAt: string | null;
}

/** How a file is to be kept. */
export interface UploadOptions extends CallOptions {
  /** Seconds until the file is gone, 60 to 2,592,000 (30 days), or `'persistent'`. @default the service's */
  readonly ttlSeconds?: number | 'persistent' | undefined;
  /** The name that the service keeps. @default that of the `File` or path, else a general one */
  readonly filename?: string | undefined;
}

/** `bytesTotal` counts the whole form; `null` when a stream hides its length. */
export type UploadEvent =
  | { readonly status: 'uploading'; readonly bytesSent: number; readonly bytesTotal: number | null }
  | { readonly status: 'stored'; readonly file: StoredFile };

/** Files that the service keeps for a while, to be named wherever an image is taken. */
export interface FilesClient {
  /**
   * Uploads a file.
   *
   * @throws DecartError INVALID_INPUT, INVALID_API_KEY, FILES_UPLOAD_ERROR, ABORTED
   *
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export async function wear(client: DecartClient, picture: File): Promise<void> {
   *   const { id } = await client.files.upload(picture, { ttlSeconds: 3600 });
   *   await client.realtime.setImage(id);
   * }
   * ```
   */
  upload(input: UploadInput, options?: UploadOptions): Promise<StoredFile>;
  /** The same with progress: `uploading`, then `stored`. Cold: each subscription uploads; unsubscribing stops it. */
  upload$(input: UploadInput, options?: UploadOptions): Observable<UploadEvent>;
  /**
   * What the service knows of a file.
   * @throws DecartError INVALID_INPUT, INVALID_API_KEY, FILES_GET_ERROR, ABORTED
   */
  get(id: string, options?: CallOptions): Promise<StoredFile>;
  /**
   * Has a file deleted.
   * @throws DecartError INVALID_INPUT, INVALID_API_KEY, FILES_DELETE_ERROR, ABORTED
   */
  delete(id: string, options?: CallOptions): Promise<void>;
}

const MIN_TTL_SECONDS = 60;
const MAX_TTL_SECONDS = 2_592_000;

const nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null, t.undefined]);

const fileAnswer = t.intersection([
  t.type({ id: t.string, mime_type: t.string, size_bytes: t.number, created_at: t.string }),
  t.partial({ filename: nullable(t.string), expires_at: nullable(t.string) }),
]);

/** From the wire's form to ours. */
const fileOf = (response: HttpResponse, call: RestCall): StoredFile => {
  const file = decodeAnswer(fileAnswer, response, call);
  return {
    id: file.id,
    filename: file.filename ?? null,
    mimeType: file.mime_type,
    sizeBytes: file.size_bytes,
    createdAt: file.created_at,
    expiresAt: file.expires_at ?? null,
  };
};

function uploadForm(input: UploadInput, { ttlSeconds, filename }: UploadOptions): readonly FormPart[] {
  const ttl: unknown = ttlSeconds;
  if (ttl !== undefined && ttl !== 'persistent') {
    checkWhole(ttl, 'ttlSeconds', MIN_TTL_SECONDS, MAX_TTL_SECONDS);
  }
  if (filename !== undefined && (typeof filename !== 'string' || filename.trim() === '')) {
    throw invalidInput('filename', 'expected a name');
  }
  const file = imagePart('file', 'file', input, filename);
  if (file.type === 'field') throw invalidInput('file', `${file.value} has been uploaded already`);
  return [...(ttl === undefined ? [] : [{ type: 'field', name: 'ttl_seconds', value: String(ttl) } as const]), file];
}

/** The files client over an HTTP port. */
export function createFilesClient(deps: RestDeps): FilesClient {
  const upload$: FilesClient['upload$'] = (input, options = {}) =>
    defer(() => {
      checkDurations({ timeoutMs: options.timeoutMs });
      const parts = uploadForm(input, options);
      const call: RestCall = {
        failure: 'The file could not be uploaded',
        code: 'FILES_UPLOAD_ERROR',
        method: 'POST',
        path: '/v1/files',
        body: { type: 'form', parts },
        timeoutMs: options.timeoutMs,
      };
      return restCall$(deps, call).pipe(
        concatMap((event): Observable<UploadEvent> => {
          if (event.type === 'response') return of({ status: 'stored', file: fileOf(event, call) });
          if (event.type === 'downloadProgress') return EMPTY;
          return of({ status: 'uploading', bytesSent: event.bytesSent, bytesTotal: event.bytesTotal });
        }),
        abortable(deps, options.signal),
      );
    });

  const one$ = <A>(
    id: string,
    options: CallOptions,
    call: Pick<RestCall, 'failure' | 'code' | 'method'>,
    read: (response: HttpResponse, call: RestCall) => A,
  ): Promise<A> =>
    promised(
      deps,
      defer(() => {
        if (!isFileId(id)) throw invalidInput('id', 'expected the id of a file (file_…)');
        checkDurations({ timeoutMs: options.timeoutMs });
        const whole: RestCall = { ...call, path: `/v1/files/${id}`, timeoutMs: options.timeoutMs, data: { id } };
        return restCall$(deps, whole).pipe(
          filter((event) => event.type === 'response'),
          map((response) => read(response, whole)),
        );
      }),
      options.signal,
    );

  return {
    upload$,
    upload: (input, options = {}) =>
      promised(
        deps,
        upload$(input, options).pipe(
          last(),
          filter((event) => event.status === 'stored'),
          map(({ file }) => file),
        ),
        undefined,
      ),
    get: (id, options = {}) =>
      one$(id, options, { failure: 'The file could not be read', code: 'FILES_GET_ERROR', method: 'GET' }, fileOf),
    delete: (id, options = {}) =>
      one$(
        id,
        options,
        { failure: 'The file could not be deleted', code: 'FILES_DELETE_ERROR', method: 'DELETE' },
        () => undefined,
      ),
  };
}

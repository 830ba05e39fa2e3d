import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesOf } from '../../core/input.js';
import type { FormPart } from '../../core/ports/http.js';
import { mediaTypeOfBytes, mediaTypeOfName, UNKNOWN_MEDIA_TYPE } from '../../core/rest/media-type.js';
import { getStream } from './node-get.js';

type FilePart = Extract<FormPart, { type: 'file' }>;

/** A part of a form, found and measured. */
export interface SourceFile {
  /** The file name that the form says. */
  readonly name: string;
  /** The content type that the form says. */
  readonly type: string;
  /** Bytes; `NaN` when it is known only after reading. */
  readonly size: number;
  /** Large chunks come in pieces, so that progress is seen and the connection is not flooded. */
  read(): AsyncIterable<Uint8Array>;
}

const PIECE_BYTES = 65_536;

/** What was to be sent could not be read. `message` holds no query and no credentials. */
export class UnreadableSource extends Error {
  constructor(
    readonly part: string,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'UnreadableSource';
  }
}

interface Found {
  readonly filename?: string | undefined;
  readonly contentType?: string | undefined;
  readonly size: number;
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** Finds what a part of a form is made from: a file is measured, a URL is asked; their content is not read yet. */
export async function openSource(part: FilePart, signal: AbortSignal): Promise<SourceFile> {
  const found = await find(part, signal);
  return {
    name: part.filename ?? found.filename ?? part.name,
    type: part.contentType ?? found.contentType ?? UNKNOWN_MEDIA_TYPE,
    size: found.size,
    read: () => inPieces(part.name, found.read),
  };
}

async function find({ name, source }: FilePart, signal: AbortSignal): Promise<Found> {
  switch (source.type) {
    case 'bytes':
      return {
        contentType: mediaTypeOfBytes(source.bytes),
        size: source.bytes.length,
        read: async function* () {
          yield source.bytes;
        },
      };
    case 'blob': {
      const { name: filename } = source.blob as { name?: unknown };
      return {
        filename: typeof filename === 'string' ? filename : undefined,
        contentType: source.blob.type || undefined,
        size: source.blob.size,
        read: () => source.blob.stream(),
      };
    }
    case 'stream':
      return { size: Number.NaN, read: source.open };
    case 'path':
      return findPath(name, source.path);
    case 'url':
      return findUrl(name, source.url, signal);
  }
}

async function findPath(part: string, given: string): Promise<Found> {
  try {
    const path = given.startsWith('file:') ? fileURLToPath(given) : given;
    const stats = await stat(path);
    if (!stats.isFile()) throw new UnreadableSource(part, 'there is no regular file at this path');
    if (stats.size === 0) throw new UnreadableSource(part, 'the file is empty');
    const filename = basename(path);
    // The end is fixed: a file that still grows would not fit the length that was announced.
    const read = (): AsyncIterable<Uint8Array> => createReadStream(path, { end: stats.size - 1 });
    return { filename, contentType: mediaTypeOfName(filename), size: stats.size, read };
  } catch (error) {
    if (error instanceof UnreadableSource) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code ?? 'not a path'})`;
    throw new UnreadableSource(part, why, error);
  }
}

async function findUrl(part: string, url: string, signal: AbortSignal): Promise<Found> {
  const answer = await getStream(url, signal).catch((error: unknown) => {
    throw new UnreadableSource(part, 'the URL could not be fetched', error);
  });
  const { statusCode = 0, headers } = answer;
  if (statusCode < 200 || statusCode > 299) {
    answer.destroy();
    throw new UnreadableSource(part, `the URL answered HTTP ${statusCode}`);
  }
  return {
    filename: basename(new URL(url).pathname) || undefined,
    contentType: headers['content-type']?.split(';')[0],
    size: Number(headers['content-length'] ?? Number.NaN),
    read: () => answer,
  };
}

/** Reading errors become errors of the part, so that they are not taken for errors of the connection. */
async function* inPieces(part: string, read: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  try {
    for await (const chunk of read()) {
      const bytes = chunkBytes(part, chunk);
      if (bytes.length > 0) isEmpty = false;
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
    }
  } catch (error) {
    throw error instanceof UnreadableSource ? error : new UnreadableSource(part, 'reading it failed', error);
  }
  if (isEmpty) throw new UnreadableSource(part, NOTHING_CAME);
}

const NOTHING_CAME =
  'nothing came out of it; a stream that has been read before is empty, pass a function that opens one';

function chunkBytes(part: string, chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  const bytes = bytesOf(chunk);
  if (bytes !== null) return bytes;
  throw new UnreadableSource(part, 'the stream gave something that is not bytes');
}

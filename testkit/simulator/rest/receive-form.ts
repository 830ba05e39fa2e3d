import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { Refusal } from './answer.js';

export interface ReceivedFile {
  /** `undefined`: its part names none. */
  readonly filename: string | undefined;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** `null`: it was too large to keep. */
  readonly bytes: Uint8Array | null;
}

export interface ReceivedForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, ReceivedFile>;
}

/**
 * Takes in a multipart form, as it comes. A file of more than `keptBytes` is counted and thrown away.
 * Rejects with a `Refusal` for what is no form, and when the client goes away half-way.
 */
export async function receiveForm(message: IncomingMessage, keptBytes: number): Promise<ReceivedForm> {
  const contentType = message.headers['content-type'] ?? '';
  if (!/^multipart\/form-data;/i.test(contentType)) throw new Refusal(415, 'Expected multipart/form-data');
  const fields = new Map<string, string>();
  const files = new Map<string, ReceivedFile>();
  try {
    const parser = new Busboy({ headers: { ...message.headers, 'content-type': contentType } });
    parser.on('field', (name, value) => void fields.set(name, value));
    parser.on('file', (name, stream, filename, _, mimeType) => {
      let chunks: Buffer[] | null = [];
      let sizeBytes = 0;
      stream.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > keptBytes) chunks = null;
        chunks?.push(chunk);
      });
      stream.on('end', () => {
        const bytes = chunks && new Uint8Array(Buffer.concat(chunks));
        files.set(name, { filename, mimeType, sizeBytes, bytes });
      });
      // An error of a file is an error of the form: the parser reports it.
      stream.on('error', () => undefined);
    });
    await pipeline(message, parser);
  } catch (error) {
    throw new Refusal(400, `The form is malformed: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { fields, files };
}

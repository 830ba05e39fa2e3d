import { randomUUID } from 'node:crypto';
import type { FormPart } from '../../core/ports/http.js';
import { openSource, type SourceFile } from './node-source.js';

/** A form ready to be sent. Nothing of its files is read before `chunks` is. */
export interface EncodedForm {
  /** With the boundary. */
  readonly contentType: string;
  /** Bytes of the whole body; `null` when a stream hides its length. */
  readonly length: number | null;
  /** The body, piece by piece. To be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

interface EncodedPart {
  readonly head: Uint8Array;
  readonly content: Uint8Array | SourceFile;
}

/** How the HTML standard escapes names in multipart/form-data. */
const escapeName = (name: string): string =>
  name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');

/** Encodes a form as multipart/form-data (RFC 7578): what is read of it, and when, is up to who reads `chunks`. */
export async function encodeForm(parts: readonly FormPart[], signal: AbortSignal): Promise<EncodedForm> {
  const boundary = `decart-rx-${randomUUID()}`;
  const text = new TextEncoder();
  const encoded: EncodedPart[] = [];
  for (const part of parts) {
    const content = part.type === 'field' ? text.encode(part.value) : await openSource(part, signal);
    const file = content instanceof Uint8Array ? '' : `; filename="${escapeName(content.name)}"`;
    const type = content instanceof Uint8Array ? '' : `\r\nContent-Type: ${content.type}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(part.name)}"${file}${type}\r\n\r\n`;
    encoded.push({ head: text.encode(head), content });
  }
  const end = text.encode('\r\n');
  const footer = text.encode(`--${boundary}--\r\n`);

  const length = encoded.reduce((sum, { head, content }) => {
    return sum + head.length + (content instanceof Uint8Array ? content.length : content.size) + end.length;
  }, footer.length);

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const { head, content } of encoded) {
      yield head;
      if (content instanceof Uint8Array) yield content;
      else yield* content.read();
      yield end;
    }
    yield footer;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: Number.isNaN(length) ? null : length,
    chunks: chunks(),
  };
}

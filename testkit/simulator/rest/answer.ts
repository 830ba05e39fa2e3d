import type { IncomingMessage, ServerResponse } from 'node:http';
import { mediaTypeOfBytes } from '../../../core/rest/media-type.js';

/** An answer that is no success: thrown where it is found, sent by the handler. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }

  /** The wire's form of what is wrong with a request: a message that begins with the name of a field says where. */
  detail(): { readonly loc: readonly string[]; readonly msg: string; readonly type: string } {
    const [, field, msg] = /^([\w.[\]]+): (.*)$/s.exec(this.message) ?? [];
    const type = /required$/.test(this.message) ? 'missing' : 'value_error';
    return { loc: field === undefined ? ['body'] : ['body', field], msg: msg ?? this.message, type };
  }
}

/** One request, with what the handler knows about it. */
export interface RestRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** The decoded last parts of the path that the route leaves open: a model, an id. */
  readonly argument: string;
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

/** Bytes of a video or an image, which say themselves what they are. */
export function sendMedia(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { 'Content-Type': mediaTypeOfBytes(bytes), 'Content-Length': bytes.length }).end(bytes);
}

const MAX_JSON_BYTES = 1_048_576;

/** The JSON of a request; an empty body is an empty object. */
export async function readJson(message: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    // The rest is read, not kept: a body left half-read would block the connection's next request.
    if (length <= MAX_JSON_BYTES) chunks.push(chunk);
  }
  if (length > MAX_JSON_BYTES) throw new Refusal(413, 'The body is too large');
  if (length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'The body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(422, 'The body is not a JSON object');
  }
  return value as Record<string, unknown>;
}

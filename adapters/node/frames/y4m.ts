import { DecartError, isDecartError } from '../../../core/errors.js';
import { type I420Frame, i420Length } from '../../../transports/livekit/node/index.js';

const magic = 'YUV4MPEG2';
const headerLimit = 1024;
const newline = 0x0a;
const colourSpaces = new Set(['420', '420jpeg', '420mpeg2', '420paldv']);

/**
 * The frames of a Y4M stream (YUV4MPEG2, 8 bits, 4:2:0, even size), in order, each in bytes of its own; frames are
 * read as they are asked for. `readable` is any stream or list of chunks, e.g. `fs.createReadStream(path)`.
 *
 * Throws `DecartError` INVALID_INPUT while iterating: for what is no Y4M, a kind of Y4M that is not read, a stream
 * that ends within a frame, and one that fails.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { y4mFrames } from 'decart-rx/node';
 *
 * for await (const frame of y4mFrames(createReadStream('clip.y4m'))) console.log(frame.width, frame.height);
 * ```
 */
export async function* y4mFrames(
  readable: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<I420Frame, void, undefined> {
  const bytes = new ByteReader(readable);
  try {
    const header = await bytes.line(headerLimit);
    if (header === null || !(header === magic || header.startsWith(`${magic} `))) {
      throw unreadable(`it does not begin with ${magic}`);
    }
    const { width, height, periodUs } = parseHeader(header);
    const length = i420Length(width, height);
    for (let frameNumber = 0; ; frameNumber += 1) {
      const marker = await bytes.line(headerLimit);
      if (marker === null) return;
      if (marker !== 'FRAME' && !marker.startsWith('FRAME ')) {
        throw unreadable(`frame ${frameNumber} does not begin with FRAME`, { frameNumber });
      }
      const data = new Uint8Array(length);
      const filled = await bytes.fill(data);
      if (filled < length) {
        throw unreadable(`it ends within frame ${frameNumber}, after ${filled} of ${length} bytes`, {
          frameNumber,
          expectedBytes: length,
          actualBytes: filled,
        });
      }
      yield { data, width, height, ...(periodUs !== null && { timestampUs: Math.round(frameNumber * periodUs) }) };
    }
  } catch (error) {
    if (isDecartError(error)) throw error;
    throw unreadable('reading it failed', undefined, error);
  } finally {
    await bytes.close();
  }
}

interface Y4mHeader {
  readonly width: number;
  readonly height: number;
  /** `null`: the header does not say. */
  readonly periodUs: number | null;
}

function parseHeader(header: string): Y4mHeader {
  const fields = new Map<string, string>();
  for (const field of header.split(' ').slice(1)) {
    if (field !== '' && field[0] !== 'X') fields.set(field[0] as string, field.slice(1));
  }
  const [width, height] = ['W', 'H'].map((name) => {
    const text = fields.get(name) ?? '';
    return /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  }) as [number, number];
  if (width === 0 || height === 0) throw unreadable('its header gives no width and height');
  if (width % 2 !== 0 || height % 2 !== 0) {
    throw unreadable(`its size is ${width}x${height}, and only even sizes are read`, { width, height });
  }
  const colourSpace = fields.get('C') ?? '420';
  if (!colourSpaces.has(colourSpace)) {
    throw unreadable(`its colour space is C${colourSpace}, and only 8-bit 4:2:0 is read`, { colourSpace });
  }
  const interlacing = fields.get('I') ?? 'p';
  if (interlacing !== 'p' && interlacing !== '?')
    throw unreadable('it is interlaced, and only progressive video is read');
  const rate = /^([0-9]+):([0-9]+)$/.exec(fields.get('F') ?? '');
  const [numerator, denominator] = [Number(rate?.[1] ?? 0), Number(rate?.[2] ?? 0)];
  return { width, height, periodUs: numerator > 0 && denominator > 0 ? (1e6 * denominator) / numerator : null };
}

function unreadable(why: string, data?: Readonly<Record<string, unknown>>, cause?: unknown): DecartError {
  return new DecartError({
    code: 'INVALID_INPUT',
    message: `The Y4M stream cannot be read: ${why}.`,
    ...(data && { data }),
    ...(cause !== undefined && { cause }),
  });
}

/** Takes lines and blocks out of a stream of chunks, wherever it was cut. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(readable: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in readable ? readable[Symbol.asyncIterator]() : readable[Symbol.iterator]();
  }

  /** The text up to the next newline; `null` at the end of the stream. Text without a newline is returned as it is. */
  async line(limit: number): Promise<string | null> {
    let text = '';
    while (this.#at < this.#chunk.length || (await this.#pull())) {
      const end = this.#chunk.indexOf(newline, this.#at);
      const until = Math.min(end < 0 ? this.#chunk.length : end, this.#at + limit + 1 - text.length);
      text += String.fromCharCode(...this.#chunk.subarray(this.#at, until));
      this.#at = until;
      if (until === end) {
        this.#at += 1;
        return text;
      }
      if (text.length > limit) return text;
    }
    return text === '' ? null : text;
  }

  /** Fills `target` and returns how many bytes there were for it. */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (this.#at < this.#chunk.length || (await this.#pull()))) {
      const part = this.#chunk.subarray(this.#at, this.#at + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return filled;
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #pull(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    if (!(value instanceof Uint8Array)) throw new TypeError('The stream gives no bytes (it has an encoding set).');
    this.#chunk = value;
    this.#at = 0;
    return true;
  }
}

import { DecartError } from '../../../core/errors.js';

/**
 * One picture in I420: the luma plane, then the two chroma planes of half the width and height, each row directly
 * after the one before. `data` holds exactly `width * height * 3 / 2` bytes; width and height are even.
 */
export interface I420Frame {
  /** `width * height * 3 / 2` bytes: Y, then U, then V, without padding. */
  readonly data: Uint8Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** When it was taken or received, in microseconds of a clock of its source. The network does not carry it. */
  readonly timestampUs?: number | undefined;
}

/** The size of frames. */
export interface FrameSize {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Bytes of a tightly packed I420 frame. Chroma planes of odd sizes are rounded up. */
export function i420Length(width: number, height: number): number {
  return width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1);
}

/** Throws INVALID_INPUT unless `frame` is a tight I420 frame, of `expected` size where that is given. */
export function requireI420(frame: unknown, expected?: FrameSize): asserts frame is I420Frame {
  if (typeof frame !== 'object' || frame === null || !((frame as I420Frame).data instanceof Uint8Array)) {
    throw invalid('A frame is an object { data: Uint8Array, width, height }.');
  }
  const { data, width, height } = frame as I420Frame;
  if (!isEvenSize(width) || !isEvenSize(height)) {
    throw invalid(`An I420 frame has an even width and height, got ${width}x${height}.`, { width, height });
  }
  if (expected && (width !== expected.width || height !== expected.height)) {
    throw invalid(`Expected frames of ${expected.width}x${expected.height}, got ${width}x${height}.`, {
      expected: { width: expected.width, height: expected.height },
      actual: { width, height },
    });
  }
  const expectedBytes = i420Length(width, height);
  if (data.length !== expectedBytes) {
    throw invalid(`An I420 frame of ${width}x${height} holds ${expectedBytes} bytes, got ${data.length}.`, {
      expectedBytes,
      actualBytes: data.length,
    });
  }
}

/** As large as any codec encodes. */
const MAX_SIDE = 16_384;

/**
 * Throws INVALID_INPUT unless video of this size can be sent unchanged: the native library crops or scales other
 * sizes to multiples of 4 without a word, which would move the latency marker off its grid.
 */
export function requireVideoSize({ width, height }: FrameSize): void {
  if ([width, height].every((side) => isPositiveInteger(side) && side % 4 === 0 && side <= MAX_SIDE)) return;
  const what = `a width and height of at most ${MAX_SIDE} that are multiples of 4`;
  throw invalid(`Video to send has ${what}, got ${width}x${height}.`, { width, height });
}

function isEvenSize(value: unknown): boolean {
  return isPositiveInteger(value) && value % 2 === 0;
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function invalid(message: string, data?: Readonly<Record<string, unknown>>): DecartError {
  return new DecartError({ code: 'INVALID_INPUT', message, ...(data && { data }) });
}

import { type FrameSize, type I420Frame, i420Length, requireI420 } from '../../../transports/livekit/node/index.js';
import { mirrorKernel } from './mirror-kernel.js';

/** Turns frames of one size around their vertical axis. */
export interface FrameMirror {
  /** Where `run` works: put a frame's bytes in and find them mirrored. Begins at the start of its buffer. */
  readonly data: Uint8Array;
  /** Mirrors what is in `data`, in place. */
  run(): void;
}

/** A copy of `frame`, mirrored horizontally: left becomes right. Throws INVALID_INPUT unless it is an I420 frame. */
export function mirror(frame: I420Frame): I420Frame {
  requireI420(frame);
  const data = Uint8Array.from(frame.data);
  for (const { at, width, height } of planesOf(frame)) turnRows(data, at, width, height);
  return { ...frame, data };
}

/**
 * Mirrors by a WebAssembly kernel that turns 16 bytes at a time, about as fast as copying; without WebAssembly
 * (`node --jitless`) by plain JavaScript. Sizes need not be even: chroma planes are rounded up.
 */
export function createFrameMirror(size: FrameSize): FrameMirror {
  return startKernel(size) ?? createPlainMirror(size);
}

export function createPlainMirror(size: FrameSize): FrameMirror {
  const data = new Uint8Array(i420Length(size.width, size.height));
  return {
    data,
    run() {
      for (const { at, width, height } of planesOf(size)) turnRows(data, at, width, height);
    },
  };
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  mirrorPlane(at: number, width: number, height: number): void;
}

const pageBytes = 0x10000;

function startKernel(size: FrameSize): FrameMirror | null {
  if (typeof WebAssembly !== 'object') return null;
  const module = new WebAssembly.Module(Buffer.from(mirrorKernel, 'base64'));
  const { memory, mirrorPlane } = new WebAssembly.Instance(module).exports as unknown as Kernel;
  const length = i420Length(size.width, size.height);
  memory.grow(Math.ceil(length / pageBytes) - memory.buffer.byteLength / pageBytes);
  const planes = planesOf(size);
  return {
    data: new Uint8Array(memory.buffer, 0, length),
    run() {
      for (const { at, width, height } of planes) mirrorPlane(at, width, height);
    },
  };
}

interface Plane {
  /** Where it begins, in bytes. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
}

function planesOf({ width, height }: FrameSize): readonly Plane[] {
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  const luma = { at: 0, width, height };
  const first = { at: width * height, width: chromaWidth, height: chromaHeight };
  return [luma, first, { ...first, at: first.at + chromaWidth * chromaHeight }];
}

function turnRows(data: Uint8Array, at: number, width: number, height: number): void {
  for (let row = 0; row < height; row += 1) {
    data.subarray(at + row * width, at + (row + 1) * width).reverse();
  }
}

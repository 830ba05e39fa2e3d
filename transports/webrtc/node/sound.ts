import { invalid } from '../../../core/errors.js';
import type { AudioInput } from '../../../core/ports/media.js';

const headerLength = 12;
const integerPcm = 1;
const floatPcm = 3;
const extensible = 0xfffe;

const refused = (why: string) =>
  invalid(`The sound cannot be played: ${why}. In Node it is a WAV file with PCM samples.`, { field: 'audio' });

/**
 * The sound of a WAV file in one channel at this rate, in 16 bits. Integer samples of 8, 16, 24 or 32 bits, and 32-bit
 * float ones, with any number of channels and at any rate.
 *
 * @throws DecartError INVALID_INPUT when it is anything else
 */
export async function readSound(audio: AudioInput, sampleRate: number): Promise<Int16Array> {
  const bytes =
    audio instanceof Uint8Array ? audio : new Uint8Array('arrayBuffer' in audio ? await audio.arrayBuffer() : audio);
  const { format, channels, rate, data } = readWav(bytes);
  const read = sampleReader(data, format);
  const length = Math.floor(data.byteLength / format.bytes / channels);
  const mono = Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += read((i * channels + channel) * format.bytes);
    return sum / channels;
  });
  return resampled(mono, rate / sampleRate);
}

interface Format {
  readonly kind: number;
  /** Of one sample. */
  readonly bytes: number;
}

interface Wav {
  readonly format: Format;
  readonly channels: number;
  readonly rate: number;
  readonly data: DataView;
}

function readWav(bytes: Uint8Array): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < headerLength || name(0) !== 'RIFF' || name(8) !== 'WAVE') throw refused('it is no WAV file');
  let header: Omit<Wav, 'data'> | null = null;
  for (let at = headerLength; at + 8 <= bytes.length; ) {
    const start = at + 8;
    // Writers that stream leave the length open: then it is all that follows.
    const length = Math.min(view.getUint32(at + 4, true), bytes.length - start);
    if (name(at) === 'fmt ' && length >= 16) header = readFormat(view, start, length);
    if (name(at) === 'data') {
      if (header === null) throw refused('it says nothing of its format');
      return { ...header, data: new DataView(bytes.buffer, bytes.byteOffset + start, length) };
    }
    at = start + length + (length & 1);
  }
  throw refused('there are no samples in it');
}

function readFormat(view: DataView, at: number, length: number): Omit<Wav, 'data'> {
  const tag = view.getUint16(at, true);
  const kind = tag === extensible && length >= 26 ? view.getUint16(at + 24, true) : tag;
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  const isKnown = (kind === integerPcm && [8, 16, 24, 32].includes(bits)) || (kind === floatPcm && bits === 32);
  if (!isKnown) throw refused(`its format is ${kind} with ${bits} bits`);
  if (channels === 0 || rate === 0) throw refused('it has no channel, or no rate');
  return { format: { kind, bytes: bits / 8 }, channels, rate };
}

/** Samples from -1 to 1. */
function sampleReader(data: DataView, { kind, bytes }: Format): (at: number) => number {
  if (kind === floatPcm) return (at) => data.getFloat32(at, true);
  switch (bytes) {
    case 1:
      return (at) => (data.getUint8(at) - 128) / 128;
    case 2:
      return (at) => data.getInt16(at, true) / 0x8000;
    case 3:
      return (at) => (data.getUint8(at) | (data.getInt16(at + 1, true) << 8)) / 0x80_0000;
    default:
      return (at) => data.getInt32(at, true) / 0x8000_0000;
  }
}

/** `step`: input samples per output sample. Between two samples, a straight line. */
function resampled(samples: Float32Array, step: number): Int16Array {
  return Int16Array.from({ length: Math.floor(samples.length / step) }, (_, i) => {
    const before = Math.floor(i * step);
    const share = i * step - before;
    const from = samples[before] ?? 0;
    const value = from + ((samples[before + 1] ?? from) - from) * share;
    return Math.max(-0x8000, Math.min(0x7fff, Math.round(value * 0x8000)));
  });
}

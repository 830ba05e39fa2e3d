import { describe, expect, test } from '@jest/globals';
import { readSound } from './sound.js';

interface Wav {
  readonly kind?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly rate?: number;
  /** A chunk before the samples that is to be skipped. */
  readonly extra?: boolean;
}

const chunk = (name: string, content: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length & 1)]);
};

function wav(samples: Buffer, { kind = 1, bits = 16, channels = 1, rate = 48_000, extra = false }: Wav = {}): Buffer {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(kind, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt16LE(bits, 14);
  const chunks = [chunk('fmt ', format), ...(extra ? [chunk('LIST', Buffer.from('odd'))] : []), chunk('data', samples)];
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

const int16 = (...values: number[]): Buffer => Buffer.from(Int16Array.from(values).buffer);
const read = async (bytes: Uint8Array): Promise<number[]> => [...(await readSound(bytes, 48_000))];

describe('the sound of a WAV file', () => {
  test('16 bits at the rate that is wanted pass as they are', async () => {
    expect(await read(wav(int16(0, 1000, -1000, 32767, -32768)))).toEqual([0, 1000, -1000, 32767, -32768]);
  });

  test.each<[string, Buffer, Wav]>([
    ['8 bits', Buffer.from([128, 192, 64]), { bits: 8 }],
    ['24 bits', Buffer.from([0, 0, 0, 0, 0, 0x40, 0, 0, 0xc0]), { bits: 24 }],
    ['32 bits', Buffer.from(Int32Array.from([0, 2 ** 30, -(2 ** 30)]).buffer), { bits: 32 }],
    ['float', Buffer.from(Float32Array.from([0, 0.5, -0.5]).buffer), { kind: 3, bits: 32 }],
    ['two channels', int16(0, 0, 32767, 1, -32767, -1), { channels: 2 }],
    ['a chunk in between', int16(0, 16384, -16384), { extra: true }],
  ])('%s', async (_name, samples, format) => {
    expect(await read(wav(samples, format))).toEqual([0, 16384, -16384]);
  });

  test('another rate is brought to the one that is wanted', async () => {
    expect(await read(wav(int16(0, 100, 200), { rate: 24_000 }))).toEqual([0, 50, 100, 150, 200, 200]);
    expect(await read(wav(int16(0, 1, 2, 3), { rate: 96_000 }))).toEqual([0, 2]);
  });

  test('as bytes within others, a buffer, or a Blob', async () => {
    const file = wav(int16(7, 8));
    const within = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    expect(await read(within)).toEqual([7, 8]);
    expect([...(await readSound(Uint8Array.from(file).buffer, 48_000))]).toEqual([7, 8]);
    expect([...(await readSound(new Blob([Uint8Array.from(file)]), 48_000))]).toEqual([7, 8]);
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['another file', Buffer.from('ID3 an MP3, say, of some length')],
    ['a format that is packed', wav(int16(1), { kind: 2, bits: 4 })],
    ['no channel', wav(int16(1), { channels: 0 })],
    ['no samples', wav(int16(1)).subarray(0, 30)],
  ])('is refused: %s', async (_name, bytes) => {
    await expect(readSound(bytes, 48_000)).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'audio' } });
  });
});

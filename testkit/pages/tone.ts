const RATE = 48_000;
const HEAD = 44;

/** A tone of 440 Hz at half the full scale, as a WAV file in 16 bits. */
export function toneFile(seconds: number): Uint8Array<ArrayBuffer> {
  const samples = Math.round(seconds * RATE);
  const bytes = new Uint8Array(HEAD + samples * 2);
  const view = new DataView(bytes.buffer);
  const write = (at: number, text: string): void => {
    for (const [i, character] of [...text].entries()) view.setUint8(at + i, character.charCodeAt(0));
  };
  write(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, samples * 2, true);
  for (let i = 0; i < samples; i += 1) {
    view.setInt16(HEAD + i * 2, Math.sin((i * 440 * 2 * Math.PI) / RATE) * 0x4000, true);
  }
  return bytes;
}

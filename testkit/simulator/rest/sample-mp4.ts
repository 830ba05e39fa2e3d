/** Macroblocks across and down: 64×48 pixels. */
const ACROSS = 4;
const DOWN = 3;
const FRAMES = 25;
const FPS = 25;

/** Writes H.264 syntax elements (ITU-T H.264, 7.2 and 9.1), most significant bit first. */
class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;
  #count = 0;

  u(width: number, value: number): this {
    for (let bit = width - 1; bit >= 0; bit--) {
      this.#bits = (this.#bits << 1) | ((value >> bit) & 1);
      if (++this.#count === 8) {
        this.#bytes.push(this.#bits);
        this.#bits = 0;
        this.#count = 0;
      }
    }
    return this;
  }

  /** Exp-Golomb, unsigned. Zero is the same when signed. */
  ue(value: number): this {
    const width = Math.floor(Math.log2(value + 1));
    return this.u(width, 0).u(width + 1, value + 1);
  }

  align(): this {
    while (this.#count !== 0) this.u(1, 0);
    return this;
  }

  /** Closes the unit (a one, then zeros) and keeps start codes out of it. */
  unit(): Uint8Array {
    this.u(1, 1).align();
    const escaped: number[] = [];
    let zeros = 0;
    for (const byte of this.#bytes) {
      if (zeros >= 2 && byte <= 3) {
        escaped.push(3);
        zeros = 0;
      }
      escaped.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    return Uint8Array.from(escaped);
  }
}

const sequenceParameters = (): Uint8Array =>
  new BitWriter()
    .u(8, 0x67)
    .u(8, 66) // Baseline
    .u(8, 0xc0)
    .u(8, 10) // level 1
    .ue(0)
    .ue(0) // 4 bits of frame number
    .ue(2) // output order is coding order
    .ue(0) // no reference frames: every frame stands alone
    .u(1, 0)
    .ue(ACROSS - 1)
    .ue(DOWN - 1)
    .u(1, 1) // whole frames
    .u(1, 1)
    .u(1, 0) // no cropping
    .u(1, 0)
    .unit();

const pictureParameters = (): Uint8Array =>
  new BitWriter()
    .u(8, 0x68)
    .ue(0)
    .ue(0)
    .u(2, 0)
    .ue(0)
    .ue(0)
    .ue(0)
    .u(3, 0)
    .ue(0)
    .ue(0)
    .ue(0)
    .u(1, 1) // the slice says that nothing is deblocked
    .u(2, 0)
    .unit();

/** A frame of plain colour, its samples written out as they are (I_PCM): no transform, nothing to get wrong. */
function frame(nth: number): Uint8Array {
  const bits = new BitWriter()
    .u(8, 0x65)
    .ue(0)
    .ue(7) // intra, all slices
    .ue(0)
    .u(4, 0)
    .ue(nth % 2) // distinguishes neighbouring frames
    .u(2, 0)
    .ue(0)
    .ue(1); // no deblocking
  const luma = 40 + nth * 7;
  for (let block = 0; block < ACROSS * DOWN; block++) {
    bits.ue(25).align(); // I_PCM
    for (let i = 0; i < 256; i++) bits.u(8, luma);
    for (let i = 0; i < 64; i++) bits.u(8, 90 + nth);
    for (let i = 0; i < 64; i++) bits.u(8, 170 - nth);
  }
  return bits.unit();
}

const text = (word: string): Uint8Array => new TextEncoder().encode(word);
const be = (width: 1 | 2 | 4, ...values: readonly number[]): Uint8Array =>
  Uint8Array.from(
    values.flatMap((value) => Array.from({ length: width }, (_, i) => (value >>> (8 * (width - 1 - i))) & 255)),
  );
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const sized = (bytes: Uint8Array): Uint8Array => join(be(4, bytes.length), bytes);

/** A box of ISO/IEC 14496-12. */
const box = (type: string, ...content: readonly Uint8Array[]): Uint8Array => {
  const body = join(...content);
  return join(be(4, body.length + 8), text(type), body);
};
const full = (type: string, flags: number, ...content: readonly Uint8Array[]): Uint8Array =>
  box(type, be(4, flags), ...content);

const MATRIX = be(4, 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** A second of video, 64×48 at 25 fps, H.264 in MP4, made here from nothing: what a job gives that has no better result. */
export function sampleMp4(): Uint8Array {
  const [width, height] = [ACROSS * 16, DOWN * 16];
  const frames = Array.from({ length: FRAMES }, (_, nth) => sized(frame(nth)));
  const [sps, pps] = [sequenceParameters(), pictureParameters()];
  const start = box('ftyp', text('isom'), be(4, 512), text('isomavc1'));
  const content = box('mdat', ...frames);
  const config = box(
    'avcC',
    be(1, 1, 66, 0xc0, 10, 0xff, 0xe1),
    be(2, sps.length),
    sps,
    be(1, 1),
    be(2, pps.length),
    pps,
  );
  const entry = box(
    'avc1',
    zeros(6),
    be(2, 1),
    zeros(16),
    be(2, width, height),
    be(4, 0x480000, 0x480000, 0),
    be(2, 1),
    zeros(32),
    be(2, 24, 0xffff),
    config,
  );
  const samples = box(
    'stbl',
    full('stsd', 0, be(4, 1), entry),
    full('stts', 0, be(4, 1, FRAMES, 1)),
    full('stsc', 0, be(4, 1, 1, FRAMES, 1)),
    full('stsz', 0, be(4, 0, FRAMES), be(4, ...frames.map(({ length }) => length))),
    full('stco', 0, be(4, 1, start.length + 8)),
  );
  const media = box(
    'mdia',
    full('mdhd', 0, be(4, 0, 0, FPS, FRAMES), be(2, 0x55c4, 0)),
    full('hdlr', 0, zeros(4), text('vide'), zeros(12), text('video\0')),
    box('minf', full('vmhd', 1, zeros(8)), box('dinf', full('dref', 0, be(4, 1), full('url ', 1))), samples),
  );
  const track = box(
    'trak',
    full('tkhd', 3, be(4, 0, 0, 1, 0, FRAMES), zeros(16), MATRIX, be(4, width << 16, height << 16)),
    media,
  );
  const movie = box(
    'moov',
    full('mvhd', 0, be(4, 0, 0, FPS, FRAMES, 0x10000), be(2, 0x100, 0), zeros(8), MATRIX, zeros(24), be(4, 2)),
    track,
  );
  return join(start, content, movie);
}

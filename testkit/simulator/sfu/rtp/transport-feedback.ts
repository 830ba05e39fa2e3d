import { SequenceUnwrapper } from './sequence.js';

const ticksPerReference = 256; // 64 ms in steps of 250 µs
const tickUs = 250;
const rememberedPackets = 1024;
const maxSpan = 8192;
const maxRun = 0x1fff;

/**
 * Builds transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01) for everything that arrived on one transport.
 *
 * Each feedback covers everything from the end of the one before, so that what is missing is
 * reported as missing; a packet that arrives late moves the start back and is reported again.
 */
export class TransportFeedback {
  private readonly unwrapper = new SequenceUnwrapper();
  private readonly arrivals = new Map<number, number>();
  private nextToReport: number | undefined;
  private highest = 0;
  private fresh = false;
  private feedbackCount = 0;

  constructor(private readonly senderSsrc: number) {}

  /** Notes one packet. `arrivalUs`: a monotonic clock in microseconds. */
  received(transportSequence: number, arrivalUs: number): void {
    const sequence = this.unwrapper.unwrap(transportSequence);
    if (this.arrivals.has(sequence)) return;
    this.arrivals.set(sequence, arrivalUs);
    this.fresh = true;
    if (sequence > this.highest) this.highest = sequence;
    if (this.nextToReport === undefined || sequence < this.nextToReport) this.nextToReport = sequence;
  }

  /** The RTCP packets for what arrived since the last call; none when nothing did. */
  flush(mediaSsrc: number): Buffer[] {
    if (!this.fresh || this.nextToReport === undefined) return [];
    this.fresh = false;
    let at = Math.max(this.nextToReport, this.highest - maxSpan);
    const packets: Buffer[] = [];
    while (at <= this.highest) {
      const built = this.build(at, mediaSsrc);
      if (!built) break;
      packets.push(built.packet);
      at = built.next;
    }
    this.nextToReport = this.highest + 1;
    this.forget();
    return packets;
  }

  private build(from: number, mediaSsrc: number): { packet: Buffer; next: number } | undefined {
    const symbols: number[] = [];
    const deltas: number[] = [];
    let reference: number | undefined;
    let clockTicks = 0;
    let sequence = from;
    let lastReceived = from;
    for (; sequence <= this.highest; sequence += 1) {
      const arrivalUs = this.arrivals.get(sequence);
      if (arrivalUs === undefined) {
        symbols.push(0);
        continue;
      }
      const ticks = Math.round(arrivalUs / tickUs);
      if (reference === undefined) {
        reference = Math.floor(ticks / ticksPerReference);
        clockTicks = reference * ticksPerReference;
      }
      const delta = ticks - clockTicks;
      // Further apart than 16 bits can say: it begins the next feedback.
      if (delta > 0x7fff || delta < -0x8000) break;
      clockTicks = ticks;
      deltas.push(delta);
      symbols.push(delta >= 0 && delta <= 0xff ? 1 : 2);
      lastReceived = sequence;
    }
    if (reference === undefined) return undefined;
    symbols.length = lastReceived - from + 1;
    const packet = this.serialise(from, symbols, deltas, reference, mediaSsrc);
    return { packet, next: lastReceived + 1 };
  }

  private serialise(
    from: number,
    symbols: readonly number[],
    deltas: readonly number[],
    reference: number,
    mediaSsrc: number,
  ): Buffer {
    const chunks = statusChunks(symbols);
    const deltaBytes = deltas.reduce((sum, delta) => sum + (delta >= 0 && delta <= 0xff ? 1 : 2), 0);
    const contentBytes = 20 + chunks.length * 2 + deltaBytes;
    const padding = (4 - (contentBytes % 4)) % 4;
    const packet = Buffer.alloc(contentBytes + padding);
    packet[0] = 0x80 | (padding > 0 ? 0x20 : 0) | 15;
    packet[1] = 205;
    packet.writeUInt16BE(packet.length / 4 - 1, 2);
    packet.writeUInt32BE(this.senderSsrc, 4);
    packet.writeUInt32BE(mediaSsrc, 8);
    packet.writeUInt16BE(from & 0xffff, 12);
    packet.writeUInt16BE(symbols.length, 14);
    packet.writeUIntBE(reference & 0xffffff, 16, 3);
    packet[19] = this.feedbackCount;
    this.feedbackCount = (this.feedbackCount + 1) & 0xff;
    let at = 20;
    for (const chunk of chunks) at = packet.writeUInt16BE(chunk, at);
    for (const delta of deltas)
      at = delta >= 0 && delta <= 0xff ? packet.writeUInt8(delta, at) : packet.writeInt16BE(delta, at);
    if (padding > 0) packet[packet.length - 1] = padding;
    return packet;
  }

  private forget(): void {
    for (const sequence of this.arrivals.keys()) {
      if (sequence < this.highest - rememberedPackets) this.arrivals.delete(sequence);
    }
  }
}

/** Packs status symbols: a run-length chunk for 7 or more equal ones, else a vector of seven. */
function statusChunks(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  let at = 0;
  while (at < symbols.length) {
    const symbol = symbols[at] ?? 0;
    let run = 1;
    while (at + run < symbols.length && symbols[at + run] === symbol && run < maxRun) run += 1;
    if (run >= 7) {
      chunks.push((symbol << 13) | run);
      at += run;
      continue;
    }
    let chunk = 0xc000;
    for (let i = 0; i < 7; i += 1) chunk |= (symbols[at + i] ?? 0) << (12 - 2 * i);
    chunks.push(chunk);
    at += 7;
  }
  return chunks;
}

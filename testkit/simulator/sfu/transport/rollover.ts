import { sequenceDistance } from '../rtp/sequence.js';

/**
 * The SRTP rollover counter of a stream (RFC 3711 §3.3.1), right also across a gap of thousands of
 * packets, as a network blackout leaves one.
 */
export class RolloverCounter {
  private highest: number | undefined;
  private cycles = 0;

  /** The counter for a packet. Only an authentic packet may be `accept`ed afterwards. */
  guess(sequenceNumber: number): number {
    if (this.highest === undefined) return this.cycles;
    const extended = this.highest + sequenceDistance(sequenceNumber, this.highest);
    if (extended > 0xffff) return this.cycles + 1;
    if (extended < 0) return Math.max(0, this.cycles - 1);
    return this.cycles;
  }

  accept(sequenceNumber: number): void {
    const cycles = this.guess(sequenceNumber);
    const isAhead = this.highest === undefined || sequenceDistance(sequenceNumber, this.highest) > 0;
    if (!isAhead) return;
    this.cycles = cycles;
    this.highest = sequenceNumber;
  }
}

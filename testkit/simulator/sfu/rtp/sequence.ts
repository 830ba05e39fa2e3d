/** Signed distance `a - b` of two 16-bit RTP sequence numbers, in -32768..32767. */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b + 0x8000) & 0xffff) - 0x8000;
}

/** The RTP sequence number `offset` steps away, wrapped to 16 bits. */
export function addSequence(sequenceNumber: number, offset: number): number {
  return (sequenceNumber + offset) & 0xffff;
}

/** Turns wrapping 16-bit sequence numbers into ever-growing ones, tolerant of reordering. */
export class SequenceUnwrapper {
  private highest: number | undefined;

  unwrap(sequenceNumber: number): number {
    if (this.highest === undefined) {
      // One cycle of headroom, so that a packet older than the first one does not become negative.
      this.highest = 0x10000 + sequenceNumber;
      return this.highest;
    }
    const extended = this.highest + sequenceDistance(sequenceNumber, this.highest & 0xffff);
    if (extended > this.highest) this.highest = extended;
    return extended;
  }
}

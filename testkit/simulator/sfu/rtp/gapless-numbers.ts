import { addSequence, SequenceUnwrapper } from './sequence.js';

/** How far behind the newest packet a late one can be and still get its number. */
const reach = 0x0800;

/**
 * Numbers the packets of one received stream as if the padding in it had never been sent: a receiver takes
 * the gap that a dropped packet leaves for a loss. What the network lost keeps its place.
 */
export class GaplessNumbers {
  private readonly unwrapper = new SequenceUnwrapper();
  private highest: number | undefined;
  /** The dropped packets within reach, oldest first. Each moves what comes after it one number down. */
  private readonly dropped: number[] = [];
  private droppedBefore = 0;

  /** The number to forward the packet under, or nothing when it is not to be forwarded. */
  numberOf(sequenceNumber: number, isPadding: boolean): number | undefined {
    const sequence = this.unwrapper.unwrap(sequenceNumber);
    const isNewest = this.highest === undefined || sequence > this.highest;
    if (isNewest) this.advance(sequence);
    else if (sequence <= (this.highest ?? 0) - reach || this.dropped.includes(sequence)) return undefined;
    // Late padding is forwarded: packets after it went out already, with a number left free for it.
    if (isPadding && isNewest) {
      this.dropped.push(sequence);
      return undefined;
    }
    const droppedWithin = isNewest ? this.dropped.length : this.dropped.filter((each) => each < sequence).length;
    return addSequence(sequence, -this.droppedBefore - droppedWithin);
  }

  private advance(highest: number): void {
    this.highest = highest;
    while (this.dropped[0] !== undefined && this.dropped[0] <= highest - reach) {
      this.dropped.shift();
      this.droppedBefore += 1;
    }
  }
}

import { SequenceUnwrapper } from './sequence.js';

const firstRequestAfterMs = 8;
const repeatAfterMs = 60;
const maxRequests = 8;
const giveUpAfterMs = 1000;
/** A jump this wide is no loss to be repaired packet by packet. */
const maxGap = 512;

interface MissingPacket {
  sinceMs: number;
  lastRequestMs: number;
  requests: number;
}

/** What to do about the losses of one stream: packets to ask for again, and whether some are lost for good. */
export interface LossVerdict {
  readonly requestAgain: number[];
  readonly gaveUp: boolean;
}

const nothingToDo: LossVerdict = { requestAgain: [], gaveUp: false };

/** Follows the gaps of one received RTP stream and decides when to send which NACK. */
export class LossTracker {
  private readonly unwrapper = new SequenceUnwrapper();
  private readonly missing = new Map<number, MissingPacket>();
  private highest: number | undefined;
  private jumped = false;

  /** Takes note of a packet; true when it is one that had been asked for again. */
  received(sequenceNumber: number, nowMs: number): boolean {
    const sequence = this.unwrapper.unwrap(sequenceNumber);
    if (this.highest === undefined) {
      this.highest = sequence;
      return false;
    }
    if (sequence <= this.highest) {
      const wasRequested = (this.missing.get(sequence)?.requests ?? 0) > 0;
      this.missing.delete(sequence);
      return wasRequested;
    }
    if (sequence - this.highest > maxGap) {
      this.missing.clear();
      this.jumped = true;
    } else {
      for (let gap = this.highest + 1; gap < sequence; gap += 1) {
        this.missing.set(gap, { sinceMs: nowMs, lastRequestMs: 0, requests: 0 });
      }
    }
    this.highest = sequence;
    return false;
  }

  /** Called every few milliseconds. */
  due(nowMs: number): LossVerdict {
    let gaveUp = this.jumped;
    this.jumped = false;
    if (this.missing.size === 0) return gaveUp ? { requestAgain: [], gaveUp } : nothingToDo;
    const requestAgain: number[] = [];
    for (const [sequence, packet] of this.missing) {
      if (nowMs - packet.sinceMs > giveUpAfterMs || packet.requests >= maxRequests) {
        if (packet.requests < maxRequests || nowMs - packet.lastRequestMs >= repeatAfterMs) {
          this.missing.delete(sequence);
          gaveUp = true;
        }
        continue;
      }
      const isDue =
        packet.requests === 0
          ? nowMs - packet.sinceMs >= firstRequestAfterMs
          : nowMs - packet.lastRequestMs >= repeatAfterMs;
      if (!isDue) continue;
      packet.requests += 1;
      packet.lastRequestMs = nowMs;
      requestAgain.push(sequence & 0xffff);
    }
    return { requestAgain, gaveUp };
  }
}

import { addSequence, sequenceDistance } from './sequence.js';

/** The part of a packet that decides how it is forwarded. */
export interface ForwardCandidate {
  layer: number;
  sequenceNumber: number;
  timestamp: number;
  keyframe: boolean;
  arrivalMs: number;
}

/** Where the packet belongs in the outgoing stream. */
export interface RewrittenPosition {
  sequenceNumber: number;
  timestamp: number;
}

/**
 * Makes one continuous RTP stream out of the layers of a track: it begins, and changes layer, only
 * on a keyframe, and goes on where sequence number and timestamp left off.
 */
export class StreamRewriter {
  private layer: number | undefined;
  private sequenceOffset = 0;
  private timestampOffset = 0;
  private firstSequence = 0;
  private lastSequence: number | undefined;
  private lastTimestamp = 0;
  private lastArrivalMs = 0;

  constructor(
    private readonly clockRate: number,
    private readonly firstOut: RewrittenPosition,
  ) {}

  /** The layer being forwarded; `undefined` until the first keyframe and after a pause. */
  get currentLayer(): number | undefined {
    return this.layer;
  }

  /** Stops forwarding until the next keyframe: what comes then continues the stream without a gap. */
  pause(): void {
    this.layer = undefined;
  }

  /** The position to forward the packet at, or nothing when it is not to be forwarded. */
  rewrite(packet: ForwardCandidate, wantedLayer: number | undefined): RewrittenPosition | undefined {
    if (packet.layer !== this.layer) {
      if (packet.layer !== wantedLayer || !packet.keyframe) return undefined;
      this.switchTo(packet);
    }
    // Older than the keyframe the layer was entered with: its place is taken.
    if (sequenceDistance(packet.sequenceNumber, this.firstSequence) < 0) return undefined;
    const sequenceNumber = addSequence(packet.sequenceNumber, this.sequenceOffset);
    const timestamp = (packet.timestamp + this.timestampOffset) >>> 0;
    if (this.lastSequence === undefined || sequenceDistance(sequenceNumber, this.lastSequence) > 0) {
      this.lastSequence = sequenceNumber;
      this.lastTimestamp = timestamp;
      this.lastArrivalMs = packet.arrivalMs;
      // Keeps the entry point within half the sequence space of what arrives.
      if (sequenceDistance(packet.sequenceNumber, this.firstSequence) > 0x0800) {
        this.firstSequence = addSequence(packet.sequenceNumber, -0x0800);
      }
    }
    return { sequenceNumber, timestamp };
  }

  private switchTo(packet: ForwardCandidate): void {
    this.layer = packet.layer;
    this.firstSequence = packet.sequenceNumber;
    if (this.lastSequence === undefined) {
      this.sequenceOffset = this.firstOut.sequenceNumber - packet.sequenceNumber;
      this.timestampOffset = this.firstOut.timestamp - packet.timestamp;
      return;
    }
    const elapsed = Math.max(1, Math.round(((packet.arrivalMs - this.lastArrivalMs) * this.clockRate) / 1000));
    this.sequenceOffset = this.lastSequence + 1 - packet.sequenceNumber;
    this.timestampOffset = this.lastTimestamp + elapsed - packet.timestamp;
  }
}

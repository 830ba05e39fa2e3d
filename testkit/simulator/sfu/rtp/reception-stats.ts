import type { ReportBlock } from './rtcp.js';
import { SequenceUnwrapper } from './sequence.js';

/** Reception statistics of one stream, as RFC 3550 §6.4 and appendix A define them. */
export class ReceptionStats {
  private readonly unwrapper = new SequenceUnwrapper();
  private base: number | undefined;
  private highest = 0;
  private receivedCount = 0;
  private expectedAtLastReport = 0;
  private receivedAtLastReport = 0;
  private jitter = 0;
  private lastTransit: number | undefined;
  private lastSenderReport = 0;
  private lastSenderReportAtMs = 0;

  constructor(
    private readonly ssrc: number,
    private readonly clockRate: number,
  ) {}

  received(sequenceNumber: number, timestamp: number, nowMs: number): void {
    const sequence = this.unwrapper.unwrap(sequenceNumber);
    if (this.base === undefined) this.base = sequence;
    if (sequence > this.highest) this.highest = sequence;
    this.receivedCount += 1;
    const transit = (Math.round((nowMs * this.clockRate) / 1000) - timestamp) | 0;
    if (this.lastTransit !== undefined) {
      const difference = Math.abs((transit - this.lastTransit) | 0);
      // Apart by more than a second: the sender began a new timeline, not jitter.
      if (difference < this.clockRate) this.jitter += (difference - this.jitter) / 16;
    }
    this.lastTransit = transit;
  }

  senderReported(ntpMiddle32: number, nowMs: number): void {
    this.lastSenderReport = ntpMiddle32;
    this.lastSenderReportAtMs = nowMs;
  }

  /** The report block for the interval since the last call; nothing before the first packet. */
  report(nowMs: number): ReportBlock | undefined {
    if (this.base === undefined) return undefined;
    const expected = this.highest - this.base + 1;
    const expectedNow = expected - this.expectedAtLastReport;
    const lostNow = expectedNow - (this.receivedCount - this.receivedAtLastReport);
    this.expectedAtLastReport = expected;
    this.receivedAtLastReport = this.receivedCount;
    return {
      ssrc: this.ssrc,
      fractionLost: expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      packetsLost: expected - this.receivedCount,
      // The unwrapper starts one cycle ahead; RFC 3550 counts cycles from zero.
      highestSequence: this.highest - 0x10000,
      jitter: Math.round(this.jitter),
      lastSenderReport: this.lastSenderReport,
      delaySinceLastSenderReport:
        this.lastSenderReport === 0 ? 0 : Math.round((nowMs - this.lastSenderReportAtMs) * 65.536),
    };
  }
}

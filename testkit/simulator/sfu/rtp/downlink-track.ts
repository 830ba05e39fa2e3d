import { randomInt } from 'node:crypto';

import type { MediaSink, MediaSource, SourcePacket } from './media-source.js';
import { PacketCache } from './packet-cache.js';
import { writeSenderReport } from './rtcp.js';
import { writeRtpHeader } from './rtp-packet.js';
import { StreamRewriter } from './stream-rewriter.js';

/** The transport as a downlink sees it. */
export interface DownlinkTransport {
  sendRtp(header: ReturnType<typeof Buffer.alloc>, payload: Buffer): Buffer | undefined;
  sendAgain(datagram: Buffer): void;
  sendRtcp(compound: Buffer): void;
}

export interface DownlinkOptions {
  ssrc: number;
  cname: string;
  payloadType: number;
  /** Names the media section, for a receiver that has not seen the SSRC yet. */
  midExtension: { id: number; value: Buffer } | undefined;
}

const anyLayer = Number.MAX_SAFE_INTEGER;
const maxRepeatsPerNack = 256;

/** A track on its way to one subscriber. */
export class DownlinkTrack implements MediaSink {
  readonly ssrc: number;
  private readonly rewriter: StreamRewriter;
  private readonly cache = new PacketCache();
  private packetCount = 0;
  private octetCount = 0;
  private lastTimestamp: number | undefined;
  private lastSentMs = 0;
  private maxLayer = anyLayer;
  private disabled = false;

  constructor(
    private readonly source: MediaSource,
    private readonly transport: DownlinkTransport,
    private readonly options: DownlinkOptions,
  ) {
    this.ssrc = options.ssrc;
    this.rewriter = new StreamRewriter(source.clockRate, {
      // Well below the wrap, where a lost first packet would confuse SRTP.
      sequenceNumber: randomInt(1, 0x7fff),
      timestamp: randomInt(0, 0x7fff_ffff),
    });
    source.subscribe(this);
  }

  onPacket(candidate: SourcePacket): void {
    if (this.disabled) return;
    const { packet, layer, keyframe, arrivalMs } = candidate;
    const wanted = this.source.bestLayer(arrivalMs, this.maxLayer);
    if (wanted !== undefined && wanted !== this.rewriter.currentLayer && !(keyframe && layer === wanted)) {
      this.source.requestKeyframe(wanted);
    }
    const position = this.rewriter.rewrite(
      { layer, keyframe, arrivalMs, sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp },
      wanted,
    );
    if (!position) return;
    const header = writeRtpHeader(
      { marker: packet.marker, payloadType: this.options.payloadType, ssrc: this.ssrc, ...position },
      this.options.midExtension,
    );
    const datagram = this.transport.sendRtp(header, packet.payload);
    if (!datagram) {
      // Nothing went out: what follows would be useless without it.
      this.rewriter.pause();
      return;
    }
    if (this.source.kind === 'video') this.cache.put(position.sequenceNumber, datagram);
    this.packetCount += 1;
    this.octetCount += packet.payload.length;
    this.lastTimestamp = position.timestamp;
    this.lastSentMs = arrivalMs;
  }

  onDiscontinuity(): void {
    this.rewriter.pause();
  }

  /** Sends packets again that the subscriber did not get. */
  repeat(sequenceNumbers: readonly number[]): void {
    for (const sequenceNumber of sequenceNumbers.slice(0, maxRepeatsPerNack)) {
      const datagram = this.cache.get(sequenceNumber);
      if (datagram) this.transport.sendAgain(datagram);
    }
  }

  requestKeyframe(): void {
    this.source.requestKeyframe(this.rewriter.currentLayer);
  }

  /** What the subscriber wants: the largest layer to send, or nothing at all for now. */
  configure(settings: { maxLayer: number | undefined; disabled: boolean }): void {
    this.maxLayer = settings.maxLayer ?? anyLayer;
    if (settings.disabled && !this.disabled) this.rewriter.pause();
    this.disabled = settings.disabled;
  }

  /** A sender report, once packets flow. `nowMs` monotonic, `wallClockMs` since 1970. */
  senderReport(nowMs: number, wallClockMs: number): Buffer | undefined {
    if (this.lastTimestamp === undefined) return undefined;
    const elapsed = Math.round(((nowMs - this.lastSentMs) * this.source.clockRate) / 1000);
    return writeSenderReport({
      ssrc: this.ssrc,
      wallClockMs,
      rtpTimestamp: (this.lastTimestamp + elapsed) >>> 0,
      packetCount: this.packetCount,
      octetCount: this.octetCount,
      cname: this.options.cname,
    });
  }

  close(): void {
    this.source.unsubscribe(this);
  }
}

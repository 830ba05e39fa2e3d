import { GaplessNumbers } from './gapless-numbers.js';
import { type MediaCodec, startsKeyframe } from './keyframe.js';
import { KeyframeRequest } from './keyframe-request.js';
import { LayerSelector } from './layer-selector.js';
import { LossTracker } from './loss-tracker.js';
import type { MediaSink, MediaSource } from './media-source.js';
import { ReceptionStats } from './reception-stats.js';
import { type ReportBlock, writeNack, writePictureLoss } from './rtcp.js';
import type { RtpPacket } from './rtp-packet.js';

/** How an uplink talks back to its sender. */
export interface FeedbackChannel {
  readonly senderSsrc: number;
  sendRtcp(compound: Buffer): void;
}

export interface UplinkOptions {
  kind: 'audio' | 'video';
  codec: MediaCodec;
  payloadType: number;
  clockRate: number;
  /** Simulcast layers in order of size, the smallest first; empty without simulcast. */
  rids: readonly string[];
}

interface UplinkLayer {
  readonly ssrc: number;
  readonly losses: LossTracker;
  readonly stats: ReceptionStats;
  readonly numbers: GaplessNumbers;
  readonly keyframes: KeyframeRequest;
}

const vp9HoldMs = 100;

/** A published track as it comes in: its layers, their losses, reports and keyframe requests. */
export class UplinkTrack implements MediaSource {
  readonly kind: 'audio' | 'video';
  readonly codec: MediaCodec;
  readonly clockRate: number;
  private readonly payloadType: number;
  private readonly rids: readonly string[];
  private readonly selector: LayerSelector;
  private readonly layers: (UplinkLayer | undefined)[] = [];
  private readonly sinks = new Set<MediaSink>();
  private closed = false;

  constructor(
    options: UplinkOptions,
    private readonly feedback: FeedbackChannel,
  ) {
    this.kind = options.kind;
    this.codec = options.codec;
    this.clockRate = options.clockRate;
    this.payloadType = options.payloadType;
    this.rids = options.rids;
    const layerCount = Math.max(1, options.rids.length);
    // VP9 as a rule puts all its layers into one stream and leaves the others of the offer empty.
    this.selector = options.codec === 'VP9' ? new LayerSelector(layerCount, vp9HoldMs) : new LayerSelector(layerCount);
  }

  /** The layer of a restriction identifier; `undefined` when it was not negotiated. */
  layerOf(rid: string | undefined): number | undefined {
    if (this.rids.length === 0) return 0;
    const layer = rid === undefined ? -1 : this.rids.indexOf(rid);
    return layer < 0 ? undefined : layer;
  }

  receive(packet: RtpPacket, layer: number, nowMs: number): void {
    if (this.closed || packet.payloadType !== this.payloadType) return;
    const state = this.layerState(layer, packet.ssrc);
    const isRepair = this.kind === 'video' && state.losses.received(packet.sequenceNumber, nowMs);
    // What is sent again does not undo the loss: with a retransmission stream (RFC 4588) it would not be counted here.
    if (!isRepair) state.stats.received(packet.sequenceNumber, packet.timestamp, nowMs);
    // Padding alone, with which senders probe the bandwidth, keeps no layer alive and is not forwarded.
    const isPadding = packet.payload.length === 0;
    if (!isPadding) this.selector.received(layer, nowMs);
    const sequenceNumber =
      this.kind === 'video' ? state.numbers.numberOf(packet.sequenceNumber, isPadding) : packet.sequenceNumber;
    if (sequenceNumber === undefined) return;
    const keyframe = startsKeyframe(this.codec, packet.payload);
    const forwarded = { packet: { ...packet, sequenceNumber }, layer, keyframe, arrivalMs: nowMs };
    for (const sink of this.sinks) sink.onPacket(forwarded);
  }

  senderReported(ssrc: number, ntpMiddle32: number, nowMs: number): void {
    for (const layer of this.layers) if (layer?.ssrc === ssrc) layer.stats.senderReported(ntpMiddle32, nowMs);
  }

  /** Asks again for what got lost. Called every few milliseconds. */
  repairLosses(nowMs: number): void {
    if (this.kind !== 'video') return;
    for (const layer of this.layers) {
      if (!layer) continue;
      const { requestAgain, gaveUp } = layer.losses.due(nowMs);
      if (requestAgain.length > 0) {
        this.feedback.sendRtcp(writeNack(this.feedback.senderSsrc, layer.ssrc, requestAgain));
      }
      if (gaveUp) layer.keyframes.request();
    }
  }

  reports(nowMs: number): ReportBlock[] {
    return this.layers.flatMap((layer) => layer?.stats.report(nowMs) ?? []);
  }

  subscribe(sink: MediaSink): void {
    this.sinks.add(sink);
  }

  unsubscribe(sink: MediaSink): void {
    this.sinks.delete(sink);
  }

  bestLayer(nowMs: number, maxLayer: number): number | undefined {
    return this.selector.best(nowMs, maxLayer);
  }

  requestKeyframe(layer: number | undefined): void {
    if (this.kind !== 'video' || this.closed) return;
    if (layer !== undefined) this.layers[layer]?.keyframes.request();
    else for (const each of this.layers) each?.keyframes.request();
  }

  close(): void {
    this.closed = true;
    for (const layer of this.layers) layer?.keyframes.close();
    this.sinks.clear();
  }

  private layerState(layer: number, ssrc: number): UplinkLayer {
    const known = this.layers[layer];
    if (known?.ssrc === ssrc) return known;
    if (known) {
      known.keyframes.close();
      for (const sink of this.sinks) sink.onDiscontinuity();
    }
    const fresh: UplinkLayer = {
      ssrc,
      losses: new LossTracker(),
      stats: new ReceptionStats(ssrc, this.clockRate),
      numbers: new GaplessNumbers(),
      keyframes: new KeyframeRequest(() => this.feedback.sendRtcp(writePictureLoss(this.feedback.senderSsrc, ssrc))),
    };
    this.layers[layer] = fresh;
    return fresh;
  }
}

import type { MediaCodec } from './keyframe.js';
import type { RtpPacket } from './rtp-packet.js';

/** One forwarded packet with what the forwarding decision needs. */
export interface SourcePacket {
  readonly packet: RtpPacket;
  /** 0 is the smallest picture; a track without simulcast has only layer 0. */
  readonly layer: number;
  readonly keyframe: boolean;
  /** Monotonic milliseconds. */
  readonly arrivalMs: number;
}

/** Receives the packets of a source. */
export interface MediaSink {
  onPacket(packet: SourcePacket): void;
  /** The packets that follow do not continue the ones before: wait for a keyframe. */
  onDiscontinuity(): void;
}

/** A track whose packets can be forwarded. */
export interface MediaSource {
  readonly kind: 'audio' | 'video';
  readonly codec: MediaCodec;
  readonly clockRate: number;
  subscribe(sink: MediaSink): void;
  unsubscribe(sink: MediaSink): void;
  /** The layer to forward; `undefined` while there is nothing to forward yet. */
  bestLayer(nowMs: number, maxLayer: number): number | undefined;
  requestKeyframe(layer: number | undefined): void;
}

// The parts of a sample of statistics, with W3C's names.
import type { SelectedCandidatePair } from './candidate-pair.js';

/** Received audio. Members are named as in W3C webrtc-stats; `jitter` in seconds, `bitrate` in bits per second. */
export interface InboundAudioStats {
  /** Bits per second, from the bytes since the sample before; `null` in the first one. */
  readonly bitrate: number | null;
  /** Since the stream began. */
  readonly bytesReceived: number | null;
  /** Since the stream began. */
  readonly packetsReceived: number | null;
  /** Since the stream began. May go down, and below 0, when duplicates arrive (RFC 3550). */
  readonly packetsLost: number | null;
  /** Seconds. */
  readonly jitter: number | null;
}

/** Received video. */
export interface InboundVideoStats extends InboundAudioStats {
  /** Decoded frames in the last second. */
  readonly framesPerSecond: number | null;
  /** Pixels, of the last decoded frame. */
  readonly frameWidth: number | null;
  /** Pixels, of the last decoded frame. */
  readonly frameHeight: number | null;
  /** Complete frames, since the stream began. */
  readonly framesReceived: number | null;
  /** Since the stream began. */
  readonly framesDecoded: number | null;
  /** Received but not shown, since the stream began. */
  readonly framesDropped: number | null;
  /** Freezes since the stream began. */
  readonly freezeCount: number | null;
  /** Freezes since the sample before; null when there is nothing to compare with. */
  readonly freezeCountDelta: number | null;
  /** Seconds. */
  readonly totalFreezesDuration: number | null;
  /** The decoder's name, such as `libvpx`; `null` where the platform hides it. */
  readonly decoderImplementation: string | null;
}

/** Published video: bitrate over all simulcast layers, the rest of the largest active one. */
export interface OutboundVideoStats {
  /** Encoded frames in the last second. */
  readonly framesPerSecond: number | null;
  /** Pixels, as encoded. */
  readonly frameWidth: number | null;
  /** Pixels, as encoded. */
  readonly frameHeight: number | null;
  /** Bits per second, from the bytes since the sample before; `null` in the first one. */
  readonly bitrate: number | null;
  /** `none`, `cpu`, `bandwidth` or `other`. */
  readonly qualityLimitationReason: string | null;
  /** Frames given to the encoder, per second (of W3C's `media-source`). */
  readonly sourceFramesPerSecond: number | null;
}

/** What the other side reports of the stream that we send. */
export interface RemoteInboundStats {
  /** A fraction 0..1, whichever scale the stack uses. */
  readonly fractionLost: number | null;
  /** Seconds. */
  readonly jitter: number | null;
  /** Seconds. */
  readonly roundTripTime: number | null;
}

/** The transport under the media, after W3C's `candidate-pair`. */
export interface ConnectionStats {
  /** Seconds. */
  readonly currentRoundTripTime: number | null;
  /** Bits per second. */
  readonly availableOutgoingBitrate: number | null;
  /** The publishing transport's pair first. */
  readonly selectedCandidatePairs: readonly SelectedCandidatePair[];
}

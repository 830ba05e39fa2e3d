import type { PublishOptions } from '../../ports/media.js';
import type { QualityThresholds } from '../../quality/thresholds.js';
import type { LimitPlan } from './limit-plan.js';
import type { Backoff } from './retry-policy.js';

/** A reference image in its wire form: bytes as base64, or the id of an uploaded file. */
export type EncodedImage = { readonly data: string } | { readonly ref: string };

/** A prompt as it is wanted of the service. */
export interface PromptIntent {
  readonly text: string;
  readonly enhance: boolean;
}

/** Everything that a connect asks for, checked and complete, as plain data. */
export interface ConnectPlan {
  readonly model: { readonly name: string; readonly urlPath: string };
  readonly resolution: '720p' | '1080p' | null;
  readonly queryParams: Readonly<Record<string, string>>;
  /** Frames carry a marker in the picture. */
  readonly pixelLatency: boolean;
  /** Frames carry the time when they were sent, beside the picture. */
  readonly frameTiming: boolean;
  readonly initialPrompt: PromptIntent | null;
  /** `true`: the caller gave an image, which is read while the socket opens. */
  readonly initialImage: boolean;
  readonly handshake: 'lean' | 'bundled';
  readonly transport: 'livekit' | 'webrtc';
  /** Direct WebRTC: sounds can be played into the session: a live avatar without local media. */
  readonly playsAudio: boolean;
  readonly holdUntilInitialState: boolean;
  /** `owned`: opened by the session and disposed of with it. `caller`: never touched. */
  readonly localStream: 'none' | 'caller' | 'owned';
  readonly publish: PublishOptions;
  /** What the connection is judged by while the session is up. */
  readonly quality: QualityThresholds;
  readonly backoff: Backoff;
  /** The caller's own `shouldRetry` is asked about each failure. */
  readonly asksCaller: boolean;
  /** After a refusal because the account is full: the connect fails, or waits for a slot. */
  readonly whenFull: 'fail' | 'wait';
  /** Connects again after the service has ended the session, where that can help. */
  readonly reconnectsAfterEnd: boolean;
  /** For opening the socket, and for joining the room and publishing. */
  readonly connectionTimeoutMs: number;
  /** From the join to the room info, time in the queue not counted. */
  readonly handshakeTimeoutMs: number;
  /** For the whole of a first connect, time in the queue not counted. */
  readonly connectBudgetMs: number;
  readonly limits: LimitPlan;
  /** US dollars; `null`: not known. */
  readonly pricePerSecond: number | null;
  /** How long a stall of the received video may last before it is acted upon; `null`: it is not. */
  readonly recoverStalledAfterMs: number | null;
  readonly promptTimeoutMs: number;
  readonly imageTimeoutMs: number;
}

export const defaultPublishOptions: PublishOptions = Object.freeze({
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 2_000_000,
  maxFramerate: 30,
  simulcast: true,
  degradationPreference: 'balanced',
});

export const defaultTimeouts = Object.freeze({
  connectionTimeoutMs: 15_000,
  handshakeTimeoutMs: 15_000,
  connectBudgetMs: 60_000,
  recoverStalledAfterMs: 5_000,
  promptTimeoutMs: 15_000,
  imageTimeoutMs: 30_000,
});

/** How long after its limit a request's ack may still arrive and is taken for late; see PROTOCOL.md, "Late acks". */
export const LATE_ACK_WINDOW_MS = 15_000;

/** The part of its limit for which an image waits for the late ack of one that has timed out. */
export const TURN_SHARE = 0.75;

/** For how long the service may say nothing of the queue. */
export const QUEUE_SILENCE_MS = 300_000;

/** How often a socket is pinged, where the platform can; the answer has to come before the next one. */
export const PING_INTERVAL_MS = 20_000;

/** How soon a socket that is under suspicion has to answer a ping. */
export const PONG_LIMIT_MS = 5_000;

/** A request that is not answered raises a suspicion when for this long nothing at all has been heard. */
export const SILENCE_MS = 10_000;

/** A session that was live for less than this before its loss counts its tries on: no tight loop of reconnects. */
export const STABLE_AFTER_MS = 5000;

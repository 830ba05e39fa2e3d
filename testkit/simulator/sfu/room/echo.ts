import { ParticipantInfo, ParticipantInfo_State, ParticipantPermission, TrackInfo } from '@livekit/protocol';

import type { MediaCodec } from '../rtp/keyframe.js';
import type { MediaSink, MediaSource, SourcePacket } from '../rtp/media-source.js';
import type { Publication, Publisher } from './publication.js';
import { newSid } from './sid.js';

/** Passes a track through unchanged, unless it stalls or lags. */
class EchoSource implements MediaSource, MediaSink {
  readonly kind: 'audio' | 'video';
  readonly codec: MediaCodec;
  readonly clockRate: number;
  private readonly sinks = new Set<MediaSink>();
  private readonly late = new Set<NodeJS.Timeout>();
  private stalled = false;
  private lagMs = 0;

  constructor(
    private readonly original: MediaSource,
    private readonly onPacketIn: () => void,
  ) {
    this.kind = original.kind;
    this.codec = original.codec;
    this.clockRate = original.clockRate;
    original.subscribe(this);
  }

  onPacket(packet: SourcePacket): void {
    this.onPacketIn();
    if (this.stalled) return;
    if (this.lagMs === 0 && this.late.size === 0) {
      this.pass(packet);
      return;
    }
    // The receive buffer is not reused, so the packet can be kept as it is.
    const timer = setTimeout(() => {
      this.late.delete(timer);
      this.pass({ ...packet, arrivalMs: performance.now() });
    }, this.lagMs);
    this.late.add(timer);
  }

  onDiscontinuity(): void {
    for (const sink of this.sinks) sink.onDiscontinuity();
  }

  stall(on: boolean): void {
    if (this.stalled && !on) {
      this.onDiscontinuity();
      this.original.requestKeyframe(undefined);
    }
    this.stalled = on;
  }

  lag(lagMs: number): void {
    this.lagMs = lagMs;
  }

  subscribe(sink: MediaSink): void {
    this.sinks.add(sink);
  }

  unsubscribe(sink: MediaSink): void {
    this.sinks.delete(sink);
  }

  bestLayer(nowMs: number, maxLayer: number): number | undefined {
    return this.original.bestLayer(nowMs, maxLayer);
  }

  requestKeyframe(layer: number | undefined): void {
    if (!this.stalled) this.original.requestKeyframe(layer);
  }

  close(): void {
    for (const timer of this.late) clearTimeout(timer);
    this.late.clear();
    this.original.unsubscribe(this);
    this.sinks.clear();
  }

  private pass(packet: SourcePacket): void {
    for (const sink of this.sinks) sink.onPacket(packet);
  }
}

interface EchoTrack extends Publication {
  readonly source: EchoSource;
}

/** A participant that exists only in the server: it publishes what the others publish, without decoding it. */
export class EchoParticipant implements Publisher {
  readonly sid = newSid('PA');
  /** Original track sid → its echo. */
  private readonly tracks = new Map<string, EchoTrack>();
  private readonly joinedAtMs = Date.now();
  private version = 0;
  private stalled = false;
  private lagMs = 0;

  constructor(
    readonly identity: string,
    /** Called once, when the first packet to be echoed arrives. */
    private onFirstPacket: (() => void) | undefined = undefined,
  ) {}

  get publications(): Publication[] {
    return [...this.tracks.values()];
  }

  info(state = ParticipantInfo_State.ACTIVE): ParticipantInfo {
    this.version += 1;
    return new ParticipantInfo({
      sid: this.sid,
      identity: this.identity,
      name: this.identity,
      state,
      tracks: [...this.tracks.values()].map(({ info }) => info),
      joinedAt: BigInt(Math.floor(this.joinedAtMs / 1000)),
      joinedAtMs: BigInt(this.joinedAtMs),
      version: this.version,
      isPublisher: this.tracks.size > 0,
      permission: new ParticipantPermission({ canPublish: true, canSubscribe: true, canPublishData: true }),
    });
  }

  /** Begins to echo a track. */
  add(original: Publication): Publication {
    const info = new TrackInfo({ ...original.info, sid: newSid('TR'), stream: '' });
    const source = new EchoSource(original.source, () => this.noticePacket());
    source.stall(this.stalled);
    source.lag(this.lagMs);
    const echo: EchoTrack = { publisher: this, info, source };
    this.tracks.set(original.info.sid, echo);
    return echo;
  }

  /** Ends the echo of a track. */
  remove(originalSid: string): Publication | undefined {
    const echo = this.tracks.get(originalSid);
    if (!echo) return undefined;
    this.tracks.delete(originalSid);
    echo.source.close();
    return echo;
  }

  /** Takes over what may change on a track while it is published. */
  follow(original: Publication): boolean {
    const echo = this.tracks.get(original.info.sid);
    if (!echo || echo.info.muted === original.info.muted) return false;
    echo.info.muted = original.info.muted;
    return true;
  }

  /** Lets the echoed frames stop, or go on. */
  stall(on: boolean): void {
    this.stalled = on;
    for (const { source } of this.tracks.values()) source.stall(on);
  }

  /** Holds every packet back for this long. */
  lag(lagMs: number): void {
    this.lagMs = lagMs;
    for (const { source } of this.tracks.values()) source.lag(lagMs);
  }

  close(): void {
    for (const { source } of this.tracks.values()) source.close();
    this.tracks.clear();
  }

  private noticePacket(): void {
    const { onFirstPacket } = this;
    this.onFirstPacket = undefined;
    onFirstPacket?.();
  }
}

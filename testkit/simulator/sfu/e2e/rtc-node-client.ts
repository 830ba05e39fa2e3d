import type * as RtcNode from '@livekit/rtc-node';

import { createAccessToken } from '../media-server.js';

let loaded: Promise<typeof RtcNode> | undefined;

/** Loads the native client quietly: it logs to stdout unless that is switched off before the first import. */
export function rtcNode(): Promise<typeof RtcNode> {
  process.env.NODE_ENV = 'production';
  loaded ??= import('@livekit/rtc-node');
  return loaded;
}

/** Call in `afterAll`: without it the process would not end. */
export async function disposeRtcNode(): Promise<void> {
  if (loaded) await (await loaded).dispose();
}

/** The part of `MediaServer` that a client needs. */
export interface ServerAddress {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface JoinOptions {
  room: string;
  identity: string;
  canPublish?: boolean;
  canSubscribe?: boolean;
  hidden?: boolean;
  canPublishData?: boolean;
  canUpdateOwnMetadata?: boolean;
  autoSubscribe?: boolean;
}

export interface VideoOptions {
  codec?: 'VP8' | 'H264' | 'VP9';
  simulcast?: boolean;
  /** Of the largest layer, in bit/s. By default the library chooses it by the size of the picture. */
  maxBitrate?: number;
}

/** Waits for the first value of an event that `pick` accepts. */
type Pick<Args extends unknown[], Value> = (...args: Args) => Value | undefined;

/** A real client of the media server, as a test uses it. */
export class RtcNodeClient {
  private readonly cleanups: (() => void | Promise<void>)[] = [];

  private constructor(
    readonly sdk: typeof RtcNode,
    readonly room: RtcNode.Room,
    readonly identity: string,
  ) {}

  static async join(server: ServerAddress, options: JoinOptions): Promise<RtcNodeClient> {
    const sdk = await rtcNode();
    const { apiKey, apiSecret } = server;
    const token = await createAccessToken({ apiKey, apiSecret, ...options });
    const client = new RtcNodeClient(sdk, new sdk.Room(), options.identity);
    await client.room.connect(server.url, token, {
      autoSubscribe: options.autoSubscribe ?? true,
      dynacast: false,
    });
    return client;
  }

  /** The next event that is wanted. Ask before causing it. */
  next<Value>(event: RtcNode.RoomEvent, pick: Pick<never[], Value>): Promise<Value> {
    const { room } = this;
    return new Promise((resolve) => {
      const listener = (...args: never[]) => {
        const value = pick(...args);
        if (value === undefined) return;
        room.off(event, listener as never);
        resolve(value);
      };
      room.on(event, listener as never);
    });
  }

  /** The track of a participant, now or as soon as it is subscribed. */
  trackOf(identity: string, kind: 'audio' | 'video' = 'video'): Promise<RtcNode.RemoteTrack> {
    const wanted = kind === 'video' ? this.sdk.TrackKind.KIND_VIDEO : this.sdk.TrackKind.KIND_AUDIO;
    for (const { track } of this.room.remoteParticipants.get(identity)?.trackPublications.values() ?? []) {
      if (track && track.kind === wanted) return Promise.resolve(track as RtcNode.RemoteTrack);
    }
    return this.next(
      this.sdk.RoomEvent.TrackSubscribed,
      (track: RtcNode.RemoteTrack, _publication: unknown, participant: RtcNode.RemoteParticipant) =>
        participant.identity === identity && track.kind === wanted ? track : undefined,
    );
  }

  /** Publishes a moving picture until the client leaves. */
  async publishVideo(
    options: VideoOptions & { width?: number; height?: number } = {},
  ): Promise<RtcNode.LocalTrackPublication> {
    const { sdk } = this;
    const { width = 320, height = 180, ...publishing } = options;
    const source = new sdk.VideoSource(width, height);
    const publication = await this.publish(source, publishing);
    const pixels = new Uint8Array((width * height * 3) / 2).fill(128);
    let frame = 0;
    const timer = setInterval(() => {
      frame += 1;
      for (let y = 0; y < height; y += 1) pixels.fill((y + frame * 3) & 255, y * width, (y + 1) * width);
      source.captureFrame(new sdk.VideoFrame(pixels, width, height, sdk.VideoBufferType.I420));
    }, 33);
    this.cleanups.push(() => clearInterval(timer));
    return publication;
  }

  /** Publishes a source somebody else feeds. */
  async publish(
    source: RtcNode.VideoSource,
    { codec = 'VP8', simulcast = false, maxBitrate }: VideoOptions = {},
  ): Promise<RtcNode.LocalTrackPublication> {
    const { sdk } = this;
    const track = sdk.LocalVideoTrack.createVideoTrack('video', source);
    this.cleanups.push(() => track.close());
    const publishOptions = new sdk.TrackPublishOptions({
      source: sdk.TrackSource.SOURCE_CAMERA,
      simulcast,
      videoCodec: sdk.VideoCodec[codec],
      ...(maxBitrate !== undefined && { videoEncoding: { maxBitrate: BigInt(maxBitrate), maxFramerate: 30 } }),
    });
    return this.participant.publishTrack(track, publishOptions);
  }

  /** Publishes a tone until the client leaves. */
  async publishAudio(): Promise<RtcNode.LocalTrackPublication> {
    const { sdk } = this;
    const source = new sdk.AudioSource(48_000, 1);
    const track = sdk.LocalAudioTrack.createAudioTrack('tone', source);
    const samples = Int16Array.from({ length: 480 }, (_, i) => Math.round(8000 * Math.sin((i * 2 * Math.PI) / 48)));
    let on = true;
    const feed = async () => {
      while (on) await source.captureFrame(new sdk.AudioFrame(samples, 48_000, 1, samples.length));
    };
    const feeding = feed().catch(() => {});
    this.cleanups.push(async () => {
      on = false;
      await feeding;
      await track.close();
    });
    const options = new sdk.TrackPublishOptions({ source: sdk.TrackSource.SOURCE_MICROPHONE });
    return this.participant.publishTrack(track, options);
  }

  get participant(): RtcNode.LocalParticipant {
    const { localParticipant } = this.room;
    if (!localParticipant) throw new Error('The client is not in a room.');
    return localParticipant;
  }

  async leave(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0)) await cleanup();
    await this.room.disconnect();
  }
}

/** The frames of a remote track, one after the other, until the caller stops reading. */
export async function* framesOf(sdk: typeof RtcNode, track: RtcNode.RemoteTrack): AsyncGenerator<RtcNode.VideoFrame> {
  const reader = new sdk.VideoStream(track).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value.frame;
    }
  } finally {
    await reader.cancel();
  }
}

/** Reads frames until `enough` says so, and gives the number read. */
export async function readFrames(
  sdk: typeof RtcNode,
  track: RtcNode.RemoteTrack,
  enough: (frame: RtcNode.VideoFrame, count: number) => boolean,
): Promise<number> {
  let count = 0;
  for await (const frame of framesOf(sdk, track)) {
    count += 1;
    if (enough(frame, count)) break;
  }
  return count;
}

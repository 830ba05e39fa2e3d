import { type AddTrackRequest, SimulcastCodecInfo, TrackInfo, TrackType } from '@livekit/protocol';

import type { MediaCodec } from '../rtp/keyframe.js';
import type { MediaSource } from '../rtp/media-source.js';

/** Somebody who publishes: a connected participant or a virtual one. */
export interface Publisher {
  readonly identity: string;
  readonly sid: string;
}

/** Whether it is the service's own: such tracks are not echoed, and are all that a plain peer connection receives. */
export const isService = ({ identity }: Publisher): boolean => identity.startsWith('inference-');

/** A track that can be subscribed to. */
export interface Publication {
  readonly publisher: Publisher;
  readonly info: TrackInfo;
  readonly source: MediaSource;
}

export function mimeTypeOf(codec: MediaCodec): string {
  return codec === 'opus' ? 'audio/opus' : `video/${codec}`;
}

/** The codec a client asks to publish with, from a bare name or a MIME type. */
export function codecOf(name: string): MediaCodec | undefined {
  const bare = name.toLowerCase().replace(/^(video|audio)\//, '');
  return ({ vp8: 'VP8', h264: 'H264', vp9: 'VP9', opus: 'opus' } as const)[bare];
}

/** The description of a track that is about to be published. */
export function trackInfoFor(request: AddTrackRequest, sid: string): TrackInfo {
  const isVideo = request.type === TrackType.VIDEO;
  const info = new TrackInfo({
    sid,
    type: request.type,
    name: request.name,
    muted: request.muted,
    width: request.width,
    height: request.height,
    simulcast: isVideo && request.layers.length > 1,
    disableDtx: request.disableDtx,
    source: request.source,
    layers: request.layers,
    stereo: request.stereo,
    disableRed: true,
    encryption: request.encryption,
    stream: request.stream,
    backupCodecPolicy: request.backupCodecPolicy,
    audioFeatures: request.audioFeatures,
    packetTrailerFeatures: request.packetTrailerFeatures,
  });
  const codec = requestedCodec(request) ?? (isVideo ? 'VP8' : 'opus');
  setCodec(info, codec, request);
  return info;
}

export function requestedCodec(request: AddTrackRequest): MediaCodec | undefined {
  const first = request.simulcastCodecs.find((entry) => entry.cid !== '') ?? request.simulcastCodecs[0];
  return first && codecOf(first.codec);
}

/** Writes the codec that is really used into the description, as subscribers will see it. */
export function setCodec(info: TrackInfo, codec: MediaCodec, request: AddTrackRequest): void {
  info.mimeType = mimeTypeOf(codec);
  info.codecs = [
    new SimulcastCodecInfo({ mimeType: info.mimeType, cid: request.cid, layers: request.layers, mid: info.mid }),
  ];
}

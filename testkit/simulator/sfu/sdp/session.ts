import { parse } from 'sdp-transform';

import type { MediaCodec } from '../rtp/keyframe.js';
import type { Fingerprint } from '../transport/secure-link.js';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One codec of a media section, with the payload type that the section gave it. */
export interface SdpCodec {
  readonly codec: MediaCodec;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels: number;
  readonly fmtp: string;
}

/** What the media server needs to know of one remote media section. */
export interface SdpSection {
  readonly mid: string;
  readonly kind: 'audio' | 'video' | 'application' | 'other';
  readonly direction: Direction;
  /** Port 0: the section is not in use any more, or never was. */
  readonly isRejected: boolean;
  /** The codecs understood here, in the order of preference; one entry per codec. */
  readonly codecs: readonly SdpCodec[];
  /** Header extension URI → id. */
  readonly extensions: ReadonlyMap<string, number>;
  /** The second token of `a=msid`: the id of the track that is sent. */
  readonly trackId: string | undefined;
  /** Restriction identifiers of the simulcast layers sent, the first one being the first listed. */
  readonly sendRids: readonly string[];
  /** SSRCs that carry media (those of repair flows are left out). */
  readonly ssrcs: readonly number[];
}

export interface RemoteDescription {
  readonly sections: readonly SdpSection[];
  readonly ufrag: string;
  readonly fingerprint: Fingerprint | undefined;
}

type ParsedMedia = ReturnType<typeof parse>['media'][number];

const supported: Record<string, MediaCodec> = { vp8: 'VP8', h264: 'H264', vp9: 'VP9', opus: 'opus' };

/** Reads an offer or answer; `undefined` when it is no SDP with at least one media section. Never throws. */
export function readDescription(sdp: string): RemoteDescription | undefined {
  let session: ReturnType<typeof parse>;
  try {
    session = parse(sdp);
  } catch {
    return undefined;
  }
  if (!Array.isArray(session.media) || session.media.length === 0) return undefined;
  const withIce = session.media.find((media) => media.iceUfrag !== undefined);
  const fingerprint = session.fingerprint ?? session.media.find((media) => media.fingerprint)?.fingerprint;
  return {
    sections: session.media.map(readSection),
    ufrag: String(session.iceUfrag ?? withIce?.iceUfrag ?? ''),
    fingerprint: fingerprint && { algorithm: fingerprint.type, value: fingerprint.hash },
  };
}

function readSection(media: ParsedMedia, index: number): SdpSection {
  return {
    mid: media.mid === undefined ? String(index) : String(media.mid),
    kind: media.type === 'audio' || media.type === 'video' || media.type === 'application' ? media.type : 'other',
    direction: media.direction ?? 'sendrecv',
    isRejected: media.port === 0 && media.bundleOnly === undefined,
    codecs: readCodecs(media),
    extensions: new Map((media.ext ?? []).map((extension) => [extension.uri, extension.value])),
    trackId: readTrackId(media),
    sendRids: readSendRids(media),
    ssrcs: readSsrcs(media),
  };
}

function readCodecs(media: ParsedMedia): SdpCodec[] {
  const codecs: SdpCodec[] = [];
  for (const rtp of media.rtp ?? []) {
    const codec = supported[String(rtp.codec).toLowerCase()];
    if (!codec) continue;
    const fmtp = String(media.fmtp?.find((entry) => entry.payload === rtp.payload)?.config ?? '');
    if (codec === 'H264' && !isPlainH264(fmtp)) continue;
    if (codec === 'VP9' && /profile-id=[1-9]/.test(fmtp)) continue;
    if (codecs.some((known) => known.codec === codec)) continue;
    codecs.push({
      codec,
      payloadType: rtp.payload,
      clockRate: rtp.rate ?? 90_000,
      channels: Number(rtp.encoding ?? 1),
      fmtp,
    });
  }
  return codecs;
}

/** Constrained baseline in non-interleaved packets: what every client both sends and plays. */
function isPlainH264(fmtp: string): boolean {
  return /packetization-mode=1/.test(fmtp) && /profile-level-id=42e0/i.test(fmtp);
}

function readTrackId(media: ParsedMedia): string | undefined {
  const msid = media.msid as unknown;
  const first = Array.isArray(msid) ? (msid[0] as unknown) : msid;
  if (typeof first === 'string') return first.trim().split(/\s+/)[1];
  if (first && typeof first === 'object') {
    const appdata = Object.values(first)[1];
    if (typeof appdata === 'string') return appdata;
  }
  return media.ssrcs?.find((line) => line.attribute === 'msid')?.value?.split(' ')[1];
}

function readSendRids(media: ParsedMedia): string[] {
  return (media.rids ?? []).filter((rid) => rid.direction === 'send').map((rid) => String(rid.id));
}

function readSsrcs(media: ParsedMedia): number[] {
  const repair = new Set<number>();
  for (const group of media.ssrcGroups ?? []) {
    if (group.semantics !== 'FID' && group.semantics !== 'FEC-FR') continue;
    for (const ssrc of String(group.ssrcs).split(' ').slice(1)) repair.add(Number(ssrc));
  }
  const ssrcs = new Set<number>();
  for (const line of media.ssrcs ?? []) {
    const ssrc = Number(line.id);
    if (Number.isInteger(ssrc) && !repair.has(ssrc)) ssrcs.add(ssrc);
  }
  return [...ssrcs];
}

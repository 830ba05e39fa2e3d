import type { Fingerprint } from '../transport/secure-link.js';
import { answeredExtensions } from './header-extensions.js';
import type { Direction, SdpCodec } from './session.js';

/** What is the same in every section of a description. */
export interface TransportParameters {
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprint: Fingerprint;
  /** The server's host candidates. */
  readonly candidates: readonly { address: string; port: number }[];
}

/** A stream that the server sends in a section. */
export interface SentStream {
  readonly ssrc: number;
  readonly cname: string;
  readonly streamId: string;
  readonly trackId: string;
}

export type WrittenSection =
  | { readonly kind: 'application'; readonly mid: string }
  | { readonly kind: 'rejected'; readonly mid: string; readonly media: 'audio' | 'video' | 'application' }
  | {
      readonly kind: 'audio' | 'video';
      readonly mid: string;
      readonly direction: Direction;
      readonly codecs: readonly SdpCodec[];
      readonly extensions: ReadonlyMap<string, number>;
      /** Simulcast layers that are received, as the peer listed them. */
      readonly receiveRids?: readonly string[];
      readonly sends?: SentStream;
    };

/** Kilobits per second that a browser's encoder starts with, instead of creeping up from 300. */
const startBitrateKbps = 2000;

/** Writes an SDP description: `answer`s with `setup:passive`, `offer`s with `setup:actpass`. */
export function writeDescription(
  type: 'offer' | 'answer',
  version: number,
  transport: TransportParameters,
  sections: readonly WrittenSection[],
): string {
  const bundled = sections.filter((section) => section.kind !== 'rejected').map((section) => section.mid);
  const lines = [
    'v=0',
    `o=- 4611731400430051336 ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundled.join(' ')}`,
    'a=msid-semantic: WMS *',
    'a=ice-lite',
  ];
  let carriesCandidates = true;
  for (const section of sections) {
    if (section.kind === 'rejected') {
      lines.push(...rejectedSection(section.media, section.mid));
      continue;
    }
    lines.push(...(section.kind === 'application' ? applicationHead() : mediaHead(section.kind, section.codecs)));
    lines.push(
      `a=mid:${section.mid}`,
      `a=ice-ufrag:${transport.ufrag}`,
      `a=ice-pwd:${transport.password}`,
      `a=fingerprint:${transport.fingerprint.algorithm} ${transport.fingerprint.value}`,
      `a=setup:${type === 'offer' ? 'actpass' : 'passive'}`,
    );
    lines.push(
      ...(section.kind === 'application'
        ? ['a=sctp-port:5000', 'a=max-message-size:262144']
        : mediaBody(section, type)),
    );
    if (carriesCandidates) lines.push(...candidateLines(transport.candidates));
    carriesCandidates = false;
  }
  return `${lines.join('\r\n')}\r\n`;
}

function candidateLines(candidates: TransportParameters['candidates']): string[] {
  return [
    ...candidates.map(
      ({ address, port }, index) =>
        `a=candidate:${index + 1} 1 udp ${2_130_706_431 - index} ${address} ${port} typ host`,
    ),
    'a=end-of-candidates',
  ];
}

function rejectedSection(media: 'audio' | 'video' | 'application', mid: string): string[] {
  const head =
    media === 'application' ? 'm=application 0 UDP/DTLS/SCTP webrtc-datachannel' : `m=${media} 0 UDP/TLS/RTP/SAVPF 0`;
  return [head, 'c=IN IP4 0.0.0.0', `a=mid:${mid}`, 'a=inactive'];
}

function applicationHead(): string[] {
  return ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0'];
}

function mediaHead(kind: 'audio' | 'video', codecs: readonly SdpCodec[]): string[] {
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codecs.map((codec) => codec.payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
  ];
}

type MediaSection = Extract<WrittenSection, { direction: Direction }>;

function mediaBody(section: MediaSection, type: 'offer' | 'answer'): string[] {
  const lines = answeredExtensions(section.kind, section.extensions).map((value) => `a=extmap:${value}`);
  if (section.sends) lines.push(`a=msid:${section.sends.streamId} ${section.sends.trackId}`);
  lines.push(`a=${section.direction}`, 'a=rtcp-mux', 'a=rtcp-rsize');
  // In every section of an answer: what shares a payload type in a bundle has to share its parameters.
  const startsHigh = section.kind === 'video' && type === 'answer';
  for (const codec of section.codecs) lines.push(...codecLines(section.kind, codec, startsHigh));
  const rids = section.receiveRids ?? [];
  for (const rid of rids) lines.push(`a=rid:${rid} recv`);
  if (rids.length > 0) lines.push(`a=simulcast:recv ${rids.join(';')}`);
  if (section.sends) {
    const { ssrc, cname, streamId, trackId } = section.sends;
    lines.push(`a=ssrc:${ssrc} cname:${cname}`, `a=ssrc:${ssrc} msid:${streamId} ${trackId}`);
  }
  return lines;
}

function codecLines(kind: 'audio' | 'video', codec: SdpCodec, startsHigh: boolean): string[] {
  const { payloadType } = codec;
  const channels = codec.channels > 1 ? `/${codec.channels}` : '';
  const lines = [`a=rtpmap:${payloadType} ${codec.codec}/${codec.clockRate}${channels}`];
  const feedback = kind === 'video' ? ['transport-cc', 'ccm fir', 'nack', 'nack pli'] : ['transport-cc'];
  lines.push(...feedback.map((value) => `a=rtcp-fb:${payloadType} ${value}`));
  const parameters = [codec.fmtp.replace(/;?x-google-[^;]*/g, '')].filter((value) => value !== '');
  if (startsHigh) parameters.push(`x-google-start-bitrate=${startBitrateKbps}`);
  if (parameters.length > 0) lines.push(`a=fmtp:${payloadType} ${parameters.join(';')}`);
  return lines;
}

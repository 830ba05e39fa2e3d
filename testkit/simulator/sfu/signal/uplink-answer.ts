import { headerExtension } from '../sdp/header-extensions.js';
import type { RemoteDescription, SdpCodec, SdpSection } from '../sdp/session.js';
import type { SentStream, WrittenSection } from '../sdp/write.js';

/** What the server sends in a section that the client offered to receive in. */
export interface SendingSection {
  readonly stream: SentStream;
  readonly codec: SdpCodec;
}

/** The order simulcast layers have from the smallest to the largest picture. */
const ridOrder = ['q', 'h', 'f'];

/** The simulcast layers of a section, the smallest first. */
export function layersOf(section: SdpSection): string[] {
  const known = section.sendRids.every((rid) => ridOrder.includes(rid));
  return known
    ? [...section.sendRids].sort((a, b) => ridOrder.indexOf(a) - ridOrder.indexOf(b))
    : [...section.sendRids];
}

export function isSending(section: SdpSection): boolean {
  return !section.isRejected && (section.direction === 'sendonly' || section.direction === 'sendrecv');
}

/** A section in which the client sends audio or video. */
export const isSendingMedia = (section: SdpSection): boolean =>
  (section.kind === 'audio' || section.kind === 'video') && isSending(section);

/**
 * Answers a client's offer section by section: receives what it sends, sends what `sending` says,
 * and keeps everything else open but inactive, ready for later use.
 */
export function answerSections(
  offer: RemoteDescription,
  sending: (section: SdpSection) => SendingSection | undefined,
  preferred: (section: SdpSection) => SdpCodec | undefined,
): WrittenSection[] {
  return offer.sections.map((section): WrittenSection => {
    const { mid, kind } = section;
    if (kind === 'application') {
      return section.isRejected ? { kind: 'rejected', media: 'application', mid } : { kind, mid };
    }
    if (kind === 'other' || section.isRejected || section.codecs.length === 0) {
      return { kind: 'rejected', media: kind === 'other' ? 'application' : kind, mid };
    }
    const common = { kind, mid, extensions: section.extensions };
    if (isSending(section)) {
      const canTellLayers = section.extensions.has(headerExtension.rid);
      return {
        ...common,
        direction: 'recvonly',
        codecs: preferFirst(section.codecs, preferred(section)),
        receiveRids: canTellLayers ? section.sendRids : [],
      };
    }
    const sent = sending(section);
    if (sent) return { ...common, direction: 'sendonly', codecs: [sent.codec], sends: sent.stream };
    return { ...common, direction: 'inactive', codecs: section.codecs };
  });
}

function preferFirst(codecs: readonly SdpCodec[], first: SdpCodec | undefined): SdpCodec[] {
  return first ? [first, ...codecs.filter((codec) => codec !== first)] : [...codecs];
}

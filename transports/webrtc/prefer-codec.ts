import type { VideoCodec } from '../../core/ports/media.js';

/** Offers this codec first for all video. Does nothing where the platform has no say in it, or no such codec. */
export function preferCodec(
  peer: RTCPeerConnection,
  receiver: Pick<typeof RTCRtpReceiver, 'getCapabilities'>,
  preferred: VideoCodec,
): void {
  const codecs = receiver.getCapabilities('video')?.codecs ?? [];
  const isPreferred = ({ mimeType }: { mimeType: string }): boolean => mimeType.toLowerCase() === `video/${preferred}`;
  const ordered = [...codecs.filter(isPreferred), ...codecs.filter((codec) => !isPreferred(codec))];
  if (!codecs.some(isPreferred)) return;
  for (const transceiver of peer.getTransceivers()) {
    // Not in every browser, although the types say so.
    if (transceiver.receiver.track.kind === 'video') transceiver.setCodecPreferences?.(ordered);
  }
}

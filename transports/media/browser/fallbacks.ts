import type { RoomEvent, VideoCodec } from '../../../core/ports/media.js';
import type { PublishableStream } from './local-stream.js';

type Fallback = Extract<RoomEvent, { type: 'transportState' }>;

/** The codec that video is sent with: the preferred one, or VP8, which every browser has. */
export function sendableCodec(preferred: VideoCodec): VideoCodec {
  const { RTCRtpSender: Sender } = globalThis as { RTCRtpSender?: Partial<typeof RTCRtpSender> };
  const codecs = Sender?.getCapabilities?.('video')?.codecs;
  // A browser that does not say is taken at its word when it answers.
  if (!codecs) return preferred;
  return codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${preferred}`) ? preferred : 'vp8';
}

/** What this browser does in another way than asked for, to be reported once video is sent. */
export function fallbacksOf(localStream: PublishableStream | null, preferred: VideoCodec): readonly Fallback[] {
  const codec = sendableCodec(preferred);
  const framePath = localStream?.framePath ?? null;
  return [
    ...(codec === preferred ? [] : [fallback('codecFallback', codec)]),
    ...(framePath === null || framePath === 'worker' ? [] : [fallback('frameFallback', framePath)]),
  ];
}

const fallback = (kind: Fallback['kind'], value: string): Fallback => ({ type: 'transportState', kind, value });

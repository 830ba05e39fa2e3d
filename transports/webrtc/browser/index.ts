import type { DirectRequest, MediaTransport } from '../../../core/ports/media.js';
import type { PublishableStream } from '../../media/browser/local-stream.js';
import type { PlaybackSettings } from '../../media/browser/remote-slot.js';
import type { BrowserRemoteStream } from '../../media/browser/remote-stream.js';
import { createRoom } from '../../media/room.js';
import { BrowserDirectConnection } from './direct-connection.js';

export interface DirectBrowserTransportOptions extends Partial<PlaybackSettings> {
  /** How long a connection may take once the service has answered, in milliseconds. @default 10,000 */
  readonly connectTimeoutMs?: number;
}

/** Media over the browser's own `RTCPeerConnection`, for direct WebRTC mode. Nothing is loaded, nothing is opened before a join. */
export function createDirectBrowserTransport(
  options: DirectBrowserTransportOptions = {},
): MediaTransport<PublishableStream, BrowserRemoteStream, DirectRequest<PublishableStream>> {
  const { connectTimeoutMs = 10_000, onPlaybackRefused = () => undefined, follow = null } = options;
  const settings = { connectTimeoutMs, onPlaybackRefused, follow };
  return { join: (request) => createRoom((emit) => new BrowserDirectConnection(settings, request, emit)) };
}

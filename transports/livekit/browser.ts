import type { Observable } from 'rxjs';
import type { MediaTransport } from '../../core/ports.js';
import type { AttachOptions } from './browser/attach.js';
import { type LiveKitClient, loadFailure, loadLiveKitClient, loggerName, type Room } from './browser/load.js';
import type { PublishableStream } from './browser/local-stream.js';
import type { BrowserRemoteStream } from './browser/remote-stream.js';
import { createRoom } from './browser/room.js';
import type { PreparedRoom } from './browser/room-stay.js';

export { type AttachOptions, attachStream } from './browser/attach.js';
export { frameStream, readFrames } from './browser/frame-reader.js';
export { isMediaStream, type PublishableStream, requireVideoTrack } from './browser/local-stream.js';
export type { BrowserRemoteStream } from './browser/remote-stream.js';

export interface LiveKitBrowserTransportOptions {
  /** How long each step of a join may take, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Loads `livekit-client`. Default: the installed package, with its logging switched off. */
  readonly load?: () => Promise<LiveKitClient>;
  /** What the elements that a stream is attached to show, from that stream on. Default: that stream only. */
  readonly follow?: (stream: BrowserRemoteStream) => Observable<BrowserRemoteStream | null>;
  /** Told when the browser refuses to play an attached stream. */
  readonly onPlaybackRefused?: AttachOptions['onPlaybackRefused'];
}

/**
 * Media over LiveKit in browsers, by `livekit-client`, which is loaded on the first `preload()` or join, never before.
 *
 * @example
 * ```ts
 * const transport = createLiveKitBrowserTransport();
 * const room = transport.join({ url, token, localStream, videoTrack: null, publish, onMarker: null });
 * room.events$.subscribe((event) => event.type === 'streamChanged' && event.stream?.attach(video));
 * ```
 */
export function createLiveKitBrowserTransport(
  options: LiveKitBrowserTransportOptions = {},
): MediaTransport<PublishableStream, BrowserRemoteStream> {
  const { connectTimeoutMs = 10_000, load = loadLiveKitClient, follow = null } = options;
  const { onPlaybackRefused = () => undefined } = options;
  let loading: Promise<LiveKitClient> | null = null;
  /** Made ahead of its use, and used by the next join. */
  let spare: PreparedRoom | null = null;

  const loaded = async (): Promise<LiveKitClient> => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      // What cannot be had now may be there on the next try.
      loading = null;
      throw loadFailure(error);
    }
  };
  const warmUp = async (): Promise<void> => {
    const sdk = await loaded();
    spare ??= { sdk, room: createLiveKitRoom(sdk) };
  };
  const prepare = async (): Promise<PreparedRoom> => {
    if (!spare) await warmUp();
    const prepared = spare ?? { sdk: await loaded(), room: createLiveKitRoom(await loaded()) };
    spare = null;
    return prepared;
  };

  return {
    join: (request) => createRoom(prepare, { connectTimeoutMs, onPlaybackRefused, follow }, request),
    preload(room) {
      const work = async (): Promise<void> => {
        await warmUp();
        // A room that is being joined already needs no preparing.
        if (room) await spare?.room.prepareConnection(room.url, room.token);
      };
      // The join that needs it tries again, and says what is wrong.
      work().catch(() => undefined);
    },
  };
}

function createLiveKitRoom(sdk: LiveKitClient): Room {
  const room = new sdk.Room({
    adaptiveStream: false,
    dynacast: false,
    stopLocalTrackOnUnpublish: false,
    // The service notices by its signaling socket; what looks like leaving may be a download link.
    disconnectOnPageLeave: false,
    loggerName,
  });
  const { disconnect } = room;
  // The room disconnects itself when the page is frozen, and would end the caller's tracks.
  room.disconnect = () => disconnect(false);
  return room;
}

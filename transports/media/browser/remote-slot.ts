import type { Observable } from 'rxjs';
import type { MediaRequest, RoomEvent } from '../../../core/ports/media.js';
import type { AttachOptions } from './attach.js';
import { type BrowserRemoteStream, createRemoteStream, type RemoteTracks } from './remote-stream.js';

/** What a client's elements have in common, over every media transport. */
export interface PlaybackSettings {
  readonly onPlaybackRefused: NonNullable<AttachOptions['onPlaybackRefused']>;
  /** What the elements that a stream is attached to show, from that stream on; `null`: that stream only. */
  readonly follow: ((stream: BrowserRemoteStream) => Observable<BrowserRemoteStream | null>) | null;
}

/** The remote stream of one stay: a fresh one whenever its tracks change. */
export interface RemoteSlot {
  readonly tracks: RemoteTracks;
  /** Does nothing when these are the tracks already. */
  show(tracks: RemoteTracks): void;
  stop(): void;
}

export function createRemoteSlot(
  { onPlaybackRefused, follow }: PlaybackSettings,
  { onMarker, onLatency = null }: Pick<MediaRequest, 'onMarker' | 'onLatency'>,
  tell: (event: RoomEvent<BrowserRemoteStream>) => void,
): RemoteSlot {
  let tracks: RemoteTracks = { video: null, audio: null };
  let remote: ReturnType<typeof createRemoteStream> | null = null;
  return {
    get tracks() {
      return tracks;
    },
    show(next) {
      const before = tracks;
      tracks = next;
      if (next.video === before.video && next.audio === before.audio) return;
      remote?.stop();
      remote = null;
      if (next.video || next.audio) {
        remote = createRemoteStream(next, {
          onFirstFrame: () => tell({ type: 'firstFrame' }),
          onMarker,
          onLatency,
          onPlaybackRefused,
          follow,
        });
      }
      tell({ type: 'streamChanged', stream: remote?.stream ?? null });
    },
    stop: () => remote?.stop(),
  };
}

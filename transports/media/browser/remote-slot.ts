import type { Observable } from 'rxjs';
import type { MediaRequest, RoomEvent } from '../../../core/ports/media.js';
import type { AttachOptions } from './attach.js';
import { untilReplaced } from './played.js';
import { type BrowserRemoteStream, createRemoteStream, type RemoteTracks } from './remote-stream.js';

/** What a client's elements have in common, over every media transport. */
export interface PlaybackSettings {
  readonly onPlaybackRefused: NonNullable<AttachOptions['onPlaybackRefused']>;
  /** What the elements that a stream is attached to show, from that stream on; `null`: that stream only. */
  readonly follow: ((stream: BrowserRemoteStream) => Observable<BrowserRemoteStream | null>) | null;
}

/** The remote stream of one connection: a fresh one whenever its tracks change. */
export interface RemoteSlot {
  readonly tracks: RemoteTracks;
  /** Does nothing when these are the tracks already. */
  show(tracks: RemoteTracks): void;
  /** Stops the stream; one that an element is just replacing by the next session's goes on until that is seen. */
  stop(): Promise<void>;
}

export function createRemoteSlot(
  { onPlaybackRefused, follow }: PlaybackSettings,
  { onMarker, onLatency = null }: Pick<MediaRequest, 'onMarker' | 'onLatency'>,
  emit: (event: RoomEvent<BrowserRemoteStream>) => void,
): RemoteSlot {
  let tracks: RemoteTracks = { video: null, audio: null };
  let remote: ReturnType<typeof createRemoteStream> | null = null;
  /** Streams that have gained a track since: whoever holds one goes on seeing it. */
  let outgrown: ReturnType<typeof createRemoteStream>[] = [];
  const stop = async (): Promise<void> => {
    const stopped = [...outgrown, remote].map((each) => each?.stop());
    outgrown = [];
    await Promise.all(stopped);
  };
  return {
    get tracks() {
      return tracks;
    },
    show(next) {
      const before = tracks;
      tracks = next;
      if (next.video === before.video && next.audio === before.audio) return;
      const grows = remote !== null && isAmong(before, next);
      if (remote !== null && grows) outgrown.push(remote);
      else stop();
      remote = null;
      if (next.video || next.audio) {
        // Its frames are counted and its markers read once.
        const isSeen = grows && before.video !== null;
        remote = createRemoteStream(next, {
          onFirstFrame: () => !isSeen && emit({ type: 'firstFrame' }),
          onMarker: isSeen ? null : onMarker,
          onLatency: isSeen ? null : onLatency,
          onPlaybackRefused,
          follow,
        });
      }
      emit({ type: 'streamChanged', stream: remote?.stream ?? null });
    },
    async stop() {
      if (remote) await untilReplaced(remote.stream.mediaStream);
      await stop();
    },
  };
}

/** Nothing of it has gone. */
const isAmong = (before: RemoteTracks, next: RemoteTracks): boolean =>
  (before.video === null || before.video === next.video) && (before.audio === null || before.audio === next.audio);

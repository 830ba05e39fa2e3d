import type { LocalTrack, LocalVideoTrack, TrackPublishOptions } from 'livekit-client';
import type { PublishOptions } from '../../../core/ports/media.js';
import { type LiveKitClient, loggerName, type Room } from './load.js';
import { audioPublishOptions, videoPublishOptions } from './publish-options.js';

export interface LocalPublisher {
  publishVideo(track: MediaStreamTrack): Promise<void>;
  publishAudio(track: MediaStreamTrack): Promise<void>;
  /** Sends another video track in the present one's place. */
  replaceVideo(track: MediaStreamTrack): Promise<void>;
  readonly senders: readonly RTCRtpSender[];
  /** Takes our listeners, and those that LiveKit forgets, off the tracks, and the tracks out of its streams. */
  release(): void;
}

/**
 * Publishes tracks that stay their owner's: LiveKit is kept from enabling one that is disabled, and from holding on
 * to it when the room is left.
 */
export function createLocalPublisher(
  sdk: LiveKitClient,
  room: Room,
  { publish, timesFrames }: { readonly publish: PublishOptions; readonly timesFrames: boolean },
  onVideoEnded: () => void,
): LocalPublisher {
  /** LiveKit's objects around the tracks: known before they are published, which may be called off half way. */
  const holders: LocalTrack[] = [];
  const published: LocalTrack[] = [];
  const touched = new Set<MediaStreamTrack>();
  let video: LocalVideoTrack | null = null;
  let watched: MediaStreamTrack | null = null;
  let isReleased = false;

  const watch = (track: MediaStreamTrack | null): void => {
    watched?.removeEventListener('ended', onVideoEnded);
    watched = track;
    watched?.addEventListener('ended', onVideoEnded);
  };

  const publishHeld = async (track: MediaStreamTrack, holder: LocalTrack, options: TrackPublishOptions) => {
    touched.add(track);
    holders.push(holder);
    try {
      await keepingDisabled(track, () => room.localParticipant.publishTrack(holder, options));
      published.push(holder);
    } finally {
      if (isReleased) letGo();
    }
  };

  const letGo = (): void => {
    for (const holder of holders) {
      // LiveKit takes its own listeners off only when it stops a track, which it must not do here.
      const listeners = Object.values(holder).filter((value) => typeof value === 'function');
      for (const track of touched) {
        for (const type of ['ended', 'mute', 'unmute']) {
          for (const listener of listeners) track.removeEventListener(type, listener as EventListener);
        }
      }
      empty(holder.mediaStream);
    }
  };

  return {
    async publishVideo(track) {
      watch(track);
      const holder = new sdk.LocalVideoTrack(track, undefined, true, { loggerName });
      await publishHeld(track, holder, videoPublishOptions(sdk, publish, timesFrames));
      video = holder;
    },
    async publishAudio(track) {
      const holder = new sdk.LocalAudioTrack(track, undefined, true, undefined, { loggerName });
      await publishHeld(track, holder, audioPublishOptions(sdk));
    },
    async replaceVideo(track) {
      const sending = video;
      if (!sending) return this.publishVideo(track);
      const { mediaStream, mediaStreamTrack } = sending;
      watch(track);
      touched.add(track);
      await keepingDisabled(track, async () => {
        await sending.replaceTrack(track, true);
        // It was muted when the track before it ended.
        if (sending.isMuted) await sending.unmute();
      });
      if (sending.mediaStream !== mediaStream) empty(mediaStream);
      // LiveKit has taken its listeners off that one.
      if (track !== mediaStreamTrack) touched.delete(mediaStreamTrack);
    },
    get senders() {
      return published.flatMap(({ sender }) => sender ?? []);
    },
    release() {
      isReleased = true;
      watch(null);
      letGo();
    },
  };
}

/** Chromium keeps a stream as long as any track in it goes on, and the caller's do. */
function empty(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) stream?.removeTrack(track);
}

/** LiveKit enables what it publishes; a disabled track is one that its owner does not want to be seen or heard. */
async function keepingDisabled<T>(track: MediaStreamTrack, work: () => Promise<T>): Promise<T> {
  if (track.enabled) return work();
  const disable = (): void => {
    track.enabled = false;
  };
  const soon = setTimeout(disable);
  try {
    return await work();
  } finally {
    clearTimeout(soon);
    disable();
  }
}

import type { LocalTrack, LocalVideoTrack } from 'livekit-client';
import type { PublishOptions } from '../../../core/ports/media.js';
import type { LiveKitClient, Room } from './load.js';
import { audioPublishOptions, videoPublishOptions } from './publish-options.js';

export interface LocalPublisher {
  publishVideo(track: MediaStreamTrack): Promise<void>;
  publishAudio(track: MediaStreamTrack): Promise<void>;
  /** Sends another video track in the present one's place. */
  replaceVideo(track: MediaStreamTrack): Promise<void>;
  readonly senders: readonly RTCRtpSender[];
  /** Takes our listeners, and those that LiveKit forgets, off the tracks. */
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
  const published: LocalTrack[] = [];
  const touched = new Set<MediaStreamTrack>();
  let video: LocalVideoTrack | null = null;
  let watched: MediaStreamTrack | null = null;

  const watch = (track: MediaStreamTrack | null): void => {
    watched?.removeEventListener('ended', onVideoEnded);
    watched = track;
    watched?.addEventListener('ended', onVideoEnded);
  };

  return {
    async publishVideo(track) {
      watch(track);
      touched.add(track);
      const publication = await keepingDisabled(track, () =>
        room.localParticipant.publishTrack(track, videoPublishOptions(sdk, publish, timesFrames)),
      );
      video = publication.videoTrack as LocalVideoTrack;
      published.push(video);
    },
    async publishAudio(track) {
      touched.add(track);
      const publication = await keepingDisabled(track, () =>
        room.localParticipant.publishTrack(track, audioPublishOptions(sdk)),
      );
      if (publication.audioTrack) published.push(publication.audioTrack as LocalTrack);
    },
    async replaceVideo(track) {
      const sending = video;
      if (!sending) return this.publishVideo(track);
      watch(track);
      touched.add(track);
      await keepingDisabled(track, async () => {
        await sending.replaceTrack(track, true);
        // It was muted when the track before it ended.
        if (sending.isMuted) await sending.unmute();
      });
    },
    get senders() {
      return published.flatMap(({ sender }) => sender ?? []);
    },
    release() {
      watch(null);
      for (const holder of published) {
        // LiveKit takes its own listeners off only when it stops a track, which it must not do here.
        const listeners = Object.values(holder).filter((value) => typeof value === 'function');
        for (const track of touched) {
          for (const type of ['ended', 'mute', 'unmute']) {
            for (const listener of listeners) track.removeEventListener(type, listener as EventListener);
          }
        }
      }
    },
  };
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

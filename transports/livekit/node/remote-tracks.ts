import type { LiveKitNode } from './native.js';
import type { RemoteTracks } from './remote-stream.js';

type Room = InstanceType<LiveKitNode['Room']>;

const servicePrefix = 'inference-server-';

const isService = ({ identity }: { readonly identity: string }): boolean => identity.startsWith(servicePrefix);

/**
 * Other participants' cameras are not shown, so they are not subscribed to either. `declined` keeps those that were
 * unsubscribed; while the native library reconnects it does not pass that on, so a track that arrives all the same is
 * declined again.
 */
export function declineOthers(room: Pick<Room, 'remoteParticipants'>, declined: WeakSet<object>): void {
  for (const participant of room.remoteParticipants.values()) {
    if (isService(participant)) continue;
    for (const publication of participant.trackPublications.values()) {
      if (declined.has(publication) && !publication.subscribed) continue;
      declined.add(publication);
      publication.setSubscribed(false);
    }
  }
}

/** The tracks that make the remote stream: the first video and the first audio of those that the service sends. */
export function serviceTracks(rtc: LiveKitNode, room: Pick<Room, 'remoteParticipants'>): RemoteTracks {
  let videoTrack: RemoteTracks['videoTrack'] = null;
  let audioTrack: RemoteTracks['audioTrack'] = null;
  for (const participant of room.remoteParticipants.values()) {
    if (!isService(participant)) continue;
    for (const { track } of participant.trackPublications.values()) {
      if (track instanceof rtc.RemoteVideoTrack) videoTrack ??= track;
      if (track instanceof rtc.RemoteAudioTrack) audioTrack ??= track;
    }
  }
  return { videoTrack, audioTrack };
}

import type { RemoteTrack } from 'livekit-client';
import type { RemoteTracks } from '../../media/browser/remote-stream.js';
import type { Room } from './load.js';

const servicePrefix = 'inference-server-';

export const isService = ({ identity }: { readonly identity: string }): boolean => identity.startsWith(servicePrefix);

/**
 * The first live video and the first live audio of those that the service sends. Ended tracks are left out: one of them
 * in a stream freezes the element that plays it, whatever other tracks it has.
 */
export function serviceTracks(room: Pick<Room, 'remoteParticipants'>): RemoteTracks {
  const tracks = [...room.remoteParticipants.values()]
    .filter(isService)
    .flatMap(({ trackPublications }) => [...trackPublications.values()])
    .flatMap(({ track }) => (track?.mediaStreamTrack.readyState === 'live' ? [track as RemoteTrack] : []));
  return {
    video: tracks.find(({ kind }) => kind === 'video') ?? null,
    audio: tracks.find(({ kind }) => kind === 'audio') ?? null,
  };
}

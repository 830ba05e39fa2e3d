import { distinctUntilChanged, type Subscription, skip } from 'rxjs';
import type { PublishableStream } from './local-stream.js';

/**
 * Follows a camera that is switched: the track that takes the published one's place is sent instead. `onState` is called
 * when there is none any more, and when one could not be sent.
 */
export function followOwnTracks(
  localStream: PublishableStream | null,
  published: MediaStreamTrack | null,
  replace: (track: MediaStreamTrack) => Promise<void>,
  onState: (localTrack: 'ended' | 'failed') => void,
): Subscription | null {
  const changes$ = localStream?.videoTrack$?.pipe(distinctUntilChanged(), skip(1));
  let sent = published;
  return (
    changes$?.subscribe((track) => {
      if (track === sent) return;
      if (track === null) return onState('ended');
      sent = track;
      // One that does not take its place leaves the old one's: nothing new is seen, and the next may do better.
      replace(track).catch(() => onState('failed'));
    }) ?? null
  );
}

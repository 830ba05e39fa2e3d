import type { RemoteTracks } from '../../media/browser/remote-stream.js';
import { type LiveKitClient, loggerName, type Room } from './load.js';
import { isService, serviceTracks } from './remote-tracks.js';

const lookAgainMs = 100;
const lookAgainTimes = 60;

/**
 * Reports the service's tracks whenever they may have changed. Room events alone won't do: after a full reconnect
 * LiveKit holds back what happens in the first seconds and never delivers it, so participants are listened to one by
 * one, and the room is looked at again for a while. An ended track changes the list, too.
 */
export function watchServiceTracks(
  sdk: LiveKitClient,
  room: Room,
  on: Room['on'],
  onTracks: (tracks: RemoteTracks) => void,
): { look(): void; stop(): void } {
  const { RoomEvent, ParticipantEvent } = sdk;
  const participants = new WeakSet<object>();
  let media: readonly MediaStreamTrack[] = [];
  let timer: ReturnType<typeof setInterval> | undefined;
  let isStopped = false;

  const look = (): void => {
    if (isStopped) return;
    for (const participant of room.remoteParticipants.values()) {
      const isShown = isService(participant);
      if (isShown && !participants.has(participant)) {
        participants.add(participant);
        participant.on(ParticipantEvent.TrackSubscribed, look).on(ParticipantEvent.TrackUnsubscribed, look);
      }
      for (const publication of participant.trackPublications.values()) {
        // Other participants' cameras are not shown, so they are not subscribed to either.
        if (!isShown && publication.isDesired) publication.setSubscribed(false);
        // LiveKit does not pass the room's logger to received tracks, which log their last statistics to the console.
        publication.track?.updateLoggerOptions({ loggerName });
      }
    }
    const tracks = serviceTracks(room);
    for (const track of media) track.removeEventListener('ended', look);
    media = [tracks.video, tracks.audio].flatMap((track) => track?.mediaStreamTrack ?? []);
    for (const track of media) track.addEventListener('ended', look);
    onTracks(tracks);
  };
  const lookForAWhile = (): void => {
    clearInterval(timer);
    let times = 0;
    timer = setInterval(() => {
      times += 1;
      if (times >= lookAgainTimes) clearInterval(timer);
      look();
    }, lookAgainMs);
    look();
  };

  on(RoomEvent.TrackPublished, look);
  on(RoomEvent.TrackSubscribed, look);
  on(RoomEvent.TrackUnsubscribed, look);
  on(RoomEvent.ParticipantConnected, look);
  on(RoomEvent.ParticipantDisconnected, look);
  on(RoomEvent.Reconnected, lookForAWhile);

  return {
    look,
    stop() {
      isStopped = true;
      clearInterval(timer);
      for (const track of media) track.removeEventListener('ended', look);
    },
  };
}

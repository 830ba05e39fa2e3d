import { type LiveKitClient, loggerName, type Room } from './load.js';
import { isService, type RemoteTracks, serviceTracks } from './remote-tracks.js';

const lookAgainMs = 100;
const lookAgainTimes = 60;

/**
 * Tells of the service's tracks whenever they may have changed. Room events alone won't do: after a full reconnect
 * LiveKit holds back what happens in the first seconds and never delivers it, so participants are listened to one by
 * one, and the room is looked at again for a while. An ended track changes the list, too.
 */
export function watchServiceTracks(
  sdk: LiveKitClient,
  room: Room,
  on: Room['on'],
  tell: (tracks: RemoteTracks) => void,
): { look(): void; stop(): void } {
  const { RoomEvent, ParticipantEvent } = sdk;
  const participants = new WeakSet<object>();
  let media: readonly MediaStreamTrack[] = [];
  let timer: ReturnType<typeof setInterval> | undefined;
  let isStopped = false;

  const look = (): void => {
    if (isStopped) return;
    for (const participant of room.remoteParticipants.values()) {
      if (!isService(participant) || participants.has(participant)) continue;
      participants.add(participant);
      participant.on(ParticipantEvent.TrackSubscribed, look).on(ParticipantEvent.TrackUnsubscribed, look);
    }
    declineOthers(room);
    const tracks = serviceTracks(room);
    hush(room);
    for (const track of media) track.removeEventListener('ended', look);
    media = [tracks.video, tracks.audio].flatMap((track) => track?.mediaStreamTrack ?? []);
    for (const track of media) track.addEventListener('ended', look);
    tell(tracks);
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

  const { TrackPublished, TrackSubscribed, TrackUnsubscribed, ParticipantConnected, ParticipantDisconnected } =
    RoomEvent;
  for (const event of [
    TrackPublished,
    TrackSubscribed,
    TrackUnsubscribed,
    ParticipantConnected,
    ParticipantDisconnected,
  ]) {
    on(event, look);
  }
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

/** Nobody else's camera is shown: it is not to be fetched, either. */
function declineOthers(room: Room): void {
  for (const participant of room.remoteParticipants.values()) {
    if (isService(participant)) continue;
    for (const publication of participant.trackPublications.values()) {
      if (publication.isDesired) publication.setSubscribed(false);
    }
  }
}

/** LiveKit does not hand the room's logger on to received tracks, which tell their last statistics on the console. */
function hush(room: Room): void {
  for (const { trackPublications } of room.remoteParticipants.values()) {
    for (const { track } of trackPublications.values()) track?.updateLoggerOptions({ loggerName });
  }
}

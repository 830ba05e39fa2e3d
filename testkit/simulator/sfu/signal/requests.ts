import {
  DisconnectReason,
  RequestResponse,
  RequestResponse_Reason,
  type SignalRequest,
  SubscriptionError,
  SubscriptionResponse,
  TrackPublishedResponse,
  TrackType,
  VideoQuality,
} from '@livekit/protocol';

import type { Participant } from '../room/participant.js';
import type { Room } from '../room/room.js';

type RequestMessage = SignalRequest['message'];
type RequestOf<Case extends RequestMessage['case']> = Extract<RequestMessage, { case: Case }>['value'];

/** Does what a participant asks for over its signalling socket. */
export function handleRequest(message: RequestMessage, participant: Participant, room: Room): void {
  switch (message.case) {
    case 'offer':
      participant.peers?.handleOffer(message.value);
      return;
    case 'answer':
      participant.peers?.handleAnswer(message.value);
      return;
    case 'addTrack':
      addTrack(message.value, participant);
      return;
    case 'mute':
      mute(message.value, participant, room);
      return;
    case 'subscription':
      updateSubscriptions(message.value, participant, room);
      return;
    case 'trackSetting':
      for (const sid of message.value.trackSids) {
        participant.configureSubscription(sid, {
          maxLayer: maxLayerOf(message.value),
          disabled: message.value.disabled,
        });
      }
      return;
    case 'updateMetadata':
      updateMetadata(message.value, participant, room);
      return;
    case 'leave':
      room.remove(participant, undefined, DisconnectReason.CLIENT_INITIATED);
      return;
    default:
      // Trickled candidates are not needed by an ICE-lite server; the rest changes nothing here.
      return;
  }
}

function addTrack(request: RequestOf<'addTrack'>, participant: Participant): void {
  if (!participant.grant.canPublish || request.type === TrackType.DATA) {
    const response = new RequestResponse({
      reason: RequestResponse_Reason.NOT_ALLOWED,
      message: 'publishing is not allowed',
      request: { case: 'addTrack', value: request },
    });
    participant.send({ case: 'requestResponse', value: response });
    return;
  }
  const track = participant.uplinks.announce(request);
  participant.send({ case: 'trackPublished', value: new TrackPublishedResponse({ cid: request.cid, track }) });
}

function mute(request: RequestOf<'mute'>, participant: Participant, room: Room): void {
  const publication = participant.uplinks.mute(request.sid, request.muted);
  if (publication) room.trackChanged(participant, publication);
}

function updateSubscriptions(request: RequestOf<'subscription'>, participant: Participant, room: Room): void {
  const sids = [...request.trackSids, ...request.participantTracks.flatMap(({ trackSids }) => trackSids)];
  const available = new Map(room.publications().map((publication) => [publication.info.sid, publication]));
  for (const sid of sids) {
    const publication = available.get(sid);
    if (!request.subscribe) participant.unsubscribe(sid, true);
    else if (publication) participant.subscribe(publication);
    else {
      const value = new SubscriptionResponse({ trackSid: sid, err: SubscriptionError.SE_TRACK_NOTFOUND });
      participant.send({ case: 'subscriptionResponse', value });
    }
  }
}

function maxLayerOf(request: RequestOf<'trackSetting'>): number | undefined {
  // A client that states a size instead of a quality wants what fits that size: the best there is.
  if (request.width > 0 || request.quality === VideoQuality.HIGH || request.quality === VideoQuality.OFF) {
    return undefined;
  }
  return request.quality === VideoQuality.LOW ? 0 : 1;
}

function updateMetadata(request: RequestOf<'updateMetadata'>, participant: Participant, room: Room): void {
  const answer = (reason: RequestResponse_Reason, message = '') => {
    const { requestId } = request;
    const value = new RequestResponse({
      requestId,
      reason,
      message,
      request: { case: 'updateMetadata', value: request },
    });
    participant.send({ case: 'requestResponse', value });
  };
  if (!participant.grant.canUpdateOwnMetadata) {
    answer(RequestResponse_Reason.NOT_ALLOWED, 'does not have permission to update own metadata');
    return;
  }
  if (request.metadata !== '') participant.metadata = request.metadata;
  if (request.name !== '') participant.name = request.name;
  for (const [key, value] of Object.entries(request.attributes)) {
    if (value === '') delete participant.attributes[key];
    else participant.attributes[key] = value;
  }
  room.announce(participant);
  answer(RequestResponse_Reason.OK);
}

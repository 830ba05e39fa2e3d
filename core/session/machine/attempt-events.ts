// What happens in the present try, or in the live session.
import { takeImageAck, takePromptAck } from './acks.js';
import { failTry } from './attempts.js';
import { directHappened } from './direct-handshake.js';
import { type AttemptDraft, changeAttempt, diagnose, emit, takeId } from './draft.js';
import type { AttemptEvent } from './events.js';
import {
  firstFrameReceived,
  generationSeen,
  queuePositionChanged,
  roomInfoReceived,
  roomJoined,
  roomPublished,
  socketOpened,
  streamChanged,
} from './handshake.js';
import { billingSeen } from './limits.js';
import { signOfLife } from './liveness.js';
import { messageMalformed, messageUnknown } from './odd-messages.js';
import { generationEnded } from './service-end.js';
import { videoRecovered, videoStalled } from './stall.js';
import { requestUnanswered } from './timer-fired.js';
import { serverFailed, socketClosed } from './wire-failures.js';

export function attemptHappened(draft: AttemptDraft, event: AttemptEvent): void {
  if (event.type.startsWith('server.') && event.type !== 'server.messageMalformed')
    signOfLife(draft, event.type === 'server.generationTicked' ? event.seconds : null);
  switch (event.type) {
    case 'request.unanswered':
      return requestUnanswered(draft);

    case 'socket.opened':
      return socketOpened(draft, event);
    case 'socket.ponged':
      return signOfLife(draft);
    case 'socket.failed':
      changeAttempt(draft, { socket: 'closed' });
      return failTry(draft, event.failure);
    case 'socket.closed':
      return socketClosed(draft, event);

    case 'server.roomInfoReceived':
      return roomInfoReceived(draft, event);
    case 'server.signalled':
    case 'server.sessionIdReceived':
    case 'server.readyReported':
    case 'room.signalled':
    case 'handshake.initialStateSettled':
      return directHappened(draft, event);
    case 'server.queuePositionChanged':
      return queuePositionChanged(draft, event);
    case 'server.promptAcked':
      return takePromptAck(draft, event);
    case 'server.imageAcked':
      return takeImageAck(draft, event);
    case 'server.generationStarted':
      generationSeen(draft);
      return billingSeen(draft);
    case 'server.generationTicked':
      // The first tick stands in for a missing start.
      generationSeen(draft);
      emit(draft, { type: 'output.emit', output: { type: 'generationTicked', seconds: event.seconds } });
      return billingSeen(draft);
    case 'server.generationEnded':
      return generationEnded(draft, event);
    case 'server.errorReported':
      return serverFailed(draft, event.error);
    case 'server.statusReported':
      return diagnose(draft, { name: 'status', status: event.status });
    case 'server.messageUnknown':
      return messageUnknown(draft, event.messageType);
    case 'server.messageMalformed':
      return messageMalformed(draft, event.reason);

    case 'room.joined':
      return roomJoined(draft);
    case 'room.published':
      return roomPublished(draft);
    case 'room.streamChanged':
      if (event.streamId !== null) takeId(draft, event.streamId);
      return streamChanged(draft, event.streamId);
    case 'room.firstFrameReceived':
      return firstFrameReceived(draft);
    case 'room.reconnecting':
      return diagnose(draft, { name: 'mediaReconnecting' });
    case 'room.reconnected':
      return diagnose(draft, { name: 'mediaReconnected' });
    case 'room.transportStateChanged':
      return diagnose(draft, { name: 'transportState', kind: event.kind, value: event.value });
    case 'media.stalled':
      return videoStalled(draft);
    case 'media.recovered':
      return videoRecovered(draft, event.durationMs);
    case 'media.pairSelected':
      return diagnose(draft, { name: 'selectedCandidatePair', local: event.local, remote: event.remote });
    case 'room.lost':
      return failTry(draft, event.failure);
    case 'room.closed':
      changeAttempt(draft, { room: 'closed' });
      return failTry(draft, { code: 'WEBRTC_ICE_ERROR', message: 'The media room closed.' });
  }
}

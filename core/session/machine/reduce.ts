import type { Failure } from '../../errors.js';
import { takeImageAck, takePromptAck } from './acks.js';
import { decideRetry, endSession, failTry, giveUp, startConnect } from './attempts.js';
import { directHappened } from './direct-handshake.js';
import { changeAttempt, changeConnection, type Draft, diagnose, emit, forgetClosed, takeId } from './draft.js';
import type { SessionEffect } from './effects.js';
import { clientReleased, disconnectCalled, endedByCaller } from './endings.js';
import type { SessionEvent } from './events.js';
import { handedOver, tookOver } from './handover.js';
import {
  firstFrameReceived,
  generationSeen,
  joinRoom,
  queuePositionChanged,
  roomInfoReceived,
  roomJoined,
  roomPublished,
  socketOpened,
  streamChanged,
} from './handshake.js';
import { initialImageFailed, initialImageRead } from './initial-image.js';
import { activitySeen, billingSeen, visibilityChanged } from './limits.js';
import { signOfLife } from './liveness.js';
import { messageMalformed, messageUnknown } from './odd-messages.js';
import { networkChanged } from './offline.js';
import { cancelRequest, failReadImage, requestImage, requestPrompt, takeReadImage } from './requests.js';
import { generationEnded } from './service-end.js';
import { videoRecovered, videoStalled } from './stall.js';
import { isActive, type SessionState } from './state.js';
import { requestUnanswered, timerFired } from './timer-fired.js';
import { serverFailed, socketClosed } from './wire-failures.js';

/**
 * The whole logic of a session: what is true after an event, and what is to be done about it.
 *
 * Pure and total: no clock (events carry their time), no randomness (the seed is state), it throws nothing and runs
 * nothing.
 *
 * @returns the next state (the same object when nothing changed) and the orders, in order.
 *
 * @example
 * ```ts
 * import { initialSessionState, reduceSession } from 'decart-rx';
 *
 * const [state, effects] = reduceSession(initialSessionState, { type: 'caller.disconnectRequested', atMs: 0 });
 * console.log(state.status, effects.length); // 'disconnected', 0
 * ```
 */
export function reduceSession(
  state: SessionState,
  event: SessionEvent,
): readonly [SessionState, readonly SessionEffect[]] {
  const draft: Draft = { state, effects: [], atMs: event.atMs };
  advance(draft, event);
  return [draft.state, draft.effects];
}

const aborted: Failure = { code: 'ABORTED', message: 'The connect was aborted.' };

function advance(draft: Draft, event: SessionEvent): void {
  // Events of an older try are dropped here and only here. Only its end still matters.
  if ('attempt' in event && (!isActive(draft.state) || draft.state.attempt?.id !== event.attempt)) {
    if (event.type === 'socket.closed' || event.type === 'socket.failed')
      forgetClosed(draft, `socket:${event.attempt}`);
    if (event.type === 'room.closed') forgetClosed(draft, `room:${event.attempt}`);
    return;
  }
  if (event.type.startsWith('server.') && event.type !== 'server.messageMalformed')
    signOfLife(draft, event.type === 'server.generationTicked' ? event.seconds : null);
  switch (event.type) {
    case 'caller.connectRequested':
      takeId(draft, event.connectId);
      return startConnect(draft, event);
    case 'caller.connectAborted':
      if (isActive(draft.state) && draft.state.connection.connectId === event.connectId)
        endSession(draft, aborted, endedByCaller('disconnect'));
      return;
    case 'caller.retryDecided':
      if (isActive(draft.state) && draft.state.connection.connectId === event.connectId)
        decideRetry(draft, event.failure, event.retry);
      return;
    case 'caller.disconnectRequested':
      return endSession(draft, disconnectCalled, endedByCaller('disconnect'));
    case 'caller.releaseRequested':
      endSession(draft, clientReleased, endedByCaller('release'));
      draft.state = { ...draft.state, released: true };
      return;
    case 'caller.promptRequested':
      takeId(draft, event.requestId);
      activitySeen(draft);
      return requestPrompt(draft, event);
    case 'caller.imageRequested':
      takeId(draft, event.requestId);
      activitySeen(draft);
      return requestImage(draft, event);
    case 'caller.handedOver':
      return handedOver(draft, event);
    case 'caller.tookOver':
      return tookOver(draft, event);
    case 'caller.switchReported':
      return diagnose(draft, { name: 'seamlessSwitch', outcome: event.outcome, reason: event.reason });
    case 'caller.activityReported':
      return activitySeen(draft);
    case 'caller.requestCancelled':
      return cancelRequest(draft, event.requestId);

    case 'local.opened':
      if (!isCurrentConnect(draft, event.connectId)) return;
      changeConnection(draft, { localStream: 'open' });
      return joinRoom(draft);
    case 'local.failed':
      // There is nothing to publish, and another try would ask the same device again.
      if (isCurrentConnect(draft, event.connectId)) {
        changeConnection(draft, { localStream: 'none' });
        giveUp(draft, event.failure);
      }
      return;
    case 'local.closed':
      return forgetClosed(draft, `local:${event.connectId}`);
    case 'image.read':
      if (isCurrentConnect(draft, event.readId)) return initialImageRead(draft, event.image);
      return takeReadImage(draft, event.readId, event.image);
    case 'image.failed':
      if (isCurrentConnect(draft, event.readId)) return initialImageFailed(draft, event.failure);
      return failReadImage(draft, event.readId, event.failure);
    case 'network.changed':
      return networkChanged(draft, event.isOnline);
    case 'page.visibilityChanged':
      return visibilityChanged(draft, event.isVisible);
    case 'request.unanswered':
      return requestUnanswered(draft);
    case 'timer.fired':
      return timerFired(draft, event.timer);

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
      takeId(draft, event.streamId ?? 0);
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

const isCurrentConnect = (draft: Draft, connectId: number): boolean =>
  isActive(draft.state) && draft.state.connection.connectId === connectId;

import type { Failure } from '../../errors.js';
import { takeImageAck, takePromptAck } from './acks.js';
import { beginTry, decideRetry, endSession, failTry, giveUp, startConnect } from './attempts.js';
import {
  changeAttempt,
  changeEngagement,
  diagnose,
  forgetClosed,
  order,
  reportError,
  type Transition,
} from './draft.js';
import type { SessionEffect } from './effects.js';
import { clientReleased, disconnectCalled } from './endings.js';
import type { SessionEvent } from './events.js';
import {
  firstFrameReceived,
  generationSeen,
  joinRoom,
  queuePositionChanged,
  roomInfoReceived,
  roomJoined,
  roomPublished,
  socketOpened,
  stageTimedOut,
  streamChanged,
} from './handshake.js';
import { sendOpening } from './initial-state.js';
import {
  cancelRequest,
  failReadImage,
  failRequests,
  forgetRequest,
  requestImage,
  requestPrompt,
  takeReadImage,
  timeOutRequest,
} from './requests.js';
import { failureOfClose, failureOfServerText } from './retry-policy.js';
import { stallLasts, videoRecovered, videoStalled } from './stall.js';
import { isActive, isLive, type SessionState } from './state.js';

/**
 * The whole logic of a session: what is true after an event, and what is to be done about it.
 *
 * Pure and total: no clock (events carry their time), no chance (the seed is state), nothing thrown, nothing run.
 *
 * @returns the next state (the same object when nothing changed) and the orders, in order.
 *
 * @example
 * ```ts
 * const [state, effects] = reduceSession(initialSessionState, { type: 'caller.disconnectRequested', atMs: 0 });
 * ```
 */
export function reduceSession(
  state: SessionState,
  event: SessionEvent,
): readonly [SessionState, readonly SessionEffect[]] {
  const t: Transition = { state, effects: [], atMs: event.atMs };
  advance(t, event);
  return [t.state, t.effects];
}

const aborted: Failure = { code: 'ABORTED', message: 'The connect was aborted.' };

function advance(t: Transition, event: SessionEvent): void {
  // A frame of an older try is dropped here, and so nowhere else. Only its end is of interest.
  if ('attempt' in event && (!isActive(t.state) || t.state.attempt?.id !== event.attempt)) {
    if (event.type === 'socket.closed' || event.type === 'socket.failed') forgetClosed(t, `socket:${event.attempt}`);
    if (event.type === 'room.closed') forgetClosed(t, `room:${event.attempt}`);
    return;
  }
  switch (event.type) {
    case 'caller.connectRequested':
      takeId(t, event.connectId);
      return startConnect(t, event);
    case 'caller.connectAborted':
      if (isActive(t.state) && t.state.engagement.connectId === event.connectId) endSession(t, aborted);
      return;
    case 'caller.retryDecided':
      if (isActive(t.state) && t.state.engagement.connectId === event.connectId)
        decideRetry(t, event.failure, event.retry);
      return;
    case 'caller.disconnectRequested':
      return endSession(t, disconnectCalled);
    case 'caller.releaseRequested':
      endSession(t, clientReleased);
      t.state = { ...t.state, released: true };
      return;
    case 'caller.promptRequested':
      takeId(t, event.requestId);
      return requestPrompt(t, event);
    case 'caller.imageRequested':
      takeId(t, event.requestId);
      return requestImage(t, event);
    case 'caller.requestCancelled':
      return cancelRequest(t, event.requestId);

    case 'local.opened':
      if (!isEngaged(t, event.connectId)) return;
      changeEngagement(t, { localStream: 'open' });
      return joinRoom(t);
    case 'local.failed':
      // There is nothing to publish, and another try would ask the same device again.
      if (isEngaged(t, event.connectId)) {
        changeEngagement(t, { localStream: 'none' });
        giveUp(t, event.failure);
      }
      return;
    case 'local.closed':
      return forgetClosed(t, `local:${event.connectId}`);
    case 'image.read':
      if (!isEngaged(t, event.readId)) return takeReadImage(t, event.readId, event.image);
      changeEngagement(t, { initialImage: 'read' });
      t.state = { ...t.state, intent: { ...t.state.intent, image: event.image } };
      return sendOpening(t);
    case 'image.failed':
      if (!isEngaged(t, event.readId)) return failReadImage(t, event.readId, event.failure);
      changeEngagement(t, { initialImage: 'none' });
      return giveUp(t, event.failure);
    case 'timer.fired':
      return timerFired(t, event.key);

    case 'socket.opened':
      return socketOpened(t);
    case 'socket.failed':
      changeAttempt(t, { socket: 'closed' });
      return failTry(t, event.failure);
    case 'socket.closed':
      changeAttempt(t, { socket: 'closed' });
      return failTry(t, failureOfClose(event));

    case 'server.roomInfoReceived':
      return roomInfoReceived(t, event);
    case 'server.queuePositionChanged':
      return queuePositionChanged(t, event);
    case 'server.promptAcked':
      return takePromptAck(t, event);
    case 'server.imageAcked':
      return takeImageAck(t, event);
    case 'server.generationStarted':
      return generationSeen(t);
    case 'server.generationTicked':
      // The first tick stands in for a missing start.
      generationSeen(t);
      return order(t, { type: 'fact.report', fact: { type: 'generationTicked', seconds: event.seconds } });
    case 'server.generationEnded': {
      const { seconds, reason } = event;
      return order(t, { type: 'fact.report', fact: { type: 'generationEnded', seconds, reason } });
    }
    case 'server.errorReported':
      return serverFailed(t, failureOfServerText(event.error, 'WEBRTC_SERVER_ERROR'));
    case 'server.statusReported':
      return diagnose(t, { name: 'status', status: event.status });
    case 'server.messageUnknown': {
      const count = t.state.unknownMessages + 1;
      t.state = { ...t.state, unknownMessages: count };
      return diagnose(t, { name: 'messageUnknown', messageType: event.messageType, count });
    }
    case 'server.messageMalformed': {
      const { reason } = event;
      const count = t.state.malformedMessages + 1;
      t.state = { ...t.state, malformedMessages: count };
      diagnose(t, { name: 'messageMalformed', reason, count });
      const message = `A frame from the service could not be read: ${reason}.`;
      return reportError(t, { code: 'WEBRTC_SIGNALING_ERROR', message });
    }

    case 'room.joined':
      return roomJoined(t);
    case 'room.published':
      return roomPublished(t);
    case 'room.streamChanged':
      takeId(t, event.streamId ?? 0);
      return streamChanged(t, event.streamId);
    case 'room.firstFrameReceived':
      return firstFrameReceived(t);
    case 'room.reconnecting':
      return diagnose(t, { name: 'mediaReconnecting' });
    case 'room.reconnected':
      return diagnose(t, { name: 'mediaReconnected' });
    case 'room.transportStateChanged':
      return diagnose(t, { name: 'transportState', kind: event.kind, value: event.value });
    case 'media.stalled':
      return videoStalled(t);
    case 'media.recovered':
      return videoRecovered(t, event.durationMs);
    case 'media.pairSelected':
      return diagnose(t, { name: 'selectedCandidatePair', local: event.local, remote: event.remote });
    case 'room.lost':
      return failTry(t, event.failure);
    case 'room.closed':
      changeAttempt(t, { room: 'closed' });
      return failTry(t, { code: 'WEBRTC_ICE_ERROR', message: 'The media room closed.' });
  }
}

/** An id drawn outside is taken out of the state's source too. */
function takeId(t: Transition, id: number): void {
  if (id >= t.state.nextId) t.state = { ...t.state, nextId: id + 1 };
}

const isEngaged = (t: Transition, connectId: number): boolean =>
  isActive(t.state) && t.state.engagement.connectId === connectId;

/** A server's `error` fails all that is pending; while connecting that is the try itself. */
function serverFailed(t: Transition, failure: Failure): void {
  if (!isLive(t.state)) return failTry(t, failure);
  reportError(t, failure);
  failRequests(t, failure);
}

function timerFired(t: Transition, key: string): void {
  // A timer that was cancelled while its firing was on the way is not in the state any more.
  if (!t.state.timers.includes(key)) return;
  t.state = { ...t.state, timers: t.state.timers.filter((other) => other !== key) };
  const [purpose, id] = key.split(':');
  switch (purpose) {
    case 'socket':
    case 'handshake':
    case 'room':
      return stageTimedOut(t, purpose);
    case 'stall-resume':
      return stallLasts(t, 'resume');
    case 'stall-reconnect':
      return stallLasts(t, 'reconnect');
    case 'retry':
      return beginTry(t);
    case 'ack':
      return timeOutRequest(t, Number(id));
    case 'lateAck':
      return forgetRequest(t, Number(id));
    case 'budget':
      return giveUp(t, {
        code: 'WEBRTC_TIMEOUT_ERROR',
        message: 'The session did not come up in time.',
        data: { stage: 'connect' },
      });
  }
}

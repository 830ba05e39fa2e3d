import type { Failure } from '../../errors.js';
import { attemptHappened } from './attempt-events.js';
import { decideRetry, endSession, giveUp, startConnect } from './attempts.js';
import {
  type ActiveDraft,
  changeConnection,
  type Draft,
  diagnose,
  forgetClosed,
  isActiveDraft,
  isAttemptDraft,
  takeId,
} from './draft.js';
import type { SessionEffect } from './effects.js';
import { clientReleased, disconnectCalled, endedByCaller } from './endings.js';
import type { AttemptEvent, SessionEvent } from './events.js';
import { handedOver, tookOver } from './handover.js';
import { joinRoom } from './handshake.js';
import { initialImageFailed, initialImageRead } from './initial-image.js';
import { activitySeen, visibilityChanged } from './limits.js';
import { networkChanged } from './offline.js';
import { cancelRequest, failReadImage, requestImage, requestPrompt, takeReadImage } from './requests.js';
import type { SessionState } from './state.js';
import { timerFired } from './timer-fired.js';

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
  if ('attempt' in event) return ofAttempt(draft, event);
  switch (event.type) {
    case 'caller.connectRequested':
      takeId(draft, event.connectId);
      return startConnect(draft, event);
    case 'caller.connectAborted':
      if (isCurrentConnect(draft, event.connectId)) endSession(draft, aborted, endedByCaller('disconnect'));
      return;
    case 'caller.retryDecided':
      if (isCurrentConnect(draft, event.connectId)) decideRetry(draft, event.failure, event.retry);
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
      if (isAttemptDraft(draft)) joinRoom(draft);
      return;
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
    case 'timer.fired':
      return timerFired(draft, event.timer);
  }
}

/** Events of an older try are dropped here and only here. Only its end still matters. */
function ofAttempt(draft: Draft, event: AttemptEvent): void {
  const { type, attempt } = event;
  if (isAttemptDraft(draft) && draft.state.attempt.id === attempt) return attemptHappened(draft, event);
  if (type === 'socket.closed' || type === 'socket.failed') forgetClosed(draft, `socket:${attempt}`);
  if (type === 'room.closed') forgetClosed(draft, `room:${attempt}`);
}

const isCurrentConnect = (draft: Draft, connectId: number): draft is ActiveDraft =>
  isActiveDraft(draft) && draft.state.connection.connectId === connectId;

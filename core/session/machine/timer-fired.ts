import { beginTry, giveUp } from './attempts.js';
import { type ActiveDraft, type AttemptDraft, type Draft, emit, forgetTimer, isActiveDraft } from './draft.js';
import { stageTimedOut } from './handshake.js';
import { takeTurn } from './images.js';
import { initialImageTimedOut } from './initial-image.js';
import { limitTimerFired } from './limits.js';
import { heartbeat, suspectSocket } from './liveness.js';
import { forgetRequest, resumeSending, timeOutRequest } from './requests.js';
import { stallLasts } from './stall.js';
import type { Timer } from './timers.js';

/** The socket is judged in a step of its own: who waited for the request is answered while the session still stands. */
function requestTimedOut(draft: ActiveDraft, requestId: number): void {
  const isSent = timeOutRequest(draft, requestId) === 'sent';
  if (!isSent || draft.state.attempt === null) return resumeSending(draft);
  const event = { type: 'request.unanswered', attempt: draft.state.attempt.id } as const;
  emit(draft, { type: 'event.raise', event });
}

/** Nothing more is sent over a socket that turns out to be dead. */
export function requestUnanswered(draft: AttemptDraft): void {
  suspectSocket(draft);
  resumeSending(draft);
}

function budgetSpent(draft: ActiveDraft): void {
  const { connectBudgetMs, localStream } = draft.state.connection.plan;
  const hint = localStream === 'none' ? ' No video was sent: pass it a stream.' : '';
  giveUp(draft, {
    code: 'WEBRTC_TIMEOUT_ERROR',
    message: `connect() did not connect within ${connectBudgetMs} ms (connectBudgetMs).${hint}`,
    data: { stage: 'connect' },
  });
}

export function timerFired(draft: Draft, timer: Timer): void {
  // A timer that was cancelled while its firing was on the way is not in the state any more.
  if (!forgetTimer(draft, timer) || !isActiveDraft(draft)) return;
  switch (timer.kind) {
    case 'stage':
      return timer.stage === 'initialImage' ? initialImageTimedOut(draft) : stageTimedOut(draft, timer.stage);
    case 'stall':
      return stallLasts(draft, timer.step, timer.attempt);
    case 'heartbeat':
      return heartbeat(draft, timer.attempt);
    case 'limit':
      return limitTimerFired(draft, timer.clock, timer.step);
    case 'retry':
      return beginTry(draft);
    case 'ack':
      return requestTimedOut(draft, timer.requestId);
    case 'turn':
      return takeTurn(draft);
    case 'lateAck':
      return forgetRequest(draft, timer.requestId);
    case 'budget':
      return budgetSpent(draft);
    default:
      return timer satisfies never;
  }
}

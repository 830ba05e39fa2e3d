import { beginTry, giveUp } from './attempts.js';
import { type Draft, forgetTimer, isTimerRunning } from './draft.js';
import { stageTimedOut } from './handshake.js';
import { takeTurn } from './images.js';
import { initialImageTimedOut } from './initial-image.js';
import { limitTimerFired } from './limits.js';
import { heartbeat, suspectSocket } from './liveness.js';
import { forgetRequest, resumeSending, timeOutRequest } from './requests.js';
import { stallLasts } from './stall.js';
import type { Timer } from './timers.js';

export function timerFired(draft: Draft, timer: Timer): void {
  // A timer that was cancelled while its firing was on the way is not in the state any more.
  if (!isTimerRunning(draft, timer)) return;
  forgetTimer(draft, timer);
  switch (timer.kind) {
    case 'stage':
      return timer.stage === 'initialImage' ? initialImageTimedOut(draft) : stageTimedOut(draft, timer.stage);
    case 'stall':
      return stallLasts(draft, timer.step);
    case 'heartbeat':
      return heartbeat(draft);
    case 'limit':
      return limitTimerFired(draft, timer.clock, timer.step);
    case 'retry':
      return beginTry(draft);
    case 'ack':
      if (timeOutRequest(draft, timer.requestId) === 'sent') suspectSocket(draft);
      // Nothing more is sent over a socket that turned out to be dead.
      return resumeSending(draft);
    case 'turn':
      return takeTurn(draft);
    case 'lateAck':
      return forgetRequest(draft, timer.requestId);
    case 'budget':
      return giveUp(draft, {
        code: 'WEBRTC_TIMEOUT_ERROR',
        message: 'connect() did not connect within connectBudgetMs.',
        data: { stage: 'connect' },
      });
    default:
      return timer satisfies never;
  }
}

// A session that is connected but frozen: told, and mended if it lasts.
import { failTry } from './attempts.js';
import { cancelTimer, diagnose, order, startTimer, type Transition } from './draft.js';
import { isLive } from './state.js';
import { stallTimerOf } from './timers.js';

export function videoStalled(t: Transition): void {
  if (!isLive(t.state)) return;
  diagnose(t, { name: 'videoStall', stalled: true, durationMs: null });
  const { attempt, engagement } = t.state;
  const { recoverStalledAfterMs } = engagement.plan;
  cancelStallTimers(t, attempt.id);
  if (recoverStalledAfterMs !== null) startTimer(t, stallTimerOf('resume', attempt.id), recoverStalledAfterMs);
}

export function videoRecovered(t: Transition, durationMs: number): void {
  if (!isLive(t.state)) return;
  diagnose(t, { name: 'videoStall', stalled: false, durationMs });
  cancelStallTimers(t, t.state.attempt.id);
}

/** Still frozen: first the gentle way, then the whole one. */
export function stallLasts(t: Transition, step: 'resume' | 'reconnect'): void {
  if (!isLive(t.state)) return;
  const { attempt, engagement } = t.state;
  diagnose(t, { name: 'stallRecovery', step });
  if (step === 'reconnect') {
    return failTry(t, {
      code: 'WEBRTC_ICE_ERROR',
      message: 'The received video stood still.',
      data: { stage: 'stall' },
    });
  }
  order(t, { type: 'room.resume', attempt: attempt.id });
  const { recoverStalledAfterMs } = engagement.plan;
  if (recoverStalledAfterMs !== null) startTimer(t, stallTimerOf('reconnect', attempt.id), recoverStalledAfterMs);
}

function cancelStallTimers(t: Transition, attempt: number): void {
  cancelTimer(t, stallTimerOf('resume', attempt));
  cancelTimer(t, stallTimerOf('reconnect', attempt));
}

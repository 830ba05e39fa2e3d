// A session that is connected but receives no frames: reported at once, and recovered if it lasts.
import { failTry } from './attempts.js';
import { type ActiveDraft, type AttemptDraft, cancelTimer, type Draft, diagnose, emit, startTimer } from './draft.js';
import { isLive } from './state.js';
import { stallTimerOf } from './timers.js';

export function videoStalled(draft: AttemptDraft): void {
  if (!isLive(draft.state)) return;
  diagnose(draft, { name: 'videoStall', stalled: true, durationMs: null });
  const { attempt, connection } = draft.state;
  const { recoverStalledAfterMs } = connection.plan;
  cancelStallTimers(draft, attempt.id);
  if (recoverStalledAfterMs !== null) startTimer(draft, stallTimerOf('resume', attempt.id), recoverStalledAfterMs);
}

export function videoRecovered(draft: AttemptDraft, durationMs: number): void {
  if (!isLive(draft.state)) return;
  diagnose(draft, { name: 'videoStall', stalled: false, durationMs });
  cancelStallTimers(draft, draft.state.attempt.id);
}

/** Still no frames: resumes the media connection first, then reconnects the session. */
export function stallLasts(draft: ActiveDraft, step: 'resume' | 'reconnect', attempt: number): void {
  const { recoverStalledAfterMs } = draft.state.connection.plan;
  // Its timers run only where a stall is to be recovered from.
  if (recoverStalledAfterMs === null) return;
  diagnose(draft, { name: 'stallRecovery', step });
  if (step === 'reconnect') {
    return failTry(draft, {
      code: 'WEBRTC_ICE_ERROR',
      message: `No video frames arrived for ${(recoverStalledAfterMs * 2) / 1000} s.`,
      data: { stage: 'stall' },
    });
  }
  emit(draft, { type: 'room.resume', attempt });
  startTimer(draft, stallTimerOf('reconnect', attempt), recoverStalledAfterMs);
}

function cancelStallTimers(draft: Draft, attempt: number): void {
  cancelTimer(draft, stallTimerOf('resume', attempt));
  cancelTimer(draft, stallTimerOf('reconnect', attempt));
}

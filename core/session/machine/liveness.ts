// Whether the signaling socket is alive. One that is open but dead says nothing: where the platform can ping it is
// asked, elsewhere it is judged by what the service leaves unsaid. See PROTOCOL.md, "A socket that is dead".
import { failTry } from './attempts.js';
import { PING_INTERVAL_MS, PONG_LIMIT_MS, SILENCE_MS } from './connect-plan.js';
import { type ActiveDraft, type AttemptDraft, cancelTimer, type Draft, emit, startTimer } from './draft.js';
import { isLive } from './state.js';
import { heartbeatTimerOf } from './timers.js';
import { countSeconds } from './usage.js';

export function startHeartbeat(draft: AttemptDraft): void {
  if (!draft.state.attempt.canPing) return;
  startTimer(draft, heartbeatTimerOf(draft.state.attempt.id), PING_INTERVAL_MS);
}

/** A frame or a pong: the socket is alive. A tick counts the billed seconds, too: one copy of the state for both. */
export function signOfLife(draft: Draft, ticked: number | null = null): void {
  const { usage, liveness } = draft.state;
  const { tickSeconds } = liveness;
  const isTicking = liveness.isTicking || (ticked !== null && tickSeconds !== null && ticked > tickSeconds);
  draft.state = {
    ...draft.state,
    usage: ticked === null ? usage : countSeconds(usage, ticked),
    liveness: { heardAtMs: draft.atMs, isPinging: false, tickSeconds: ticked ?? tickSeconds, isTicking },
  };
}

/** Sends the next ping, or finds that the last one was not answered. */
export function heartbeat(draft: ActiveDraft, attempt: number): void {
  if (draft.state.liveness.isPinging) return dead(draft);
  ping(draft, attempt, PING_INTERVAL_MS);
}

/** A request got no answer, which is a reason to look. */
export function suspectSocket(draft: AttemptDraft): void {
  if (!isLive(draft.state)) return;
  const { attempt, liveness } = draft.state;
  if (draft.atMs - liveness.heardAtMs < SILENCE_MS) return;
  if (attempt.canPing) {
    if (!liveness.isPinging) ping(draft, attempt.id, PONG_LIMIT_MS);
    return;
  }
  // A service that never ticks may be silent and alive.
  if (liveness.isTicking) dead(draft);
}

function ping(draft: Draft, attempt: number, answerWithinMs: number): void {
  draft.state = { ...draft.state, liveness: { ...draft.state.liveness, isPinging: true } };
  emit(draft, { type: 'socket.ping', attempt });
  cancelTimer(draft, heartbeatTimerOf(attempt));
  startTimer(draft, heartbeatTimerOf(attempt), answerWithinMs);
}

function dead(draft: ActiveDraft): void {
  failTry(draft, {
    code: 'WEBRTC_WEBSOCKET_ERROR',
    message: 'The signaling socket is open but receives nothing: it did not answer a ping.',
    data: { stage: 'liveness' },
  });
}

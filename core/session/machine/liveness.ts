// Whether the signaling socket is alive. One that is open but dead says nothing: where the platform can ping it is
// asked, elsewhere it is judged by what the service leaves unsaid. See PROTOCOL.md, "A socket that is dead".
import { failTry } from './attempts.js';
import { PING_INTERVAL_MS, PONG_LIMIT_MS, SILENCE_MS } from './connect-plan.js';
import { cancelTimer, changeAttempt, type Draft, emit, startTimer } from './draft.js';
import { hasAttempt, isLive } from './state.js';
import { heartbeatTimerOf } from './timers.js';

export function startHeartbeat(draft: Draft): void {
  if (!hasAttempt(draft.state) || !draft.state.attempt.canPing) return;
  startTimer(draft, heartbeatTimerOf(draft.state.attempt.id), PING_INTERVAL_MS);
}

/** A frame or a pong: the socket is alive. */
export function signOfLife(draft: Draft): void {
  changeAttempt(draft, { heardAtMs: draft.atMs, isPinging: false });
}

export function tickHeard(draft: Draft, seconds: number): void {
  if (!hasAttempt(draft.state)) return;
  const { tickSeconds, isTicking } = draft.state.attempt;
  changeAttempt(draft, {
    tickSeconds: seconds,
    isTicking: isTicking || (tickSeconds !== null && seconds > tickSeconds),
  });
}

/** Sends the next ping, or finds that the last one was not answered. */
export function heartbeat(draft: Draft): void {
  if (!hasAttempt(draft.state)) return;
  if (draft.state.attempt.isPinging) return dead(draft);
  ping(draft, PING_INTERVAL_MS);
}

/** A request got no answer, which is a reason to look. */
export function suspectSocket(draft: Draft): void {
  if (!isLive(draft.state)) return;
  const { attempt } = draft.state;
  if (draft.atMs - attempt.heardAtMs < SILENCE_MS) return;
  if (attempt.canPing) {
    if (!attempt.isPinging) ping(draft, PONG_LIMIT_MS);
    return;
  }
  // A service that never ticks may be silent and alive.
  if (attempt.isTicking) dead(draft);
}

function ping(draft: Draft, answerWithinMs: number): void {
  if (!hasAttempt(draft.state)) return;
  const { id } = draft.state.attempt;
  changeAttempt(draft, { isPinging: true });
  emit(draft, { type: 'socket.ping', attempt: id });
  cancelTimer(draft, heartbeatTimerOf(id));
  startTimer(draft, heartbeatTimerOf(id), answerWithinMs);
}

function dead(draft: Draft): void {
  failTry(draft, {
    code: 'WEBRTC_WEBSOCKET_ERROR',
    message: 'The signaling socket is open but receives nothing: it did not answer a ping.',
    data: { stage: 'liveness' },
  });
}

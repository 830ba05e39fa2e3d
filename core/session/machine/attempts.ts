// From the first try to the last: connect, try, fail, wait, try again, end.
import type { Failure } from '../../errors.js';
import { isWaitedOut, waitForCapacity } from './capacity.js';
import { STABLE_AFTER_MS } from './connect-plan.js';
import {
  type ActiveDraft,
  cancelTimer,
  changeConnection,
  type Draft,
  diagnose,
  drawId,
  emit,
  expectClosed,
  isActiveDraft,
  isAttemptDraft,
  isTimerRunning,
  reportError,
  setState,
  startTimer,
} from './draft.js';
import { clientReleased, type Ending, endedByCaller, endedByFailure } from './endings.js';
import type { EventOf } from './events.js';
import { startClock, stopClock, stopTick } from './limit-clocks.js';
import { rejectRequests } from './requests.js';
import { nextRandom, retryDelayMs } from './retry-policy.js';
import { type Attempt, type Connection, isLive, livenessAt, noIntent } from './state.js';
import { budgetTimerOf, heartbeatTimerOf, retryTimerOf, stages, stageTimerOf, stallTimerOf } from './timers.js';
import { billedSeconds, closeUsage, noUsage } from './usage.js';

export function startConnect(draft: Draft, event: EventOf<'caller.connectRequested'>): void {
  const { connectId, plan, seed } = event;
  if (draft.state.released) return emit(draft, { type: 'connect.end', connectId, failure: clientReleased });
  if (isActiveDraft(draft)) {
    // The newer connect wins, in a step of its own: `disconnected` is seen in between.
    endSession(draft, { code: 'ABORTED', message: 'A newer connect() took over.' }, endedByCaller('replaced'));
    return emit(draft, { type: 'event.raise', event });
  }
  const connection: Connection = {
    connectId,
    plan,
    pending: true,
    startedAtMs: draft.atMs,
    tries: 0,
    refusals: 0,
    warnings: [],
    hidden: false,
    localStream: plan.localStream === 'owned' ? 'opening' : plan.localStream,
    initialImage: plan.initialImage ? 'reading' : 'none',
    liveSinceMs: null,
    offline: false,
    wasLive: false,
    restoring: false,
  };
  const intent = { ...noIntent, prompt: plan.initialPrompt };
  const { pricePerSecond, limits } = plan;
  const limitSeconds = limits.billed && limits.billed.limitMs / 1000;
  const usage = { ...noUsage, pricePerSecond, limitSeconds };
  setState(draft, { ...draft.state, status: 'connecting', seed, intent, connection, attempt: null, usage });
  if (plan.localStream === 'owned') emit(draft, { type: 'local.open', connectId });
  if (plan.initialImage) emit(draft, { type: 'image.read', readId: connectId });
  beginTry(draft);
}

export function beginTry(draft: ActiveDraft): void {
  const id = drawId(draft);
  const { plan } = draft.state.connection;
  const attempt: Attempt = {
    id,
    startedAtMs: draft.atMs,
    phaseStartedAtMs: draft.atMs,
    socket: 'opening',
    queue: null,
    joinSent: false,
    answered: false,
    roomInfo: null,
    room: 'none',
    streamId: null,
    initial: 'none',
    initialRequestId: null,
    initialIntent: null,
    initialSentAtMs: draft.atMs,
    canPing: false,
    generating: false,
  };
  draft.state = { ...draft.state, attempt, liveness: livenessAt(draft.atMs) };
  // The try before may have ended in the queue.
  resumeBudget(draft);
  const { model, resolution, queryParams, pixelLatency } = plan;
  emit(draft, { type: 'socket.open', attempt: id, options: { model, resolution, queryParams, pixelLatency } });
  emit(draft, { type: 'room.preload', transport: plan.transport });
  startTimer(draft, stageTimerOf('socket', id), plan.connectionTimeoutMs);
}

/** The present try, or the live session, is lost: all that it opened is closed, and then it is tried again or given up. */
export function failTry(draft: ActiveDraft, failure: Failure): void {
  const wasLive = isLive(draft.state);
  const { status, connection, attempt } = draft.state;
  // A place in the queue was progress: what ends there is not held against the next try.
  const hadPlace = attempt !== null && attempt.queue !== null && draft.atMs - attempt.startedAtMs >= STABLE_AFTER_MS;
  const lost: Failure = { ...failure, message: `The connection was lost: ${failure.message}` };
  dropAttempt(draft, lost);
  const stable = connection.liveSinceMs !== null && draft.atMs - connection.liveSinceMs >= STABLE_AFTER_MS;
  draft.state = {
    ...draft.state,
    status: wasLive || status === 'reconnecting' ? 'reconnecting' : 'connecting',
    connection: wasLive
      ? {
          ...connection,
          liveSinceMs: null,
          startedAtMs: draft.atMs,
          tries: stable ? 0 : connection.tries,
          restoring: true,
        }
      : { ...connection, tries: hadPlace ? 0 : connection.tries },
    attempt: null,
  };
  const { connectId, plan } = connection;
  if (isWaitedOut(draft, failure)) return waitForCapacity(draft);
  if (plan.asksCaller) emit(draft, { type: 'retry.ask', connectId, failure });
  else decideRetry(draft, failure, failure.permanent !== true);
}

export function decideRetry(draft: ActiveDraft, failure: Failure, retry: boolean): void {
  if (draft.state.attempt !== null) return;
  const { status, connection, seed } = draft.state;
  const { tries, plan, connectId } = connection;
  const { backoff } = plan;
  if (!retry || backoff.retries === 0) return giveUp(draft, failure);
  if (connection.offline) return;
  if (tries >= backoff.retries) return giveUp(draft, failure);
  // A reconnect's first try is immediate, so its second is the first to be delayed.
  const delayed = status === 'reconnecting' ? tries - 1 : tries;
  const [random, nextSeed] = nextRandom(seed);
  const delayMs = delayed < 0 ? 0 : retryDelayMs(backoff, delayed, random);
  draft.state = { ...draft.state, seed: nextSeed, connection: { ...connection, tries: tries + 1 } };
  const { message: reason } = failure;
  diagnose(draft, { name: 'reconnect', attempt: tries + 1, maxAttempts: backoff.retries, delayMs, reason });
  if (delayMs === 0) beginTry(draft);
  else startTimer(draft, retryTimerOf(connectId), delayMs);
}

/** No further try: the session ends, and says why. */
export function giveUp(draft: Draft, failure: Failure): void {
  endSession(draft, failure, endedByFailure(failure));
  reportError(draft, failure);
}

/** Ends the session and closes everything; a pending `connect()` and all pending requests fail with `failure`. */
export function endSession(draft: Draft, failure: Failure, ending: Ending): void {
  if (isActiveDraft(draft)) endActive(draft, failure, ending);
}

function endActive(draft: ActiveDraft, failure: Failure, ending: Ending): void {
  const { connection } = draft.state;
  const { connectId } = connection;
  dropAttempt(draft, failure);
  cancelTimer(draft, budgetTimerOf(connectId));
  cancelTimer(draft, retryTimerOf(connectId));
  for (const clock of ['idle', 'hidden'] as const) stopClock(draft, clock);
  if (connection.initialImage === 'reading') emit(draft, { type: 'image.cancel', readId: connectId });
  if (connection.localStream === 'opening' || connection.localStream === 'open') {
    expectClosed(draft, `local:${connectId}`);
    emit(draft, { type: 'local.close', connectId });
  }
  const { connection: _over, attempt: _ended, ...left } = draft.state;
  setState(draft, { ...left, status: 'disconnected', intent: noIntent });
  // A connect that never led to a session has no end of one: it is refused.
  if (connection.wasLive || ending.by === 'service') {
    const end = { ...ending, seconds: billedSeconds(left.usage) };
    emit(draft, { type: 'output.emit', output: { type: 'ended', connectId, end } });
  }
  emit(draft, { type: 'connect.end', connectId, failure });
}

/** Closes what the present try opened and fails its requests. */
function dropAttempt(draft: Draft, failure: Failure): void {
  if (!isAttemptDraft(draft)) return;
  const { id, socket, room } = draft.state.attempt;
  rejectRequests(draft, failure);
  // Nothing is billed without a connection.
  stopTick(draft);
  draft.state = { ...draft.state, usage: closeUsage(draft.state.usage) };
  for (const stage of stages) cancelTimer(draft, stageTimerOf(stage, id));
  for (const step of ['resume', 'reconnect'] as const) cancelTimer(draft, stallTimerOf(step, id));
  cancelTimer(draft, heartbeatTimerOf(id));
  if (room !== 'none' && room !== 'closed') {
    // A room that is only prepared has opened nothing that could say it has closed.
    if (room !== 'prepared') expectClosed(draft, `room:${id}`);
    emit(draft, { type: 'room.close', attempt: id });
  }
  if (socket !== 'closed') {
    expectClosed(draft, `socket:${id}`);
    emit(draft, { type: 'socket.close', attempt: id, code: 1000, reason: '' });
  }
}

/** Time in the queue is not counted: after it the whole budget is available again. */
export function suspendBudget(draft: ActiveDraft): void {
  cancelTimer(draft, budgetTimerOf(draft.state.connection.connectId));
}

export function resumeBudget(draft: ActiveDraft): void {
  const { connectId, pending, plan } = draft.state.connection;
  const timer = budgetTimerOf(connectId);
  if (pending && !isTimerRunning(draft, timer)) startTimer(draft, timer, plan.connectBudgetMs);
}

export function markLive(draft: ActiveDraft): void {
  const { wasLive } = draft.state.connection;
  changeConnection(draft, { liveSinceMs: draft.atMs, wasLive: true });
  if (wasLive) return;
  // What it took to come up is not held against the reconnect.
  changeConnection(draft, { tries: 0 });
  startClock(draft, 'idle');
  if (draft.state.connection.hidden) startClock(draft, 'hidden');
}

// From the first try to the last: connect, try, fail, wait, try again, end.
import type { Failure } from '../../errors.js';
import { STABLE_AFTER_MS } from './connect-plan.js';
import {
  cancelTimer,
  changeEngagement,
  diagnose,
  drawId,
  expectClosed,
  order,
  reportError,
  startTimer,
  type Transition,
} from './draft.js';
import { clientReleased } from './endings.js';
import type { EventOf } from './events.js';
import { rejectRequests } from './requests.js';
import { nextRandom, retryDelayMs } from './retry-policy.js';
import { type Attempt, type Engagement, isActive, isLive, noIntent, type SessionState } from './state.js';
import { budgetTimerOf, retryTimerOf, stages, stageTimerOf, stallTimerOf } from './timers.js';

export function startConnect(t: Transition, event: EventOf<'caller.connectRequested'>): void {
  const { connectId, plan, seed } = event;
  if (t.state.released) {
    order(t, { type: 'connect.settle', connectId, failure: clientReleased });
    return order(t, { type: 'connect.end', connectId, failure: clientReleased });
  }
  if (isActive(t.state)) {
    // The newer connect wins, in a step of its own: `disconnected` is seen in between.
    endSession(t, { code: 'ABORTED', message: 'A newer connect() took over.' });
    return order(t, { type: 'event.raise', event });
  }
  const engagement: Engagement = {
    connectId,
    plan,
    pending: true,
    startedAtMs: t.atMs,
    tries: 0,
    localStream: plan.localStream === 'owned' ? 'opening' : plan.localStream,
    initialImage: plan.initialImage ? 'reading' : 'none',
    liveSinceMs: null,
    restoring: false,
  };
  const intent = { ...noIntent, prompt: plan.initialPrompt };
  t.state = { ...t.state, status: 'connecting', seed, intent, engagement, attempt: null };
  startTimer(t, budgetTimerOf(connectId), plan.connectBudgetMs);
  if (plan.localStream === 'owned') order(t, { type: 'local.open', connectId });
  if (plan.initialImage) order(t, { type: 'image.read', readId: connectId });
  beginTry(t);
}

export function beginTry(t: Transition): void {
  const id = drawId(t);
  if (!isActive(t.state) || isLive(t.state)) return;
  const { plan } = t.state.engagement;
  const attempt: Attempt = {
    id,
    startedAtMs: t.atMs,
    phaseStartedAtMs: t.atMs,
    socket: 'opening',
    queue: null,
    joinSent: false,
    roomInfo: null,
    room: 'none',
    streamId: null,
    initial: 'none',
    initialRequestId: null,
    initialIntent: null,
    initialSentAtMs: t.atMs,
    generating: false,
  };
  t.state = { ...t.state, attempt };
  // The try before may have ended in the queue.
  resumeBudget(t);
  const { model, resolution, queryParams, pixelLatency } = plan;
  order(t, { type: 'socket.open', attempt: id, order: { model, resolution, queryParams, pixelLatency } });
  order(t, { type: 'room.preload' });
  startTimer(t, stageTimerOf('socket', id), plan.connectionTimeoutMs);
}

/** The present try, or the live session, is lost: all that it opened is closed, and then it is tried again or given up. */
export function failTry(t: Transition, failure: Failure): void {
  if (!isActive(t.state)) return;
  const wasLive = isLive(t.state);
  const { status, engagement } = t.state;
  const lost: Failure = { ...failure, message: `The connection was lost: ${failure.message}` };
  dropAttempt(t, lost);
  const stable = engagement.liveSinceMs !== null && t.atMs - engagement.liveSinceMs >= STABLE_AFTER_MS;
  t.state = {
    ...t.state,
    status: wasLive || status === 'reconnecting' ? 'reconnecting' : 'connecting',
    engagement: wasLive
      ? { ...engagement, liveSinceMs: null, startedAtMs: t.atMs, tries: stable ? 0 : engagement.tries, restoring: true }
      : engagement,
    attempt: null,
  };
  const { connectId, plan } = engagement;
  if (plan.asksCaller) order(t, { type: 'retry.ask', connectId, failure });
  else decideRetry(t, failure, failure.permanent !== true);
}

export function decideRetry(t: Transition, failure: Failure, retry: boolean): void {
  if (!isActive(t.state) || isLive(t.state) || t.state.attempt !== null) return;
  const { status, engagement, seed } = t.state;
  const { tries, plan, connectId } = engagement;
  const { backoff } = plan;
  if (!retry || tries >= backoff.retries) return giveUp(t, failure);
  // A reconnect's first try is immediate, so its second is the first to be delayed.
  const delayed = status === 'reconnecting' ? tries - 1 : tries;
  const [random, nextSeed] = nextRandom(seed);
  const delayMs = delayed < 0 ? 0 : retryDelayMs(backoff, delayed, random);
  t.state = { ...t.state, seed: nextSeed, engagement: { ...engagement, tries: tries + 1 } };
  const { message: reason } = failure;
  diagnose(t, { name: 'reconnect', attempt: tries + 1, maxAttempts: backoff.retries, delayMs, reason });
  if (delayMs === 0) beginTry(t);
  else startTimer(t, retryTimerOf(connectId), delayMs);
}

/** No further try: the session ends, and says why. */
export function giveUp(t: Transition, failure: Failure): void {
  endSession(t, failure);
  reportError(t, failure);
}

/** Ends whatever is in force and closes everything; a pending `connect()` and all pending requests fail with `failure`. */
export function endSession(t: Transition, failure: Failure): void {
  if (!isActive(t.state)) return;
  const { engagement } = t.state;
  const { connectId } = engagement;
  dropAttempt(t, failure);
  cancelTimer(t, budgetTimerOf(connectId));
  cancelTimer(t, retryTimerOf(connectId));
  if (engagement.initialImage === 'reading') order(t, { type: 'image.cancel', readId: connectId });
  if (engagement.localStream === 'opening' || engagement.localStream === 'open') {
    expectClosed(t, `local:${connectId}`);
    order(t, { type: 'local.close', connectId });
  }
  const { nextId, seed, released, timers, closing, prompts, images, unknownMessages, malformedMessages } = t.state;
  const common = { nextId, seed, released, timers, closing, prompts, images, unknownMessages, malformedMessages };
  t.state = { ...common, status: 'disconnected', intent: noIntent } satisfies SessionState;
  if (engagement.pending) order(t, { type: 'connect.settle', connectId, failure });
  order(t, { type: 'connect.end', connectId, failure });
}

/** Closes what the present try opened and fails its requests. */
function dropAttempt(t: Transition, failure: Failure): void {
  if (!isActive(t.state) || t.state.attempt === null) return;
  const { id, socket, room } = t.state.attempt;
  rejectRequests(t, failure);
  for (const stage of stages) cancelTimer(t, stageTimerOf(stage, id));
  for (const step of ['resume', 'reconnect'] as const) cancelTimer(t, stallTimerOf(step, id));
  if (room !== 'none' && room !== 'closed') {
    // A room that is only prepared has opened nothing that could say it has closed.
    if (room !== 'prepared') expectClosed(t, `room:${id}`);
    order(t, { type: 'room.close', attempt: id });
  }
  if (socket !== 'closed') {
    expectClosed(t, `socket:${id}`);
    order(t, { type: 'socket.close', attempt: id, code: 1000, reason: '' });
  }
}

/** Time in the queue is not counted: whatever comes after it has the whole budget again. */
export function suspendBudget(t: Transition): void {
  if (isActive(t.state)) cancelTimer(t, budgetTimerOf(t.state.engagement.connectId));
}

export function resumeBudget(t: Transition): void {
  if (!isActive(t.state)) return;
  const { connectId, pending, plan } = t.state.engagement;
  const key = budgetTimerOf(connectId);
  if (pending && !t.state.timers.includes(key)) startTimer(t, key, plan.connectBudgetMs);
}

export function markLive(t: Transition): void {
  changeEngagement(t, { liveSinceMs: t.atMs });
}

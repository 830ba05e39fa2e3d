// The timers and warnings of a session's limits. Billed seconds are the service's to count; their timer only makes up
// for ticks that do not come.
import { type ActiveDraft, cancelTimer, changeConnection, diagnose, startTimer } from './draft.js';
import type { LimitClock } from './limit-plan.js';
import { limitTimerOf } from './timers.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time without a sign of the user begins. */
export function startClock(draft: ActiveDraft, clock: 'idle' | 'hidden'): void {
  stopClock(draft, clock);
  const { connectId, plan } = draft.state.connection;
  const limit = plan.limits[clock];
  if (limit === null) return;
  startTimer(draft, limitTimerOf(clock, 'warn', connectId), limit.warnAtMs);
  startTimer(draft, limitTimerOf(clock, 'end', connectId), limit.limitMs);
}

/** There was a sign of the user, or there is nothing to be limited any more: what was warned of does not come. */
export function stopClock(draft: ActiveDraft, clock: 'idle' | 'hidden'): void {
  const { connectId, plan, warnings } = draft.state.connection;
  for (const step of ['warn', 'end'] as const) cancelTimer(draft, limitTimerOf(clock, step, connectId));
  const limit = plan.limits[clock];
  if (!warnings.some(({ name }) => name === limit?.name)) return;
  changeConnection(draft, { warnings: warnings.filter(({ name }) => name !== limit?.name) });
}

/** Ends the session should the service bill on without saying so: a second after the limit by its own count. */
export function awaitTick(draft: ActiveDraft, remainingMs: number): void {
  const timer = limitTimerOf('billed', 'end', draft.state.connection.connectId);
  cancelTimer(draft, timer);
  startTimer(draft, timer, Math.min(remainingMs + 1000, LONGEST_TIMER_MS));
}

/** No tick is due. */
export function stopTick(draft: ActiveDraft): void {
  cancelTimer(draft, limitTimerOf('billed', 'end', draft.state.connection.connectId));
}

/** Says, once, that the session is about to end by a limit. */
export function warn(draft: ActiveDraft, clock: LimitClock, remainingMs: number): void {
  const { plan, warnings } = draft.state.connection;
  const limit = plan.limits[clock];
  if (limit === null || warnings.some(({ name }) => name === limit.name)) return;
  const warning = { name: limit.name, remainingMs };
  changeConnection(draft, { warnings: [...warnings, warning] });
  diagnose(draft, { name: 'limitWarning', limit: limit.name, remainingMs });
}

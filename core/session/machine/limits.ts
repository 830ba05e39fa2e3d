// A session's limits: warned of, then the session ends.
import { endSession } from './attempts.js';
import { type ActiveDraft, changeConnection, type Draft, isActiveDraft } from './draft.js';
import { awaitTick, startClock, stopClock, warn } from './limit-clocks.js';
import type { LimitClock, LimitName } from './limit-plan.js';
import { billedSeconds } from './usage.js';

/** The user did something. */
export function activitySeen(draft: Draft): void {
  if (isActiveDraft(draft) && draft.state.connection.wasLive) startClock(draft, 'idle');
}

export function visibilityChanged(draft: Draft, isVisible: boolean): void {
  if (!isActiveDraft(draft)) return;
  const { hidden, wasLive } = draft.state.connection;
  if (hidden === !isVisible) return;
  changeConnection(draft, { hidden: !isVisible });
  if (isVisible) stopClock(draft, 'hidden');
  else if (wasLive) startClock(draft, 'hidden');
}

/** Seconds were billed, or begin to be. */
export function billingSeen(draft: ActiveDraft): void {
  const limit = draft.state.connection.plan.limits.billed;
  if (limit === null) return;
  const billedMs = (billedSeconds(draft.state.usage) ?? 0) * 1000;
  if (billedMs >= limit.limitMs) return endByLimit(draft, limit.name);
  const remainingMs = limit.limitMs - billedMs;
  if (billedMs >= limit.warnAtMs) warn(draft, 'billed', remainingMs);
  awaitTick(draft, remainingMs);
}

export function limitTimerFired(draft: ActiveDraft, clock: LimitClock, step: 'warn' | 'end'): void {
  const limit = draft.state.connection.plan.limits[clock];
  if (limit === null) return;
  if (step === 'end') endByLimit(draft, limit.name);
  else warn(draft, clock, limit.limitMs - limit.warnAtMs);
}

/** A clean end: nothing has failed. */
function endByLimit(draft: Draft, name: LimitName): void {
  const message = `The session has reached its limit ${name}.`;
  endSession(
    draft,
    { code: 'ABORTED', message, data: { limit: name } },
    { reason: name, by: 'limit', restartable: true },
  );
}

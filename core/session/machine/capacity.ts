// The account is full: wait for a slot, without counting tries.
import type { Failure } from '../../errors.js';
import { type ActiveDraft, cancelTimer, changeConnection, diagnose, startTimer } from './draft.js';
import { type Backoff, nextRandom, retryDelayMs } from './retry-policy.js';
import { budgetTimerOf, retryTimerOf } from './timers.js';

/** A slot frees about 5 s after a clean end. The jitter keeps those who wait from coming back all at once. */
const capacityBackoff: Backoff = { retries: 0, initialDelayMs: 3000, factor: 1.5, maxDelayMs: 15_000, jitter: 0.5 };

/**
 * How long a reconnect waits for a slot in any case: a session that was lost holds its own for about 45 s, and must not
 * lock itself out.
 */
const OWN_SLOT_MS = 60_000;

/** Whether a failure is a refusal that is waited out: because the caller wants it, or for the session's own slot. */
export function isWaitedOut(draft: ActiveDraft, { code }: Failure): boolean {
  if (code !== 'SESSION_LIMIT_REACHED') return false;
  const { status, connection } = draft.state;
  if (connection.plan.whenFull === 'wait') return true;
  return status === 'reconnecting' && draft.atMs - connection.startedAtMs < OWN_SLOT_MS;
}

/** The next try comes after a while. The connect budget does not run meanwhile. */
export function waitForCapacity(draft: ActiveDraft): void {
  const { connectId, refusals } = draft.state.connection;
  const [random, seed] = nextRandom(draft.state.seed);
  const delayMs = retryDelayMs(capacityBackoff, refusals, random);
  draft.state = { ...draft.state, seed };
  // The service has answered: what failed before that is over.
  changeConnection(draft, { refusals: refusals + 1, tries: 0 });
  cancelTimer(draft, budgetTimerOf(connectId));
  diagnose(draft, { name: 'capacityWait', refusals: refusals + 1, delayMs });
  startTimer(draft, retryTimerOf(connectId), delayMs);
}

import type { SchedulerLike } from 'rxjs';

/** What an account allows; `null`: no limit. */
export interface AccountLimits {
  /** Sessions at the same time, over all keys. */
  readonly maxSessions: number | null;
  /** Seconds of generation that are paid for. */
  readonly credits: number | null;
}

/** The answer of `GET /v1/realtime/quota`. */
export interface Quota {
  readonly limit: number | null;
  /** Slots taken, those of sessions that ended a moment ago included. */
  readonly active: number;
  readonly remaining: number | null;
}

/** One second of generation: paid, paid with the last credit, or refused because there was none. */
export type Charge = 'paid' | 'last' | 'refused';

/** A place among the sessions of the account. */
export interface SessionSlot {
  /** Frees the slot a while later: sooner after a clean end than after a crash. Only the first call counts. */
  release(isClean: boolean): void;
}

export type Admission =
  | { readonly admitted: true; readonly slot: SessionSlot }
  | { readonly admitted: false; readonly reason: string; readonly closeCode: number };

/** The account behind all keys of a simulator: its session limit and its credits. */
export interface Account {
  /** Checks the limits and takes a slot. */
  admit(): Admission;
  /** Pays for one second of generation. */
  charge(): Charge;
  quota(): Quota;
}

/** How long a slot stays taken after its session. */
const FREE_AFTER_CLEAN_END_MS = 5_000;
const FREE_AFTER_CRASH_MS = 45_000;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export function createAccount({ maxSessions, credits }: AccountLimits, scheduler: SchedulerLike): Account {
  let secondsLeft = credits;
  /** When each slot becomes free. No timer does it: slots are counted when somebody asks or comes. */
  let slots: { freeAtMs: number }[] = [];

  const active = (): number => {
    slots = slots.filter(({ freeAtMs }) => freeAtMs > scheduler.now());
    return slots.length;
  };

  return {
    admit: () => {
      if (secondsLeft !== null && secondsLeft <= 0) {
        return { admitted: false, reason: 'Insufficient credits', closeCode: POLICY_VIOLATION };
      }
      const taken = active();
      if (maxSessions !== null && taken >= maxSessions) {
        return { admitted: false, reason: 'Concurrent session limit reached.', closeCode: TRY_AGAIN_LATER };
      }
      const slot = { freeAtMs: Number.POSITIVE_INFINITY };
      slots.push(slot);
      const release = (isClean: boolean): void => {
        if (slot.freeAtMs !== Number.POSITIVE_INFINITY) return;
        slot.freeAtMs = scheduler.now() + (isClean ? FREE_AFTER_CLEAN_END_MS : FREE_AFTER_CRASH_MS);
      };
      return { admitted: true, slot: { release } };
    },
    charge: () => {
      if (secondsLeft === null) return 'paid';
      if (secondsLeft <= 0) return 'refused';
      secondsLeft -= 1;
      return secondsLeft > 0 ? 'paid' : 'last';
    },
    quota: () => ({
      limit: maxSessions,
      active: active(),
      remaining: maxSessions === null ? null : Math.max(0, maxSessions - active()),
    }),
  };
}

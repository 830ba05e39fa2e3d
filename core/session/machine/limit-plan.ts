import { checkDurationMs, checkFields, invalidInput, isPositive } from '../../check.js';

/** When a session ends by itself. A field that is left out, or `undefined`, is no limit. */
export interface SessionLimits {
  /** Seconds billed since the connect, reconnects included. */
  readonly maxSeconds?: number | undefined;
  /** US dollars since the connect, reconnects included; needs a known price, see `modelPrices`. */
  readonly maxCost?: number | undefined;
  /** Milliseconds without a prompt, an image or a call of `keepAlive()`. */
  readonly idleMs?: number | undefined;
  /** Milliseconds for which the page is hidden, in a browser; elsewhere nothing is ever hidden. */
  readonly hiddenMs?: number | undefined;
  /**
   * How long before such an end `limitWarning$` says so. Milliseconds.
   * @default 10,000, or half the limit where that is less
   */
  readonly warnBeforeMs?: number | undefined;
}

/** The limits by their names, as `ended$` and `limitWarning$` have them. */
export type LimitName = 'maxSeconds' | 'maxCost' | 'idle' | 'hidden';

/** What a limit of a session counts: billed seconds, or time without a sign of the user. */
export type LimitClock = 'billed' | 'idle' | 'hidden';

/** A limit as the reducer needs it. */
export interface Limit {
  readonly name: LimitName;
  readonly limitMs: number;
  /** When the warning comes, on the same clock. */
  readonly warnAtMs: number;
}

export type LimitPlan = Readonly<Record<LimitClock, Limit | null>>;

export const noLimits: LimitPlan = Object.freeze({ billed: null, idle: null, hidden: null });

const DEFAULT_WARN_BEFORE_MS = 10_000;

/**
 * Limits, checked and complete. Of seconds and cost the one counts that is reached first.
 * @throws DecartError INVALID_INPUT
 */
export function limitPlanOf(limits: SessionLimits | undefined, pricePerSecond: number | null): LimitPlan {
  if (limits === undefined) return noLimits;
  checkFields(limits, 'limits', ['maxSeconds', 'maxCost', 'idleMs', 'hiddenMs', 'warnBeforeMs']);
  const { maxSeconds, maxCost, idleMs, hiddenMs, warnBeforeMs } = limits;
  if (warnBeforeMs !== undefined) checkDurationMs(warnBeforeMs, 'limits.warnBeforeMs');
  const limit = (name: LimitName, limitMs: number): Limit => {
    const beforeMs = warnBeforeMs ?? Math.min(DEFAULT_WARN_BEFORE_MS, limitMs / 2);
    return { name, limitMs, warnAtMs: Math.max(0, limitMs - beforeMs) };
  };
  const timed = (name: 'idle' | 'hidden', limitMs: number | undefined): Limit | null =>
    limitMs === undefined ? null : limit(name, checkDurationMs(limitMs, `limits.${name}Ms`));
  const billed = [
    maxSeconds === undefined ? null : limit('maxSeconds', positive(maxSeconds, 'limits.maxSeconds', 'seconds') * 1000),
    maxCost === undefined ? null : limit('maxCost', secondsFor(maxCost, pricePerSecond) * 1000),
  ].filter((each) => each !== null);
  return {
    billed: billed.sort((one, other) => one.limitMs - other.limitMs)[0] ?? null,
    idle: timed('idle', idleMs),
    hidden: timed('hidden', hiddenMs),
  };
}

function positive(value: unknown, field: string, unit: string): number {
  if (isPositive(value)) return value;
  throw invalidInput(field, `expected ${unit}, more than 0`);
}

/** How long the money lasts, without the dust of a division. */
function secondsFor(maxCost: number, pricePerSecond: number | null): number {
  const cost = positive(maxCost, 'limits.maxCost', 'US dollars');
  if (pricePerSecond === null)
    throw invalidInput('limits.maxCost', 'the price of this model is not known; name it in modelPrices');
  if (pricePerSecond === 0) return Number.MAX_SAFE_INTEGER;
  return Math.round((cost / pricePerSecond) * 1e6) / 1e6;
}

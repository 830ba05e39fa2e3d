// Seconds billed, as the service counts them.

/** What the present connect has used, or the last one when there is none. */
export interface Usage {
  /** Seconds of the service's sessions before the present one: each reconnect makes a new one, which counts from 0. */
  readonly earlierSeconds: number;
  /** Seconds of the service's present session; `null` before it has named any. */
  readonly seconds: number | null;
  /** US dollars; `null` when not known. */
  readonly pricePerSecond: number | null;
  /** The connect's limit, be it in seconds or in money; `null` when there is none. */
  readonly limitSeconds: number | null;
}

/** What a session costs, as the service counts its seconds. */
export interface SessionUsage {
  /** Billed since the connect, reconnects included. */
  readonly seconds: number;
  /** `null` when the model's price is not known; see `modelPrices`. */
  readonly cost: number | null;
  /** Of `cost`. */
  readonly currency: 'USD';
  /** Until the session ends by `limits.maxSeconds` or `limits.maxCost`; `null` when there is neither. */
  readonly remainingSeconds: number | null;
}

/** Without the dust of a multiplication. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

export function sessionUsageOf(usage: Usage): SessionUsage {
  const { pricePerSecond, limitSeconds } = usage;
  const seconds = billedSeconds(usage) ?? 0;
  return {
    seconds,
    cost: pricePerSecond === null ? null : rounded(seconds * pricePerSecond),
    currency: 'USD',
    remainingSeconds: limitSeconds === null ? null : Math.max(0, rounded(limitSeconds - seconds)),
  };
}

export const noUsage: Usage = Object.freeze({
  earlierSeconds: 0,
  seconds: null,
  pricePerSecond: null,
  limitSeconds: null,
});

/** Seconds billed since the connect; `null` when the service has named none. */
export const billedSeconds = ({ earlierSeconds, seconds }: Usage): number | null =>
  seconds === null && earlierSeconds === 0 ? null : earlierSeconds + (seconds ?? 0);

/** Billed time never runs backwards within one session of the service. */
export const countSeconds = (usage: Usage, seconds: number): Usage =>
  usage.seconds === null || seconds > usage.seconds ? { ...usage, seconds } : usage;

/** The service's session is over: the next one counts from 0. */
export const closeUsage = (usage: Usage): Usage =>
  usage.seconds === null ? usage : { ...usage, earlierSeconds: usage.earlierSeconds + usage.seconds, seconds: null };

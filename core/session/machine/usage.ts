// Seconds billed, as the service counts them.

/** What the present connect has used, or the last one when there is none. */
export interface Usage {
  /** Seconds of the service's sessions before the present one: each reconnect makes a new one, which counts from 0. */
  readonly earlierSeconds: number;
  /** Seconds of the service's present session; `null` before it has named any. */
  readonly seconds: number | null;
}

export const noUsage: Usage = Object.freeze({ earlierSeconds: 0, seconds: null });

/** Seconds billed since the connect; `null` when the service has named none. */
export const billedSeconds = ({ earlierSeconds, seconds }: Usage): number | null =>
  seconds === null && earlierSeconds === 0 ? null : earlierSeconds + (seconds ?? 0);

/** Billed time never runs backwards within one session of the service. */
export const countSeconds = (usage: Usage, seconds: number): Usage =>
  seconds > (usage.seconds ?? -1) ? { ...usage, seconds } : usage;

/** The service's session is over: the next one counts from 0. */
export const closeUsage = ({ earlierSeconds, seconds }: Usage): Usage => ({
  earlierSeconds: earlierSeconds + (seconds ?? 0),
  seconds: null,
});

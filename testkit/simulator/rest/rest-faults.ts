import { DecartError } from '../../../core/errors.js';

/** The calls of the REST side. */
export type RestCallName =
  | 'token'
  | 'submit'
  | 'status'
  | 'result'
  | 'upload'
  | 'file'
  | 'delete'
  | 'viewer'
  | 'quota'
  | 'image'
  | 'resolve'
  | 'keys';

/** How a REST call is spoiled. */
export type RestFault =
  /** Answered with this status. `retryAfter` becomes the header of that name: seconds, or a date. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly text?: string;
      readonly retryAfter?: string;
    }
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** No answer comes. */
  | { readonly kind: 'silent' }
  /** Answered with 200 and what is not JSON. */
  | { readonly kind: 'garbage' };

/** What goes wrong on the REST side, on order. Planned faults are used up in the order they were planned. */
export interface RestFaults {
  /** Spoils the next `times` (default 1, `Infinity` for all) calls of a kind. */
  spoil(call: RestCallName, fault: RestFault, times?: number): void;
  /** The next `times` jobs that are submitted end as `failed`. */
  failJobs(times?: number, error?: string): void;
  /** Takes back every planned fault. */
  clear(): void;
}

export interface RestFaultDeck extends RestFaults {
  take(call: RestCallName): RestFault | null;
  takeJobError(): string | null;
}

export function createRestFaultDeck(): RestFaultDeck {
  let calls: { call: RestCallName; fault: RestFault; times: number }[] = [];
  let jobs: { error: string; times: number }[] = [];

  const use = <P extends { times: number }>(plan: P | undefined): P | null => {
    if (plan === undefined) return null;
    plan.times -= 1;
    calls = calls.filter(({ times }) => times > 0);
    jobs = jobs.filter(({ times }) => times > 0);
    return plan;
  };
  return {
    spoil: (call, fault, times = 1) => {
      calls.push({ call, fault, times: checkTimes(times) });
    },
    failJobs: (times = 1, error = 'The job failed, as ordered.') => {
      jobs.push({ error, times: checkTimes(times) });
    },
    clear: () => {
      calls = [];
      jobs = [];
    },
    take: (call) => use(calls.find((plan) => plan.call === call))?.fault ?? null,
    takeJobError: () => use(jobs[0])?.error ?? null,
  };
}

function checkTimes(times: number): number {
  if (times === Number.POSITIVE_INFINITY || (Number.isInteger(times) && times > 0)) return times;
  throw new DecartError({
    code: 'INVALID_INPUT',
    message: 'times: expected a whole number of at least 1, or Infinity.',
    data: { field: 'times' },
    permanent: true,
  });
}

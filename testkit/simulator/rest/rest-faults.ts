import * as t from 'io-ts';
import { complaintOf, faultError, numberIn, times as timesCodec } from '../../service/fault.js';

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
  /** Answered with this status, 200 to 599. `retryAfter` becomes the header of that name: seconds, or a date. */
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

/**
 * What goes wrong on the REST side, on order. Planned faults are used up in the order they were planned. Every method
 * throws `DecartError` INVALID_INPUT for arguments out of range.
 */
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

const calls = t.keyof({
  token: null,
  submit: null,
  status: null,
  result: null,
  upload: null,
  file: null,
  delete: null,
  viewer: null,
  quota: null,
  image: null,
  resolve: null,
  keys: null,
} satisfies Record<RestCallName, null>);

/** What Node takes as the value of a header. */
const headerText = new t.Type<string, string, unknown>(
  'header',
  (u): u is string => typeof u === 'string',
  (u, c) => (typeof u === 'string' && /^[\t\x20-\x7e]*$/.test(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
);

/** Keyed by `kind`, so that a wrong field is named. */
const faultCodecs: Readonly<Record<RestFault['kind'], t.Mixed>> = {
  status: t.intersection([
    t.type({ status: numberIn('status', 200, 599, true) }),
    t.partial({ text: t.string, retryAfter: headerText }),
  ]),
  reset: t.type({}),
  silent: t.type({}),
  garbage: t.type({}),
};

export function createRestFaultDeck(): RestFaultDeck {
  let spoiled: { call: RestCallName; fault: RestFault; times: number }[] = [];
  let jobs: { error: string; times: number }[] = [];

  const use = <P extends { times: number }>(plan: P | undefined): P | null => {
    if (plan === undefined) return null;
    plan.times -= 1;
    spoiled = spoiled.filter(({ times }) => times > 0);
    jobs = jobs.filter(({ times }) => times > 0);
    return plan;
  };
  return {
    spoil: (call, fault, times = 1) => {
      checkFault(call, fault);
      spoiled.push({ call, fault, times: checkTimes(times) });
    },
    failJobs: (times = 1, error = 'The job failed, as ordered.') => {
      if (typeof error !== 'string') throw faultError('error', 'error: expected text');
      jobs.push({ error, times: checkTimes(times) });
    },
    clear: () => {
      spoiled = [];
      jobs = [];
    },
    take: (call) => use(spoiled.find((plan) => plan.call === call))?.fault ?? null,
    takeJobError: () => use(jobs[0])?.error ?? null,
  };
}

function checkFault(call: unknown, fault: unknown): void {
  if (!calls.is(call)) throw faultError('call', `unknown REST call; there are ${Object.keys(calls.keys).join(', ')}`);
  const kind = typeof fault === 'object' && fault !== null && 'kind' in fault ? fault.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(faultCodecs, kind)) {
    throw faultError('kind', `unknown kind; of a REST call there are ${Object.keys(faultCodecs).join(', ')}`);
  }
  const decoded = faultCodecs[kind as RestFault['kind']].decode(fault);
  if (decoded._tag === 'Right') return;
  const path = decoded.left[0]?.context.map(({ key }) => key).filter((key) => !/^\d*$/.test(key)) ?? [];
  const field = path.join('.');
  throw faultError(field, `${kind}: ${complaintOf(decoded.left, field)}`);
}

function checkTimes(times: number): number {
  if (timesCodec.decode(times)._tag === 'Right') return times;
  throw faultError('times', 'times: expected a whole number of at least 1, or Infinity');
}

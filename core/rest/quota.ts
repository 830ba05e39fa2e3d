import * as t from 'io-ts';
import { defer, filter, map } from 'rxjs';
import { checkObject } from '../check.js';
import { promised } from './abortable.js';
import { type CallOptions, decodeAnswer, type RestCall, type RestDeps, restCall$ } from './call.js';

/** How many realtime sessions an account may run at a time, and how many it runs. `null`: the service does not say. */
export interface RealtimeQuota {
  /** Sessions that may run at a time. */
  readonly limit: number | null;
  /** Sessions that run. */
  readonly active: number | null;
  /** Sessions that may still be started. */
  readonly remaining: number | null;
}

/** Asks for the session limit. */
export interface QuotaClient {
  /**
   * Asks the service how many sessions the account may still start. It may change before the next connect: see
   * `whenFull` for that. Errors, as `DecartError`: INVALID_API_KEY, WEBRTC_SERVER_ERROR, ABORTED.
   */
  quota(options?: CallOptions): Promise<RealtimeQuota>;
}

const count = t.union([t.number, t.null]);
const quotaAnswer = t.partial({ limit: count, active: count, remaining: count });

/** The quota client over an HTTP port. */
export const createQuotaClient = (deps: RestDeps): QuotaClient => ({
  quota: async (options = {}) => {
    checkObject(options, 'options');
    const { signal, timeoutMs } = options;
    const call: RestCall = {
      failure: 'The quota could not be read',
      code: 'WEBRTC_SERVER_ERROR',
      method: 'GET',
      path: '/v1/realtime/quota',
      timeoutMs,
    };
    const quota$ = defer(() => restCall$(deps, call)).pipe(
      filter((event) => event.type === 'response'),
      map((response) => {
        const { limit = null, active = null, remaining = null } = decodeAnswer(quotaAnswer, response, call);
        return { limit, active, remaining };
      }),
    );
    return promised(deps, quota$, signal);
  },
});

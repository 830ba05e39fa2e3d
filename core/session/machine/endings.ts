// Why a session ends, and how that is reported.
import type { Failure } from '../../errors.js';

/** Who ended a session: the app, the service, a limit that the app has set, or a failure after all retries. */
export type EndedBy = 'caller' | 'service' | 'limit' | 'failure';

/** How a session ended. */
export interface SessionEnd {
  /**
   * By the caller: `disconnect`, `replaced` (a newer `connect()`) or `release`. By the service: its own word, such as
   * `timeout`, `insufficient_credits`, `moderation_violation` or `error`; others may come. By a limit: `maxSeconds`,
   * `maxCost`, `idle` or `hidden`. By a failure: the error's code.
   */
  readonly reason: string;
  /** Who ended it. */
  readonly by: EndedBy;
  /** Seconds billed from the connect on, reconnects included; `null` when the service has named none. */
  readonly seconds: number | null;
  /** Whether a new `connect()` with the same options can work. */
  readonly restartable: boolean;
}

/** What is known of an end before the seconds are added. */
export type Ending = Omit<SessionEnd, 'seconds'>;

export const disconnectCalled: Failure = { code: 'ABORTED', message: 'disconnect() was called.' };
export const clientReleased: Failure = {
  code: 'ABORTED',
  message: 'The client has been released.',
};

export const endedByCaller = (reason: 'disconnect' | 'replaced' | 'release'): Ending => ({
  reason,
  by: 'caller',
  restartable: reason !== 'release',
});

export const endedByFailure = ({ code, permanent }: Failure): Ending => ({
  reason: code,
  by: 'failure',
  restartable: permanent !== true,
});

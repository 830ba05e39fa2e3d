// What the service refuses because of the account, by the text of its `error` or the code of its close.
import type { Failure } from '../../errors.js';

/** "Try again later" (IANA): the service closes with it when the account is at its limit of sessions. */
export const FULL_CLOSE_CODE = 1013;

export const accountFull: Failure = {
  code: 'SESSION_LIMIT_REACHED',
  message: "The account has reached its limit of concurrent sessions. End one, or connect with whenFull: 'wait'.",
  permanent: true,
};

const noCredits: Failure = {
  code: 'INSUFFICIENT_CREDITS',
  message: 'The account has no credits left.',
  permanent: true,
};

/** `null`: the text says nothing of the account. */
export function accountFailureOf(text: string): Failure | null {
  if (/session limit reached/i.test(text)) return accountFull;
  if (/insufficient[ _]credits/i.test(text)) return noCredits;
  return null;
}

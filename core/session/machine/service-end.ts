// The service ends the session: it must not be opened again by itself, and be billed again.
import type { ErrorCode, Failure } from '../../errors.js';
import { endSession, failTry } from './attempts.js';
import { type AttemptDraft, emit, reportError } from './draft.js';
import type { EventOf } from './events.js';
import { countSeconds } from './usage.js';

interface KnownEnd {
  readonly code: ErrorCode;
  readonly message: string;
  readonly permanent: boolean;
}

const known: Readonly<Record<string, KnownEnd>> = {
  timeout: {
    code: 'SESSION_TIME_LIMIT',
    message: 'The service ended the session: it reached the longest duration that its key allows.',
    permanent: false,
  },
  insufficient_credits: {
    code: 'INSUFFICIENT_CREDITS',
    message: 'The service ended the session: the account has no credits left.',
    permanent: true,
  },
  moderation_violation: {
    code: 'MODERATION_VIOLATION',
    message: 'The service ended the session: its content was refused by moderation.',
    permanent: true,
  },
};

function failureOfEnd(reason: string): Failure {
  const { code, message, permanent } = (Object.hasOwn(known, reason) ? known[reason] : undefined) ?? {
    code: 'WEBRTC_SERVER_ERROR',
    message: `The service ended the session: ${reason}.`,
    permanent: false,
  };
  return { code, message, permanent, data: { reason } };
}

/**
 * The session is over as soon as the service says so: whether it closes the socket then, later or never changes
 * nothing. `disconnect` is its answer to a client that leaves, and ends nothing here.
 */
export function generationEnded(draft: AttemptDraft, { seconds, reason }: EventOf<'server.generationEnded'>): void {
  draft.state = { ...draft.state, usage: countSeconds(draft.state.usage, seconds) };
  emit(draft, { type: 'output.emit', output: { type: 'generationEnded', seconds, reason } });
  if (reason === 'disconnect') return;
  const failure = failureOfEnd(reason);
  const restartable = failure.permanent !== true;
  if (restartable && draft.state.connection.plan.reconnectsAfterEnd) return failTry(draft, failure);
  endSession(draft, failure, { reason, by: 'service', restartable });
  reportError(draft, failure);
}

// What the service says with an `error` or a close code, read together with what is on the wire.
import type { Failure } from '../../errors.js';
import { failTry } from './attempts.js';
import { type AttemptDraft, changeAttempt, type Draft, reportError } from './draft.js';
import type { EventOf } from './events.js';
import { dropRefused } from './initial-state.js';
import { failRequests, forget, settle } from './requests.js';
import { failureOfClose, failureOfServerText, namesRequest } from './retry-policy.js';
import { isLive } from './state.js';

/** An `error` fails all that is pending; while connecting that is the try itself. A pending initial state reports it. */
export function serverFailed(draft: AttemptDraft, text: string): void {
  const { attempt, connection } = draft.state;
  const isRefused = attempt.initial === 'sent' && namesRequest(text, initialKindOf(draft));
  const failure = isRefused ? refusalOf(draft, text) : failureOfServerText(text, 'WEBRTC_SERVER_ERROR');
  // Another try would send the same again.
  if (isRefused && connection.pending) return failTry(draft, { ...failure, permanent: true });
  if (isRefused) dropRefused(draft);
  else if (!isLive(draft.state)) return failTry(draft, failure);
  else if (attempt.initial !== 'sent') reportError(draft, failure);
  failRequests(draft, failure);
}

const initialKindOf = (draft: Draft): 'prompt' | 'image' => (draft.state.intent.image === null ? 'prompt' : 'image');

const refusalOf = (draft: Draft, text: string): Failure => ({
  code: 'WEBRTC_SERVER_ERROR',
  message: text,
  data: { request: initialKindOf(draft) },
});

/** The close code for a message that is too large: RFC 6455, 7.4.1. */
const MESSAGE_TOO_BIG = 1009;

export function socketClosed(draft: AttemptDraft, event: EventOf<'socket.closed'>): void {
  const failure = failureOfClose(event, !isLive(draft.state), draft.state.attempt.socket === 'opening');
  changeAttempt(draft, { socket: 'closed' });
  failTry(draft, event.code === MESSAGE_TOO_BIG ? blameTooBig(draft, failure) : failure);
}

/** What is on the wire was too large, and would be again. Only an initial state is sent again by itself. */
function blameTooBig(draft: AttemptDraft, closed: Failure): Failure {
  const { attempt, connection, images, prompts } = draft.state;
  const request = images.find(({ stage }) => stage === 'sent') ?? prompts.at(-1);
  if (request === undefined) return closed;
  const { kind } = request;
  const failure: Failure = {
    code: 'INVALID_INPUT',
    message: `The ${kind} is too large for the service, which closed the connection (code ${MESSAGE_TOO_BIG}).`,
    data: { field: kind, closeCode: MESSAGE_TOO_BIG },
  };
  if (request.id !== attempt.initialRequestId) {
    forget(draft, request);
    settle(draft, request, failure);
    return closed;
  }
  if (connection.pending) return { ...failure, permanent: true };
  draft.state = { ...draft.state, intent: { ...draft.state.intent, [kind]: null } };
  reportError(draft, failure);
  return closed;
}

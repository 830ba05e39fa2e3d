// Acks carry no id: they are matched by the echoed text (prompts) or by order alone (images). What is guaranteed about
// late ones stands in PROTOCOL.md, "Late acks".
import type { Failure } from '../../errors.js';
import type { PromptIntent } from './connect-plan.js';
import { type AttemptDraft, type Draft, diagnose } from './draft.js';
import type { EventOf } from './events.js';
import { dropRefused } from './initial-state.js';
import { type Request, replaceRequest } from './request-books.js';
import { forget, resumeSending, settle } from './requests.js';

export function takePromptAck(draft: AttemptDraft, event: EventOf<'server.promptAcked'>): void {
  // First in, first out among equal texts; a request that timed out or was cancelled takes its late ack, too.
  const [request, ...others] = draft.state.prompts.filter(({ prompt }) => prompt.text === event.prompt);
  if (request === undefined) return diagnose(draft, { name: 'ackUnmatched', of: 'prompt' });
  // The ack that the oldest takes may have been any other's.
  for (const other of others) replaceRequest(draft, { ...other, doubtful: true });
  if (event.success && request.waiting === 'caller') rememberPrompt(draft, request.prompt, request.id);
  settleByAck(draft, request, event);
}

export function takeImageAck(draft: AttemptDraft, event: EventOf<'server.imageAcked'>): void {
  const request = draft.state.images.find(({ stage }) => stage === 'sent');
  if (request === undefined) return diagnose(draft, { name: 'ackUnmatched', of: 'image' });
  if (event.success && request.waiting === 'caller') {
    const { image, prompt, id } = request;
    draft.state = { ...draft.state, intent: { ...draft.state.intent, image } };
    if (prompt !== undefined) rememberPrompt(draft, prompt, id);
  }
  settleByAck(draft, request, event);
}

/** The latest request wins, in whichever order the acks arrive. */
function rememberPrompt(draft: Draft, prompt: PromptIntent | null, requestId: number): void {
  const { intent } = draft.state;
  if (requestId > intent.promptRequestId)
    draft.state = { ...draft.state, intent: { ...intent, prompt, promptRequestId: requestId } };
}

function settleByAck(draft: AttemptDraft, request: Request, ack: { success: boolean; error: string | null }): void {
  forget(draft, request);
  if (draft.state.attempt.initialRequestId === request.id && !ack.success) dropRefused(draft);
  settle(draft, request, ack.success ? null : refusalOf(request.kind, ack.error));
  resumeSending(draft);
}

/** The service read the request and said no, which says nothing about the key or the connection. */
const refusalOf = (kind: Request['kind'], error: string | null): Failure => ({
  code: 'WEBRTC_SERVER_ERROR',
  message: error || `The service refused the ${kind}.`,
  data: { request: kind },
});

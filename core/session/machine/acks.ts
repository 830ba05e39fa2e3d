// Acks carry no id: they are matched by the echoed text (prompts) or by order alone (images). How a late ack is kept
// from settling somebody else's request is told in PROTOCOL.md, "Late acks".
import type { Failure } from '../../errors.js';
import type { PromptIntent } from './connect-plan.js';
import { cancelTimer, type Draft, diagnose } from './draft.js';
import type { EventOf } from './events.js';
import { dropRefused } from './initial-state.js';
import {
  isLate,
  type Request,
  removeRequest,
  replaceRequest,
  sendNextImage,
  sendNextPrompts,
  settle,
} from './requests.js';
import { isActive } from './state.js';
import { ackTimerOf, lateAckTimerOf } from './timers.js';

export function takePromptAck(draft: Draft, event: EventOf<'server.promptAcked'>): void {
  const isSent = ({ stage, prompt }: { stage: string; prompt: PromptIntent }): boolean =>
    stage === 'sent' && prompt.text === event.prompt;
  // First in, first out among equal texts; one that nobody waits for any more takes its late ack, too.
  const request = draft.state.prompts.find(isSent);
  if (request === undefined) return diagnose(draft, { name: 'ackUnmatched', of: 'prompt' });
  removeRequest(draft, request);
  if (request.doubtful || isLate(draft, request.id)) doubt(draft, draft.state.prompts.find(isSent));
  if (isInitial(draft, request)) takeInitialAck(draft, event.success);
  else if (event.success) rememberPrompt(draft, request.prompt, request.id);
  settleByAck(draft, request, event);
  sendNextPrompts(draft, event.prompt);
}

export function takeImageAck(draft: Draft, event: EventOf<'server.imageAcked'>): void {
  const isSent = ({ stage }: { stage: string }): boolean => stage === 'sent';
  const request = draft.state.images.find(isSent);
  if (request === undefined) return diagnose(draft, { name: 'ackUnmatched', of: 'image' });
  removeRequest(draft, request);
  if (request.doubtful || isLate(draft, request.id)) doubt(draft, draft.state.images.find(isSent));
  if (isInitial(draft, request)) {
    takeInitialAck(draft, event.success);
  } else if (event.success) {
    const { image, prompt, enhance, id } = request;
    const { intent } = draft.state;
    if (id > intent.imageRequestId) draft.state = { ...draft.state, intent: { ...intent, image, imageRequestId: id } };
    if (prompt !== undefined) rememberPrompt(draft, prompt === null ? null : { text: prompt, enhance }, id);
  }
  settleByAck(draft, request, event);
  sendNextImage(draft);
}

/** The ack that an older request took may have been this one's. */
function doubt(draft: Draft, next: Request | undefined): void {
  if (next !== undefined) replaceRequest(draft, { ...next, doubtful: true });
}

/** The initial state repeats what the intent holds already, and may come after wishes of the caller's. */
const isInitial = (draft: Draft, { id }: Request): boolean =>
  isActive(draft.state) && draft.state.attempt?.initialRequestId === id;

function takeInitialAck(draft: Draft, success: boolean): void {
  if (!success) dropRefused(draft);
}

/** The latest request wins, whatever the order in which the acks arrive. */
function rememberPrompt(draft: Draft, prompt: PromptIntent | null, requestId: number): void {
  const { intent } = draft.state;
  if (requestId > intent.promptRequestId)
    draft.state = { ...draft.state, intent: { ...intent, prompt, promptRequestId: requestId } };
}

function settleByAck(draft: Draft, request: Request, ack: { success: boolean; error: string | null }): void {
  cancelTimer(draft, ackTimerOf(request.id));
  cancelTimer(draft, lateAckTimerOf(request.id));
  settle(draft, request, ack.success ? null : refusalOf(ack.error));
}

/** The service read the request and said no, which says nothing about the key or the connection. */
const refusalOf = (error: string | null): Failure => ({
  code: 'WEBRTC_SERVER_ERROR',
  message: error || 'The service refused the request.',
});

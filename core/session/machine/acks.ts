// Acks carry no id: they are matched by the echoed text (prompts) or by order alone (images). How a late ack is kept
// from settling somebody else's request is told in PROTOCOL.md, "Late acks".
import type { Failure } from '../../errors.js';
import type { PromptIntent } from './connect-plan.js';
import { cancelTimer, diagnose, type Transition } from './draft.js';
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

export function takePromptAck(t: Transition, event: EventOf<'server.promptAcked'>): void {
  const isSent = ({ stage, prompt }: { stage: string; prompt: PromptIntent }): boolean =>
    stage === 'sent' && prompt.text === event.prompt;
  // First in, first out among equal texts; one that nobody waits for any more takes its late ack, too.
  const request = t.state.prompts.find(isSent);
  if (request === undefined) return diagnose(t, { name: 'ackUnmatched', of: 'prompt' });
  removeRequest(t, request);
  if (request.doubtful || isLate(t, request.id)) doubt(t, t.state.prompts.find(isSent));
  if (isInitial(t, request)) takeInitialAck(t, event.success);
  else if (event.success) rememberPrompt(t, request.prompt, request.id);
  settleByAck(t, request, event);
  sendNextPrompts(t, event.prompt);
}

export function takeImageAck(t: Transition, event: EventOf<'server.imageAcked'>): void {
  const isSent = ({ stage }: { stage: string }): boolean => stage === 'sent';
  const request = t.state.images.find(isSent);
  if (request === undefined) return diagnose(t, { name: 'ackUnmatched', of: 'image' });
  removeRequest(t, request);
  if (request.doubtful || isLate(t, request.id)) doubt(t, t.state.images.find(isSent));
  if (isInitial(t, request)) {
    takeInitialAck(t, event.success);
  } else if (event.success) {
    const { image, prompt, enhance, id } = request;
    const { intent } = t.state;
    if (id > intent.imageRequestId) t.state = { ...t.state, intent: { ...intent, image, imageRequestId: id } };
    if (prompt !== undefined) rememberPrompt(t, prompt === null ? null : { text: prompt, enhance }, id);
  }
  settleByAck(t, request, event);
  sendNextImage(t);
}

/** The ack that an older request took may have been this one's. */
function doubt(t: Transition, next: Request | undefined): void {
  if (next !== undefined) replaceRequest(t, { ...next, doubtful: true });
}

/** The initial state repeats what the intent holds already, and may come after wishes of the caller's. */
const isInitial = (t: Transition, { id }: Request): boolean =>
  isActive(t.state) && t.state.attempt?.initialRequestId === id;

function takeInitialAck(t: Transition, success: boolean): void {
  if (!success) dropRefused(t);
}

/** The latest request wins, whatever the order in which the acks arrive. */
function rememberPrompt(t: Transition, prompt: PromptIntent | null, requestId: number): void {
  const { intent } = t.state;
  if (requestId > intent.promptRequestId)
    t.state = { ...t.state, intent: { ...intent, prompt, promptRequestId: requestId } };
}

function settleByAck(t: Transition, request: Request, ack: { success: boolean; error: string | null }): void {
  cancelTimer(t, ackTimerOf(request.id));
  cancelTimer(t, lateAckTimerOf(request.id));
  settle(t, request, ack.success ? null : refusalOf(ack.error));
}

/** The service read the request and said no, which says nothing about the key or the connection. */
const refusalOf = (error: string | null): Failure => ({
  code: 'WEBRTC_SERVER_ERROR',
  message: error || 'The service refused the request.',
});

// Requests on their way: asked for, sent, given up. Their acks are handled in acks.ts, when an image has
// its turn in images.ts.
import type { Failure } from '../../errors.js';
import type { EncodedImage } from './connect-plan.js';
import { LATE_ACK_WINDOW_MS } from './connect-plan.js';
import { cancelTimer, type Draft, emit, isAttemptDraft, startTimer } from './draft.js';
import type { EventOf } from './events.js';
import { queueImage, sendNextImage } from './images.js';
import { sendOpening, settleInitialState } from './initial-state.js';
import { findRequest, type Request, removeRequest, replaceRequest } from './request-books.js';
import { isLive, type PromptRequest, type SessionState, type Waiting } from './state.js';
import { ackTimerOf, lateAckTimerOf, turnTimerOf } from './timers.js';

/** Prompts are sent at once: the echoed text says whose an ack is. */
export function requestPrompt(draft: Draft, event: EventOf<'caller.promptRequested'>): void {
  const { requestId: id, prompt: text, enhance, timeoutMs } = event;
  if (!isLive(draft.state)) return refuse(draft, id, 'setPrompt');
  const { attempt, connection } = draft.state;
  const request: PromptRequest = { kind: 'prompt', id, waiting: 'caller', prompt: { text, enhance }, doubtful: false };
  draft.state = { ...draft.state, prompts: [...draft.state.prompts, request] };
  startTimer(draft, ackTimerOf(id), timeoutMs ?? connection.plan.promptTimeoutMs);
  const message = { type: 'prompt', prompt: text, enhance_prompt: enhance } as const;
  emit(draft, { type: 'socket.send', attempt: attempt.id, message });
}

/** The limit runs from the call on: reading and waiting for a turn are part of it. */
export function requestImage(draft: Draft, event: EventOf<'caller.imageRequested'>): void {
  const { requestId: id, hasImage, prompt, enhance, timeoutMs } = event;
  if (!isLive(draft.state)) return refuse(draft, id, 'setImage');
  const limitMs = timeoutMs ?? draft.state.connection.plan.imageTimeoutMs;
  const request = {
    kind: 'image',
    id,
    waiting: 'caller',
    stage: 'reading',
    image: null,
    prompt: typeof prompt === 'string' ? { text: prompt, enhance } : prompt,
    limitMs,
  } as const;
  draft.state = { ...draft.state, images: [...draft.state.images, request] };
  startTimer(draft, ackTimerOf(id), limitMs);
  if (hasImage) emit(draft, { type: 'image.read', readId: id });
  else queueImage(draft, request, null);
}

export function takeReadImage(draft: Draft, requestId: number, image: EncodedImage): void {
  const request = findRequest(draft, requestId);
  if (request?.kind === 'image' && request.stage === 'reading') queueImage(draft, request, image);
}

export function failReadImage(draft: Draft, requestId: number, failure: Failure): void {
  const request = findRequest(draft, requestId);
  if (request?.kind !== 'image' || request.stage !== 'reading') return;
  forget(draft, request);
  settle(draft, request, failure);
  sendNextImage(draft);
}

/** A time limit is over: the caller's request fails. One that was sent is kept, so that it can take its late ack. */
export function timeOutRequest(draft: Draft, requestId: number): 'sent' | 'unsent' {
  const request = findRequest(draft, requestId);
  if (request === undefined) return 'unsent';
  const { kind, id } = request;
  const isSent = kind === 'prompt' || request.stage === 'sent';
  // A doubtful prompt has most likely had its ack: it must not take another request's.
  if (!isSent || (kind === 'prompt' && request.doubtful)) {
    forget(draft, request);
  } else {
    replaceRequest(draft, { ...request, waiting: 'nobody' });
    startTimer(draft, lateAckTimerOf(id), LATE_ACK_WINDOW_MS);
  }
  const message = isSent
    ? `The service did not acknowledge the ${kind} in time.`
    : `The ${kind} could not be sent in time.`;
  settle(draft, request, { code: 'WEBRTC_TIMEOUT_ERROR', message, data: { request: kind } });
  return isSent ? 'sent' : 'unsent';
}

/** The window for a late ack is over: the ack is taken for lost. */
export function forgetRequest(draft: Draft, requestId: number): void {
  const request = findRequest(draft, requestId);
  if (request === undefined) return;
  removeRequest(draft, request);
  sendNextImage(draft);
}

const cancelled: Failure = { code: 'ABORTED', message: 'The call was cancelled.' };

/** The caller cancelled. A request that was sent stays until its ack or its timer, so that no other takes the ack. */
export function cancelRequest(draft: Draft, requestId: number): void {
  const request = findRequest(draft, requestId);
  if (request?.waiting !== 'caller') return;
  if (request.kind === 'prompt' || request.stage === 'sent') replaceRequest(draft, { ...request, waiting: 'nobody' });
  else forget(draft, request);
  settle(draft, request, cancelled);
  resumeSending(draft);
}

/** The service reported an error: it answers all requests that were sent, and fails all that are pending. */
export function failRequests(draft: Draft, failure: Failure): void {
  for (const request of forgetAll(draft)) settle(draft, request, failure);
  resumeSending(draft);
}

/** The connection is gone: each request that a caller waits for fails, all are forgotten. */
export function rejectRequests(draft: Draft, failure: Failure): void {
  for (const request of forgetAll(draft)) if (request.waiting === 'caller') settle(draft, request, failure);
}

/** A prompt that is settled may have held back the initial state, or an image with an older prompt. */
export function resumeSending(draft: Draft): void {
  if (!isAttemptDraft(draft) || !isLive(draft.state)) return;
  sendOpening(draft);
  sendNextImage(draft);
}

/** Reports the outcome to the caller or the handshake, if one still waits. */
export function settle(
  draft: Draft,
  { id, waiting }: { readonly id: number; readonly waiting: Waiting },
  failure: Failure | null,
): void {
  if (waiting === 'caller') emit(draft, { type: 'request.settle', requestId: id, failure });
  if (waiting === 'handshake' && isAttemptDraft(draft)) settleInitialState(draft, failure);
}

/** Why a call that came while no session is live is refused. */
export const needsSession = (call: string, { status, released }: SessionState): string =>
  `${call} needs a connected session; this one is ${released ? 'released' : `${status}. Wait for connect()`}.`;

function refuse(draft: Draft, requestId: number, call: string): void {
  const { status } = draft.state;
  const failure: Failure = {
    code: 'WEBRTC_SIGNALING_ERROR',
    message: needsSession(call, draft.state),
    data: { state: status },
  };
  settle(draft, { id: requestId, waiting: 'caller' }, failure);
}

function forgetAll(draft: Draft): readonly Request[] {
  const all: readonly Request[] = [...draft.state.prompts, ...draft.state.images];
  for (const request of all) forget(draft, request);
  return all;
}

/** Removes a request, with its timers and its image in reading. */
export function forget(draft: Draft, request: Request): void {
  const { id, kind } = request;
  if (kind === 'image' && request.stage === 'reading') emit(draft, { type: 'image.cancel', readId: id });
  for (const timerOf of [ackTimerOf, turnTimerOf, lateAckTimerOf]) cancelTimer(draft, timerOf(id));
  removeRequest(draft, request);
}

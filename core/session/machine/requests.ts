// Prompts and images on their way: asked for, sent, given up. What becomes of their acks stands in acks.ts.
import type { Failure } from '../../errors.js';
import { type EncodedImage, LATE_ACK_WINDOW_MS } from './connect-plan.js';
import { cancelTimer, type Draft, emit, isTimerRunning, startTimer } from './draft.js';
import type { EventOf } from './events.js';
import { settleInitialState } from './initial-state.js';
import { setImageMessage } from './opening-message.js';
import { type ImageRequest, isLive, type PromptRequest, type Waiting } from './state.js';
import { ackTimerOf, lateAckTimerOf } from './timers.js';

export type Request = PromptRequest | ImageRequest;

export function requestPrompt(draft: Draft, event: EventOf<'caller.promptRequested'>): void {
  const { requestId, prompt: text, enhance, timeoutMs } = event;
  if (!isLive(draft.state)) return refuse(draft, requestId, 'setPrompt');
  const request: PromptRequest = {
    kind: 'prompt',
    id: requestId,
    waiting: 'caller',
    stage: 'queued',
    prompt: { text, enhance },
    timeoutMs,
    doubtful: false,
  };
  draft.state = { ...draft.state, prompts: [...draft.state.prompts, request] };
  sendNextPrompts(draft, text);
}

export function requestImage(draft: Draft, event: EventOf<'caller.imageRequested'>): void {
  const { requestId, hasImage, prompt, enhance, timeoutMs } = event;
  if (!isLive(draft.state)) return refuse(draft, requestId, 'setImage');
  const request: ImageRequest = {
    kind: 'image',
    id: requestId,
    waiting: 'caller',
    stage: hasImage ? 'reading' : 'queued',
    image: null,
    prompt,
    enhance,
    timeoutMs,
    doubtful: false,
  };
  draft.state = { ...draft.state, images: [...draft.state.images, request] };
  if (hasImage) {
    emit(draft, { type: 'image.read', readId: requestId });
    startTimer(draft, ackTimerOf(requestId), timeoutMs ?? draft.state.connection.plan.imageTimeoutMs);
  } else {
    sendNextImage(draft);
  }
}

export function takeReadImage(draft: Draft, requestId: number, image: EncodedImage): void {
  const request = draft.state.images.find(({ id }) => id === requestId);
  if (request?.stage !== 'reading') return;
  cancelTimer(draft, ackTimerOf(requestId));
  replaceRequest(draft, { ...request, stage: 'queued', image });
  sendNextImage(draft);
}

export function failReadImage(draft: Draft, requestId: number, failure: Failure): void {
  const request = draft.state.images.find(({ id }) => id === requestId);
  if (request?.stage !== 'reading') return;
  cancelTimer(draft, ackTimerOf(requestId));
  removeRequest(draft, request);
  settle(draft, request, failure);
  sendNextImage(draft);
}

/** Prompts go out at once, unless an equal one has timed out in doubt: see PROTOCOL.md, "Late acks". */
export function sendNextPrompts(draft: Draft, text: string): void {
  const equal = draft.state.prompts.filter(({ prompt }) => prompt.text === text);
  if (equal.some(({ id, doubtful }) => doubtful && isLate(draft, id))) return;
  for (const request of equal) {
    if (request.stage !== 'queued') continue;
    replaceRequest(draft, { ...request, stage: 'sent' });
    const { prompt } = request;
    const message = { type: 'prompt', prompt: prompt.text, enhance_prompt: prompt.enhance } as const;
    send(draft, request, message, 'promptTimeoutMs');
  }
}

/** One image is on the wire at a time: its ack carries no id, so only order can tell whose it is. */
export function sendNextImage(draft: Draft): void {
  // An initial image that is still being read comes before any other.
  if (!isLive(draft.state) || draft.state.attempt.initial === 'unsent') return;
  if (draft.state.images.some((image) => holdsWire(draft, image))) return;
  const next = draft.state.images.find(({ stage }) => stage !== 'sent');
  if (next?.stage !== 'queued') return;
  replaceRequest(draft, { ...next, stage: 'sent' });
  send(draft, next, setImageMessage(next.image, next.prompt, next.enhance), 'imageTimeoutMs');
}

function send(
  draft: Draft,
  { id, timeoutMs }: Request,
  message: Extract<Parameters<typeof emit>[1], { type: 'socket.send' }>['message'],
  byDefault: 'promptTimeoutMs' | 'imageTimeoutMs',
): void {
  if (!isLive(draft.state)) return;
  const { attempt, connection } = draft.state;
  emit(draft, { type: 'socket.send', attempt: attempt.id, message });
  startTimer(draft, ackTimerOf(id), timeoutMs ?? connection.plan[byDefault]);
}

/** Until its ack or its timeout; when it times out in doubt, until the late ack's window is over. */
const holdsWire = (draft: Draft, { id, stage, doubtful, waiting }: ImageRequest): boolean =>
  stage === 'sent' && (doubtful || waiting === 'handshake' || isTimerRunning(draft, ackTimerOf(id)));

/** Its time is over, and its ack may still come. */
export const isLate = (draft: Draft, requestId: number): boolean => isTimerRunning(draft, lateAckTimerOf(requestId));

/** An ack timer ran out: whoever waits is told, and what is on the wire stays to take its late ack. */
export function timeOutRequest(draft: Draft, requestId: number): void {
  const request = findRequest(draft, requestId);
  if (request === undefined) return;
  const { kind } = request;
  failRequest(draft, request, {
    code: 'WEBRTC_TIMEOUT_ERROR',
    message: `The ${kind} was not acknowledged in time.`,
    data: { request: kind },
  });
  if (kind === 'image') sendNextImage(draft);
}

/** The server reported an error, which fails all that is pending; acks that come all the same are late ones. */
export function failRequests(draft: Draft, failure: Failure): void {
  for (const request of [...draft.state.prompts, ...draft.state.images]) {
    if (request.waiting !== 'nobody') failRequest(draft, request, failure);
  }
}

function failRequest(draft: Draft, request: Request, failure: Failure): void {
  const { id, stage } = request;
  cancelTimer(draft, ackTimerOf(id));
  if (stage === 'sent') {
    replaceRequest(draft, { ...request, waiting: 'nobody' });
    startTimer(draft, lateAckTimerOf(id), LATE_ACK_WINDOW_MS);
  } else {
    withdraw(draft, request);
  }
  settle(draft, request, failure);
}

/** The window for a late ack is over: the ack is taken for lost. */
export function forgetRequest(draft: Draft, requestId: number): void {
  const request = findRequest(draft, requestId);
  if (request === undefined) return;
  removeRequest(draft, request);
  if (request.kind === 'prompt') sendNextPrompts(draft, request.prompt.text);
  else sendNextImage(draft);
}

const cancelled: Failure = { code: 'ABORTED', message: 'The call was cancelled.' };

/** The caller lost interest. What is on the wire stays until its ack or its timer, so that nobody else takes the ack. */
export function cancelRequest(draft: Draft, requestId: number): void {
  const request = findRequest(draft, requestId);
  if (request?.waiting !== 'caller') return;
  if (request.stage === 'sent') {
    replaceRequest(draft, { ...request, waiting: 'nobody' });
  } else {
    cancelTimer(draft, ackTimerOf(requestId));
    withdraw(draft, request);
  }
  settle(draft, request, cancelled);
  sendNextImage(draft);
}

/** The connection is gone: each request that somebody waits for fails, all are forgotten. */
export function rejectRequests(draft: Draft, failure: Failure): void {
  const { prompts, images } = draft.state;
  const all: readonly Request[] = [...prompts, ...images];
  for (const { id, stage } of all) {
    if (stage === 'reading') emit(draft, { type: 'image.cancel', readId: id });
    cancelTimer(draft, ackTimerOf(id));
    cancelTimer(draft, lateAckTimerOf(id));
  }
  draft.state = { ...draft.state, prompts: [], images: [] };
  for (const { id, waiting } of all) {
    if (waiting === 'caller') emit(draft, { type: 'request.settle', requestId: id, failure });
  }
}

/** Tells whoever waits. */
export function settle(
  draft: Draft,
  { id, waiting }: { readonly id: number; readonly waiting: Waiting },
  failure: Failure | null,
): void {
  if (waiting === 'caller') emit(draft, { type: 'request.settle', requestId: id, failure });
  if (waiting === 'handshake') settleInitialState(draft, failure);
}

function refuse(draft: Draft, requestId: number, call: string): void {
  const { status } = draft.state;
  const failure: Failure = {
    code: 'WEBRTC_SIGNALING_ERROR',
    message: `${call} needs a connected session; this one is ${status}.`,
    data: { state: status },
  };
  settle(draft, { id: requestId, waiting: 'caller' }, failure);
}

const findRequest = (draft: Draft, requestId: number): Request | undefined =>
  draft.state.prompts.find(({ id }) => id === requestId) ?? draft.state.images.find(({ id }) => id === requestId);

/** Takes back what is not on the wire yet. */
function withdraw(draft: Draft, request: Request): void {
  if (request.stage === 'reading') emit(draft, { type: 'image.cancel', readId: request.id });
  removeRequest(draft, request);
}

export function replaceRequest(draft: Draft, request: Request): void {
  const replace = <R extends Request>(others: readonly R[], by: R): readonly R[] =>
    others.map((other) => (other.id === by.id ? by : other));
  draft.state =
    request.kind === 'prompt'
      ? { ...draft.state, prompts: replace(draft.state.prompts, request) }
      : { ...draft.state, images: replace(draft.state.images, request) };
}

export function removeRequest(draft: Draft, { kind, id }: Request): void {
  draft.state =
    kind === 'prompt'
      ? { ...draft.state, prompts: draft.state.prompts.filter((other) => other.id !== id) }
      : { ...draft.state, images: draft.state.images.filter((other) => other.id !== id) };
}

// Prompts and images on their way: asked for, sent, given up. What becomes of their acks stands in acks.ts.
import type { Failure } from '../../errors.js';
import { type EncodedImage, LATE_ACK_WINDOW_MS } from './connect-plan.js';
import { cancelTimer, order, startTimer, type Transition } from './draft.js';
import type { EventOf } from './events.js';
import { settleInitialState } from './initial-state.js';
import { setImageMessage } from './opening-message.js';
import { type ImageRequest, isLive, type PromptRequest, type Waiting } from './state.js';
import { ackTimerOf, lateAckTimerOf } from './timers.js';

export type Request = PromptRequest | ImageRequest;

export function requestPrompt(t: Transition, event: EventOf<'caller.promptRequested'>): void {
  const { requestId, prompt: text, enhance, timeoutMs } = event;
  if (!isLive(t.state)) return refuse(t, requestId, 'setPrompt');
  const request: PromptRequest = {
    kind: 'prompt',
    id: requestId,
    waiting: 'caller',
    stage: 'queued',
    prompt: { text, enhance },
    timeoutMs,
    doubtful: false,
  };
  t.state = { ...t.state, prompts: [...t.state.prompts, request] };
  sendNextPrompts(t, text);
}

export function requestImage(t: Transition, event: EventOf<'caller.imageRequested'>): void {
  const { requestId, hasImage, prompt, enhance, timeoutMs } = event;
  if (!isLive(t.state)) return refuse(t, requestId, 'setImage');
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
  t.state = { ...t.state, images: [...t.state.images, request] };
  if (hasImage) {
    order(t, { type: 'image.read', readId: requestId });
    startTimer(t, ackTimerOf(requestId), timeoutMs ?? t.state.engagement.plan.imageTimeoutMs);
  } else {
    sendNextImage(t);
  }
}

export function takeReadImage(t: Transition, requestId: number, image: EncodedImage): void {
  const request = t.state.images.find(({ id }) => id === requestId);
  if (request?.stage !== 'reading') return;
  cancelTimer(t, ackTimerOf(requestId));
  replaceRequest(t, { ...request, stage: 'queued', image });
  sendNextImage(t);
}

export function failReadImage(t: Transition, requestId: number, failure: Failure): void {
  const request = t.state.images.find(({ id }) => id === requestId);
  if (request?.stage !== 'reading') return;
  cancelTimer(t, ackTimerOf(requestId));
  removeRequest(t, request);
  settle(t, request, failure);
  sendNextImage(t);
}

/** Prompts go out at once, unless an equal one has timed out in doubt: see PROTOCOL.md, "Late acks". */
export function sendNextPrompts(t: Transition, text: string): void {
  const equal = t.state.prompts.filter(({ prompt }) => prompt.text === text);
  if (equal.some(({ id, doubtful }) => doubtful && isLate(t, id))) return;
  for (const request of equal) {
    if (request.stage !== 'queued') continue;
    replaceRequest(t, { ...request, stage: 'sent' });
    const { prompt } = request;
    const message = { type: 'prompt', prompt: prompt.text, enhance_prompt: prompt.enhance } as const;
    send(t, request, message, 'promptTimeoutMs');
  }
}

/** One image is on the wire at a time: its ack carries no id, so only order can tell whose it is. */
export function sendNextImage(t: Transition): void {
  // An initial image that is still being read comes before any other.
  if (!isLive(t.state) || t.state.attempt.initial === 'unsent') return;
  if (t.state.images.some((image) => holdsWire(t, image))) return;
  const next = t.state.images.find(({ stage }) => stage !== 'sent');
  if (next?.stage !== 'queued') return;
  replaceRequest(t, { ...next, stage: 'sent' });
  send(t, next, setImageMessage(next.image, next.prompt, next.enhance), 'imageTimeoutMs');
}

function send(
  t: Transition,
  { id, timeoutMs }: Request,
  message: Extract<Parameters<typeof order>[1], { type: 'socket.send' }>['message'],
  byDefault: 'promptTimeoutMs' | 'imageTimeoutMs',
): void {
  if (!isLive(t.state)) return;
  const { attempt, engagement } = t.state;
  order(t, { type: 'socket.send', attempt: attempt.id, message });
  startTimer(t, ackTimerOf(id), timeoutMs ?? engagement.plan[byDefault]);
}

/** Until its ack or its timeout; when it times out in doubt, until the late ack's window is over. */
const holdsWire = (t: Transition, { id, stage, doubtful, waiting }: ImageRequest): boolean =>
  stage === 'sent' && (doubtful || waiting === 'handshake' || t.state.timers.includes(ackTimerOf(id)));

/** Its time is over, and its ack may still come. */
export const isLate = (t: Transition, requestId: number): boolean => t.state.timers.includes(lateAckTimerOf(requestId));

/** An ack timer ran out: whoever waits is told, and what is on the wire stays to take its late ack. */
export function timeOutRequest(t: Transition, requestId: number): void {
  const request = findRequest(t, requestId);
  if (request === undefined) return;
  const { kind } = request;
  failRequest(t, request, {
    code: 'WEBRTC_TIMEOUT_ERROR',
    message: `The ${kind} was not acknowledged in time.`,
    data: { request: kind },
  });
  if (kind === 'image') sendNextImage(t);
}

/** The server reported an error, which fails all that is pending; acks that come all the same are late ones. */
export function failRequests(t: Transition, failure: Failure): void {
  for (const request of [...t.state.prompts, ...t.state.images]) {
    if (request.waiting !== 'nobody') failRequest(t, request, failure);
  }
}

function failRequest(t: Transition, request: Request, failure: Failure): void {
  const { id, stage } = request;
  cancelTimer(t, ackTimerOf(id));
  if (stage === 'sent') {
    replaceRequest(t, { ...request, waiting: 'nobody' });
    startTimer(t, lateAckTimerOf(id), LATE_ACK_WINDOW_MS);
  } else {
    withdraw(t, request);
  }
  settle(t, request, failure);
}

/** The window for a late ack is over: the ack is taken for lost. */
export function forgetRequest(t: Transition, requestId: number): void {
  const request = findRequest(t, requestId);
  if (request === undefined) return;
  removeRequest(t, request);
  if (request.kind === 'prompt') sendNextPrompts(t, request.prompt.text);
  else sendNextImage(t);
}

const cancelled: Failure = { code: 'ABORTED', message: 'The call was cancelled.' };

/** The caller lost interest. What is on the wire stays until its ack or its timer, so that nobody else takes the ack. */
export function cancelRequest(t: Transition, requestId: number): void {
  const request = findRequest(t, requestId);
  if (request?.waiting !== 'caller') return;
  if (request.stage === 'sent') {
    replaceRequest(t, { ...request, waiting: 'nobody' });
  } else {
    cancelTimer(t, ackTimerOf(requestId));
    withdraw(t, request);
  }
  settle(t, request, cancelled);
  sendNextImage(t);
}

/** The connection is gone: each request that somebody waits for fails, all are forgotten. */
export function rejectRequests(t: Transition, failure: Failure): void {
  const { prompts, images } = t.state;
  const all: readonly Request[] = [...prompts, ...images];
  for (const { id, stage } of all) {
    if (stage === 'reading') order(t, { type: 'image.cancel', readId: id });
    cancelTimer(t, ackTimerOf(id));
    cancelTimer(t, lateAckTimerOf(id));
  }
  t.state = { ...t.state, prompts: [], images: [] };
  for (const { id, waiting } of all) {
    if (waiting === 'caller') order(t, { type: 'request.settle', requestId: id, failure });
  }
}

/** Tells whoever waits. */
export function settle(
  t: Transition,
  { id, waiting }: { readonly id: number; readonly waiting: Waiting },
  failure: Failure | null,
): void {
  if (waiting === 'caller') order(t, { type: 'request.settle', requestId: id, failure });
  if (waiting === 'handshake') settleInitialState(t, failure);
}

function refuse(t: Transition, requestId: number, call: string): void {
  const { status } = t.state;
  const failure: Failure = {
    code: 'WEBRTC_SIGNALING_ERROR',
    message: `${call} needs a connected session; this one is ${status}.`,
    data: { state: status },
  };
  settle(t, { id: requestId, waiting: 'caller' }, failure);
}

const findRequest = (t: Transition, requestId: number): Request | undefined =>
  t.state.prompts.find(({ id }) => id === requestId) ?? t.state.images.find(({ id }) => id === requestId);

/** Takes back what is not on the wire yet. */
function withdraw(t: Transition, request: Request): void {
  if (request.stage === 'reading') order(t, { type: 'image.cancel', readId: request.id });
  removeRequest(t, request);
}

export function replaceRequest(t: Transition, request: Request): void {
  const replace = <R extends Request>(others: readonly R[], by: R): readonly R[] =>
    others.map((other) => (other.id === by.id ? by : other));
  t.state =
    request.kind === 'prompt'
      ? { ...t.state, prompts: replace(t.state.prompts, request) }
      : { ...t.state, images: replace(t.state.images, request) };
}

export function removeRequest(t: Transition, { kind, id }: Request): void {
  t.state =
    kind === 'prompt'
      ? { ...t.state, prompts: t.state.prompts.filter((other) => other.id !== id) }
      : { ...t.state, images: t.state.images.filter((other) => other.id !== id) };
}

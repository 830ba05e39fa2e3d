// Prompts and images: on the wire, answered, late, given up.
import type { Failure } from '../errors.js';
import type { EventOf } from './events.js';
import { settleInitialState } from './initial-state.js';
import { setImageMessage } from './outgoing.js';
import { type EncodedImage, LATE_ACK_WINDOW_MS, type PromptIntent } from './plan.js';
import { failureOfServerText } from './policy.js';
import { type ImageRequest, isLive, type PromptRequest, type Waiting } from './state.js';
import { ackTimerOf, lateAckTimerOf } from './timer-keys.js';
import { cancelTimer, diagnose, order, startTimer, type Transition } from './transition.js';

export function requestPrompt(t: Transition, event: EventOf<'caller.promptRequested'>): void {
  const { requestId, timeoutMs } = event;
  if (!isLive(t.state)) return refuse(t, requestId, 'setPrompt');
  const prompt = { text: event.prompt, enhance: event.enhance };
  const { attempt, engagement } = t.state;
  t.state = { ...t.state, prompts: [...t.state.prompts, { id: requestId, waiting: 'caller', prompt }] };
  order(t, {
    type: 'socket.send',
    attempt: attempt.id,
    message: { type: 'prompt', prompt: prompt.text, enhance_prompt: prompt.enhance },
  });
  startTimer(t, ackTimerOf(requestId), timeoutMs ?? engagement.plan.promptTimeoutMs);
}

export function requestImage(t: Transition, event: EventOf<'caller.imageRequested'>): void {
  const { requestId, hasImage, prompt, enhance, timeoutMs } = event;
  if (!isLive(t.state)) return refuse(t, requestId, 'setImage');
  const request: ImageRequest = {
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
  replaceImage(t, { ...request, stage: 'queued', image });
  sendNextImage(t);
}

export function failReadImage(t: Transition, requestId: number, failure: Failure): void {
  if (t.state.images.find(({ id }) => id === requestId)?.stage !== 'reading') return;
  cancelTimer(t, ackTimerOf(requestId));
  removeImage(t, requestId);
  order(t, { type: 'request.settle', requestId, failure });
  sendNextImage(t);
}

/** One image is on the wire at a time: its ack carries no id, so only order can tell whose it is. */
function sendNextImage(t: Transition): void {
  if (!isLive(t.state) || t.state.images.some((image) => holdsWire(t, image))) return;
  const next = t.state.images.find(({ stage }) => stage !== 'sent');
  if (next?.stage !== 'queued') return;
  const { attempt, engagement } = t.state;
  replaceImage(t, { ...next, stage: 'sent' });
  order(t, {
    type: 'socket.send',
    attempt: attempt.id,
    message: setImageMessage(next.image, next.prompt, next.enhance),
  });
  startTimer(t, ackTimerOf(next.id), next.timeoutMs ?? engagement.plan.imageTimeoutMs);
}

/** Until its ack or its timeout; after a doubtful timeout until the late ack's window is over, so that one lost ack costs one false timeout, not a chain of them. */
const holdsWire = (t: Transition, { id, stage, doubtful, waiting }: ImageRequest): boolean =>
  stage === 'sent' && (doubtful || waiting === 'handshake' || t.state.timers.includes(ackTimerOf(id)));

export function takePromptAck(t: Transition, event: EventOf<'server.promptAcked'>): void {
  // First in, first out among equal texts; one that nobody waits for any more takes its late ack, too.
  const request = t.state.prompts.find(({ prompt }) => prompt.text === event.prompt);
  if (request === undefined) return diagnose(t, { name: 'ackUnmatched', of: 'prompt' });
  t.state = { ...t.state, prompts: t.state.prompts.filter((other) => other !== request) };
  if (event.success) rememberPrompt(t, request.prompt, request.id);
  settleByAck(t, request, event);
}

export function takeImageAck(t: Transition, event: EventOf<'server.imageAcked'>): void {
  const request = t.state.images.find(({ stage }) => stage === 'sent');
  if (request === undefined) return diagnose(t, { name: 'ackUnmatched', of: 'image' });
  removeImage(t, request.id);
  if (event.success) {
    const { image, prompt, enhance, id } = request;
    if (id > t.state.intent.imageRequestId) {
      t.state = { ...t.state, intent: { ...t.state.intent, image, imageRequestId: id } };
    }
    if (prompt !== undefined) rememberPrompt(t, prompt === null ? null : { text: prompt, enhance }, id);
  }
  if (request.waiting === 'nobody') {
    const onWire = t.state.images.find(({ stage }) => stage === 'sent');
    if (onWire !== undefined) replaceImage(t, { ...onWire, doubtful: true });
  }
  settleByAck(t, request, event);
  sendNextImage(t);
}

/** The latest request wins, whatever the order in which the acks arrive. */
function rememberPrompt(t: Transition, prompt: PromptIntent | null, requestId: number): void {
  const { intent } = t.state;
  if (requestId > intent.promptRequestId)
    t.state = { ...t.state, intent: { ...intent, prompt, promptRequestId: requestId } };
}

/** An ack timer ran out: whoever waits is told, and what is on the wire stays to take its late ack. */
export function timeOutRequest(t: Transition, requestId: number): void {
  const request = findRequest(t, requestId);
  if (request === undefined) return;
  const what = 'stage' in request ? 'image' : 'prompt';
  failRequest(t, request, {
    code: 'WEBRTC_TIMEOUT_ERROR',
    message: `The ${what} was not acknowledged in time.`,
    data: { request: what },
  });
  sendNextImage(t);
}

/** The server reported an error, which fails all that is pending; acks that come all the same are late ones. */
export function failRequests(t: Transition, failure: Failure): void {
  for (const request of [...t.state.prompts, ...t.state.images]) {
    if (request.waiting !== 'nobody') failRequest(t, request, failure);
  }
}

function failRequest(t: Transition, request: PromptRequest | ImageRequest, failure: Failure): void {
  const { id, waiting } = request;
  cancelTimer(t, ackTimerOf(id));
  if (isOnWire(request)) {
    abandon(t, request);
    startTimer(t, lateAckTimerOf(id), LATE_ACK_WINDOW_MS);
  } else {
    withdraw(t, request);
  }
  settle(t, id, waiting, failure);
}

/** The window for a late ack is over: the ack is taken for lost. */
export function forgetRequest(t: Transition, requestId: number): void {
  t.state = { ...t.state, prompts: t.state.prompts.filter(({ id }) => id !== requestId) };
  removeImage(t, requestId);
  sendNextImage(t);
}

/** The caller lost interest. What is on the wire stays until its ack or its timer, so that nobody else takes the ack. */
export function cancelRequest(t: Transition, requestId: number): void {
  const request = findRequest(t, requestId);
  if (request === undefined || request.waiting !== 'caller') return;
  if (isOnWire(request)) return abandon(t, request);
  cancelTimer(t, ackTimerOf(requestId));
  withdraw(t, request);
  sendNextImage(t);
}

/** The connection is gone: each request that somebody waits for fails, all are forgotten. */
export function rejectRequests(t: Transition, failure: Failure): void {
  const { prompts, images } = t.state;
  for (const request of images) {
    if (request.stage === 'reading') order(t, { type: 'image.cancel', readId: request.id });
  }
  for (const { id } of [...prompts, ...images]) {
    cancelTimer(t, ackTimerOf(id));
    cancelTimer(t, lateAckTimerOf(id));
  }
  t.state = { ...t.state, prompts: [], images: [] };
  for (const { id, waiting } of [...prompts, ...images]) {
    if (waiting === 'caller') order(t, { type: 'request.settle', requestId: id, failure });
  }
}

function settleByAck(
  t: Transition,
  request: PromptRequest | ImageRequest,
  ack: { success: boolean; error: string | null },
): void {
  cancelTimer(t, ackTimerOf(request.id));
  cancelTimer(t, lateAckTimerOf(request.id));
  settle(t, request.id, request.waiting, ack.success ? null : rejectionOf(ack.error));
}

function settle(t: Transition, requestId: number, waiting: Waiting, failure: Failure | null): void {
  if (waiting === 'caller') order(t, { type: 'request.settle', requestId, failure });
  if (waiting === 'handshake') settleInitialState(t, failure);
}

const rejectionOf = (error: string | null): Failure =>
  failureOfServerText(error ?? 'The server refused the request.', 'WEBRTC_SERVER_ERROR');

function refuse(t: Transition, requestId: number, call: string): void {
  const { status } = t.state;
  const failure: Failure = {
    code: 'WEBRTC_SIGNALING_ERROR',
    message: `${call} needs a connected session; this one is ${status}.`,
    data: { state: status },
  };
  order(t, { type: 'request.settle', requestId, failure });
}

const findRequest = (t: Transition, requestId: number): PromptRequest | ImageRequest | undefined =>
  t.state.prompts.find(({ id }) => id === requestId) ?? t.state.images.find(({ id }) => id === requestId);

const isOnWire = (request: PromptRequest | ImageRequest): boolean => !('stage' in request) || request.stage === 'sent';

/** Takes back an image that is not on the wire yet. */
function withdraw(t: Transition, request: PromptRequest | ImageRequest): void {
  if ('stage' in request && request.stage === 'reading') order(t, { type: 'image.cancel', readId: request.id });
  removeImage(t, request.id);
}

function abandon(t: Transition, request: PromptRequest | ImageRequest): void {
  if ('stage' in request) return replaceImage(t, { ...request, waiting: 'nobody' });
  const abandoned: PromptRequest = { ...request, waiting: 'nobody' };
  t.state = { ...t.state, prompts: t.state.prompts.map((other) => (other.id === request.id ? abandoned : other)) };
}

function replaceImage(t: Transition, image: ImageRequest): void {
  t.state = { ...t.state, images: t.state.images.map((other) => (other.id === image.id ? image : other)) };
}

function removeImage(t: Transition, requestId: number): void {
  t.state = { ...t.state, images: t.state.images.filter(({ id }) => id !== requestId) };
}

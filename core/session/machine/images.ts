// Whose turn it is: one image is on the wire at a time, because its ack carries no id and only order can say whose it is.
import { type EncodedImage, TURN_SHARE } from './connect-plan.js';
import { cancelTimer, type Draft, emit, startTimer } from './draft.js';
import { setImageMessage } from './opening-message.js';
import { isPromptPendingSince, removeRequest, replaceRequest } from './request-books.js';
import { type ImageRequest, isLive } from './state.js';
import { ackTimerOf, lateAckTimerOf, turnTimerOf } from './timers.js';

/** The image is there, `null` to clear: it waits for its turn. */
export function queueImage(draft: Draft, request: ImageRequest, image: EncodedImage | null): void {
  replaceRequest(draft, { ...request, stage: 'queued', image });
  startTimer(draft, turnTimerOf(request.id), request.limitMs * TURN_SHARE);
  sendNextImage(draft);
}

export function sendNextImage(draft: Draft): void {
  // An initial image that is still being read comes before any other.
  if (!isLive(draft.state) || draft.state.attempt.initial === 'unsent') return;
  const { images, intent, attempt } = draft.state;
  // One that is on the wire, or still being read, is the first.
  const next = images[0];
  if (next?.stage !== 'queued') return;
  let { prompt } = next;
  if (prompt !== undefined) {
    // A prompt asked for later is on the wire before this one. Only its answer says which of the two is to be shown.
    if (isPromptPendingSince(draft, next.id)) return;
    if (intent.promptRequestId > next.id) prompt = undefined;
  }
  replaceRequest(draft, { ...next, stage: 'sent', prompt });
  cancelTimer(draft, turnTimerOf(next.id));
  const message = setImageMessage(next.image, prompt);
  emit(draft, { type: 'socket.send', attempt: attempt.id, message });
}

/** An image has waited for most of its limit: the wait for the ack of a request that has timed out ends here. */
export function takeTurn(draft: Draft): void {
  const abandoned = draft.state.images.find(({ stage, waiting }) => stage === 'sent' && waiting === 'nobody');
  if (abandoned === undefined) return;
  for (const timerOf of [ackTimerOf, lateAckTimerOf]) cancelTimer(draft, timerOf(abandoned.id));
  removeRequest(draft, abandoned);
  sendNextImage(draft);
}

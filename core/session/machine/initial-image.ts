// The caller's initial image: read while the socket opens, it joins the initial state, or fails it.
import type { Failure } from '../../errors.js';
import { giveUp } from './attempts.js';
import type { EncodedImage } from './connect-plan.js';
import { cancelTimer, changeAttempt, changeConnection, type Draft, emit, reportError } from './draft.js';
import { openHandshake } from './handshake.js';
import { sendNextImage } from './images.js';
import { openingIntentOf, reportRestored } from './initial-state.js';
import { initialMessageOf } from './opening-message.js';
import { hasAttempt, isActive, isLive } from './state.js';
import { stageTimerOf } from './timers.js';

export function initialImageRead(draft: Draft, image: EncodedImage): void {
  endInitialReading(draft, 'read');
  draft.state = { ...draft.state, intent: { ...draft.state.intent, image } };
  openHandshake(draft);
}

/** A pending `connect()` fails with it. A session that is past that goes on without the image. */
export function initialImageFailed(draft: Draft, failure: Failure): void {
  if (isActive(draft.state) && draft.state.connection.pending) giveUp(draft, failure);
  else dropInitialImage(draft, failure);
}

export function initialImageTimedOut(draft: Draft): void {
  if (!isActive(draft.state)) return;
  const { connectId, pending } = draft.state.connection;
  if (!pending) emit(draft, { type: 'image.cancel', readId: connectId });
  const message = 'The initial image of connect() was not read in time. Pass its bytes, or a smaller image.';
  initialImageFailed(draft, { code: 'WEBRTC_TIMEOUT_ERROR', message, data: { request: 'image' } });
}

/** The session goes on without the image: with the initial prompt, if there is one. */
function dropInitialImage(draft: Draft, failure: Failure): void {
  endInitialReading(draft, 'none');
  reportError(draft, failure);
  if (!hasAttempt(draft.state)) return;
  const isNothingLeft = initialMessageOf(openingIntentOf(draft.state)) === null;
  if (draft.state.attempt.initial !== 'unsent' || !isNothingLeft) return openHandshake(draft);
  changeAttempt(draft, { initial: 'failed' });
  if (isLive(draft.state)) reportRestored(draft);
  sendNextImage(draft);
}

function endInitialReading(draft: Draft, initialImage: 'read' | 'none'): void {
  changeConnection(draft, { initialImage });
  if (hasAttempt(draft.state)) cancelTimer(draft, stageTimerOf('initialImage', draft.state.attempt.id));
}

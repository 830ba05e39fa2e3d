// The caller's initial image: read while the socket opens, it joins the initial state, or fails it.
import type { Failure } from '../../errors.js';
import { giveUp } from './attempts.js';
import type { EncodedImage } from './connect-plan.js';
import {
  type ActiveDraft,
  cancelTimer,
  changeAttempt,
  changeConnection,
  emit,
  isAttemptDraft,
  reportError,
} from './draft.js';
import { openHandshake } from './handshake.js';
import { sendNextImage } from './images.js';
import { openingIntentOf, reportRestored } from './initial-state.js';
import { initialMessageOf } from './opening-message.js';
import { isLive } from './state.js';
import { stageTimerOf } from './timers.js';

export function initialImageRead(draft: ActiveDraft, image: EncodedImage): void {
  endInitialReading(draft, 'read');
  draft.state = { ...draft.state, intent: { ...draft.state.intent, image } };
  if (isAttemptDraft(draft)) openHandshake(draft);
}

/** A pending `connect()` fails with it. A session that is past that goes on without the image. */
export function initialImageFailed(draft: ActiveDraft, failure: Failure): void {
  if (draft.state.connection.pending) giveUp(draft, failure);
  else dropInitialImage(draft, failure);
}

export function initialImageTimedOut(draft: ActiveDraft): void {
  const { connectId, pending } = draft.state.connection;
  if (!pending) emit(draft, { type: 'image.cancel', readId: connectId });
  const message = 'The initial image of connect() was not read in time. Pass its bytes, or a smaller image.';
  initialImageFailed(draft, { code: 'WEBRTC_TIMEOUT_ERROR', message, data: { request: 'image' } });
}

/** The session goes on without the image: with the initial prompt, if there is one. */
function dropInitialImage(draft: ActiveDraft, failure: Failure): void {
  endInitialReading(draft, 'none');
  reportError(draft, failure);
  if (!isAttemptDraft(draft)) return;
  const isNothingLeft = initialMessageOf(openingIntentOf(draft.state)) === null;
  if (draft.state.attempt.initial !== 'unsent' || !isNothingLeft) return openHandshake(draft);
  changeAttempt(draft, { initial: 'failed' });
  if (isLive(draft.state)) reportRestored(draft);
  sendNextImage(draft);
}

function endInitialReading(draft: ActiveDraft, initialImage: 'read' | 'none'): void {
  changeConnection(draft, { initialImage });
  if (isAttemptDraft(draft)) cancelTimer(draft, stageTimerOf('initialImage', draft.state.attempt.id));
}

// An initial image that cannot be read, or not in time.
import type { Failure } from '../../errors.js';
import { giveUp } from './attempts.js';
import { type Draft, emit } from './draft.js';
import { dropInitialImage } from './initial-state.js';
import { isActive } from './state.js';

/** A pending `connect()` fails with it. A session that is past that goes on without the image. */
export function initialImageFailed(draft: Draft, failure: Failure): void {
  if (isActive(draft.state) && draft.state.connection.pending) giveUp(draft, failure);
  else dropInitialImage(draft, failure);
}

export function initialImageTimedOut(draft: Draft): void {
  if (!isActive(draft.state)) return;
  const { connectId, pending } = draft.state.connection;
  if (!pending) emit(draft, { type: 'image.cancel', readId: connectId });
  const message = 'The initial image was not read in time.';
  initialImageFailed(draft, { code: 'WEBRTC_TIMEOUT_ERROR', message, data: { request: 'image' } });
}

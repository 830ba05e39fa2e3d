import { DecartError } from '../../core/errors.js';

/** The error of a call that needs a joined room. */
export function notJoined(): DecartError {
  return new DecartError({
    code: 'WEBRTC_ICE_ERROR',
    message: 'The media room is not joined. Call this while the session is connected.',
  });
}

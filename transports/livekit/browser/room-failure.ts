import { type Failure, failureOf } from '../../../core/errors.js';

export { disconnectFailure, joinFailure, joinTimeout } from '../shared/room-failure.js';

/** What it means that local media could not be published. */
export function publishFailure(error: unknown): Failure {
  const status = (error as { status?: unknown } | null)?.status;
  const isRefused = status === 403;
  return failureOf(error, {
    code: isRefused ? 'WEBRTC_SERVER_ERROR' : 'WEBRTC_ICE_ERROR',
    message: isRefused ? 'The media room does not allow publishing.' : 'The local media could not be published.',
    ...(isRefused && { permanent: true }),
  });
}

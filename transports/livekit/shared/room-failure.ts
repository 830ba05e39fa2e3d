import { type Failure, failureOf } from '../../../core/errors.js';
import { createSecrets } from '../../../core/secrets.js';

/** What a failed join means. `secrets` are struck out of the text: the native library quotes URLs, and `url` is named. */
export function joinFailure(error: unknown, secrets: readonly string[], url?: string): Failure {
  const text = textOf(error, secrets);
  const where = url === undefined ? '' : ` at ${textOf(url, secrets)}`;
  const fallback: Failure = {
    code: /timed out|timeout/i.test(text) ? 'WEBRTC_TIMEOUT_ERROR' : 'WEBRTC_ICE_ERROR',
    message: `The media room could not be joined${where}: ${text || 'no reason given'}.`,
    ...(isRefusal(text) && { permanent: true }),
  };
  const { cause: _quotesSecrets, ...failure } = failureOf(error, fallback);
  return failure;
}

export function joinTimeout(limitMs: number): Failure {
  return {
    code: 'WEBRTC_TIMEOUT_ERROR',
    message: `The media room was not joined within ${limitMs} ms.`,
    data: { limitMs },
  };
}

// LiveKit's reasons for a disconnect, by number.
const disconnectReasons: Readonly<Record<number, string>> = {
  0: 'UNKNOWN_REASON',
  1: 'CLIENT_INITIATED',
  2: 'DUPLICATE_IDENTITY',
  3: 'SERVER_SHUTDOWN',
  4: 'PARTICIPANT_REMOVED',
  5: 'ROOM_DELETED',
  6: 'STATE_MISMATCH',
  7: 'JOIN_FAILURE',
  8: 'MIGRATION',
  9: 'SIGNAL_CLOSE',
  10: 'ROOM_CLOSED',
  14: 'CONNECTION_TIMEOUT',
  15: 'MEDIA_FAILURE',
};
const decidedByServer = new Set([2, 3, 4, 5, 10]);

/** What it means that a joined room was disconnected without our asking. */
export function disconnectFailure(reason: number): Failure {
  const disconnectReason = disconnectReasons[reason] ?? String(reason);
  return {
    code: decidedByServer.has(reason) ? 'WEBRTC_SERVER_ERROR' : 'WEBRTC_ICE_ERROR',
    message: `The media room was disconnected: ${disconnectReason}.`,
    data: { disconnectReason },
  };
}

function isRefusal(text: string): boolean {
  return /\b401\b|unauthorized|permission denied|not allowed/i.test(text);
}

/** What a caught error says, without the secrets. */
function textOf(error: unknown, secrets: readonly string[]): string {
  const { keep, strike } = createSecrets();
  for (const secret of secrets) keep(secret);
  return strike(error instanceof Error ? error.message : String(error));
}

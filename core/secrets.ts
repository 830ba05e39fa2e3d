import type { SessionHappening } from './session/machine/events.js';

/** Shorter ones guard nothing, and striking them out would make a riddle of every message. */
const MIN_SECRET = 4;

/**
 * A service that echoes the key must not lead it into a message, a diagnostic or the state. What is matched against
 * what was sent (the text of a prompt) is left alone, and goes no further.
 */
export function withoutSecret(happening: SessionHappening, secret: string): SessionHappening {
  if (secret.length < MIN_SECRET) return happening;
  const encoded = encodeURIComponent(secret);
  const strike = (text: string): string => text.replaceAll(secret, '***').replaceAll(encoded, '***');
  switch (happening.type) {
    case 'server.promptAcked':
    case 'server.imageAcked':
      return happening.error === null ? happening : { ...happening, error: strike(happening.error) };
    case 'server.errorReported':
      return { ...happening, error: strike(happening.error) };
    case 'server.statusReported':
      return { ...happening, status: strike(happening.status) };
    case 'server.generationEnded':
    case 'socket.closed':
      return { ...happening, reason: strike(happening.reason) };
    case 'server.messageUnknown':
      return { ...happening, messageType: strike(happening.messageType) };
    case 'server.roomInfoReceived':
      return {
        ...happening,
        livekitUrl: strike(happening.livekitUrl),
        roomName: strike(happening.roomName),
        sessionId: strike(happening.sessionId),
      };
    default:
      return happening;
  }
}

import type { UntimedEvent } from './session/machine/events.js';

/** Shorter ones guard nothing, and striking them out would make a riddle of every message. */
const MIN_SECRET = 4;

/**
 * A service that echoes the key must not lead it into a message, a diagnostic or the state. What is matched against
 * what was sent (the text of a prompt) is left alone, and goes no further.
 */
export function withoutSecret(event: UntimedEvent, secret: string): UntimedEvent {
  if (secret.length < MIN_SECRET) return event;
  const encoded = encodeURIComponent(secret);
  const strike = (text: string): string => text.replaceAll(secret, '***').replaceAll(encoded, '***');
  switch (event.type) {
    case 'server.promptAcked':
    case 'server.imageAcked':
      return event.error === null ? event : { ...event, error: strike(event.error) };
    case 'server.errorReported':
      return { ...event, error: strike(event.error) };
    case 'server.statusReported':
      return { ...event, status: strike(event.status) };
    case 'server.generationEnded':
    case 'socket.closed':
      return { ...event, reason: strike(event.reason) };
    case 'server.messageUnknown':
      return { ...event, messageType: strike(event.messageType) };
    case 'server.roomInfoReceived':
      return {
        ...event,
        livekitUrl: strike(event.livekitUrl),
        roomName: strike(event.roomName),
        sessionId: strike(event.sessionId),
      };
    default:
      return event;
  }
}

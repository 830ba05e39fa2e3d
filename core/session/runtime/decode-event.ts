import { type Decoded, decodeServerMessage } from '../../protocol/codec.js';
import { type PlainMessage, plainFields, type ServerMessage } from '../../protocol/server-messages.js';
import type { ServerEvent } from '../machine/events.js';
import { signalOfMessage } from '../machine/signals.js';

/** The event for a frame from the service. Total: never throws. `maxLength`: default the codec's. */
export const decodeEvent = (frame: string | Uint8Array, attempt: number, maxLength: number | undefined): ServerEvent =>
  eventOf(decodeServerMessage(frame, maxLength), attempt);

/** The event that a decoded frame is: the last place that knows the wire's field names. */
export function eventOf(decoded: Decoded<ServerMessage>, attempt: number): ServerEvent {
  switch (decoded._tag) {
    case 'message':
      return eventOfMessage(decoded.message, attempt);
    case 'unknown':
      return { type: 'server.messageUnknown', attempt, messageType: decoded.type };
    case 'malformed':
      return { type: 'server.messageMalformed', attempt, reason: decoded.reason };
  }
}

function eventOfMessage(message: ServerMessage, attempt: number): ServerEvent {
  switch (message.type) {
    case 'livekit_room_info':
      return {
        type: 'server.roomInfoReceived',
        attempt,
        livekitUrl: message.livekit_url,
        token: message.token,
        roomName: message.room_name,
        sessionId: message.session_id,
      };
    case 'queue_position':
      return {
        type: 'server.queuePositionChanged',
        attempt,
        position: 'position' in message ? message.position : message.queue_position,
        queueSize: message.queue_size,
      };
    case 'prompt_ack': {
      const { prompt, success, error = null } = message;
      return { type: 'server.promptAcked', attempt, prompt, success, error };
    }
    case 'set_image_ack': {
      const { success, error = null } = message;
      return { type: 'server.imageAcked', attempt, success, error };
    }
    case 'generation_tick':
      return { type: 'server.generationTicked', attempt, seconds: message.seconds };
    case 'error':
      return { type: 'server.errorReported', attempt, error: message.error };
    case 'status':
      return { type: 'server.statusReported', attempt, status: message.status };
    case 'session_id':
      return {
        type: 'server.sessionIdReceived',
        attempt,
        sessionId: message.session_id,
        serverIp: message.server_ip,
        serverPort: message.server_port,
      };
    case 'ready':
      return { type: 'server.readyReported', attempt };
    case 'offer':
    case 'answer':
    case 'ice-candidate':
      return { type: 'server.signalled', attempt, signal: signalOfMessage(message) };
    default:
      return plainEventOf(message, attempt);
  }
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

/** The event of a message that needs no other words. */
function plainEventOf(message: PlainMessage, attempt: number): ServerEvent {
  const values: Readonly<Record<string, unknown>> = message;
  const fields = plainFields(message).map((field) => [camelCase(field), values[field]] as const);
  return { type: `server.${camelCase(message.type)}`, attempt, ...Object.fromEntries(fields) } as ServerEvent;
}

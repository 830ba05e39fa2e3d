// Which messages are an occasion for a planned fault.
import type { ClientFrame } from '../../service/state-request.js';
import type { SessionState } from './session.js';

/** The message that asks for a room: in direct WebRTC mode the first offer. */
export function isJoin(frame: ClientFrame, { phase }: SessionState): boolean {
  if (frame._tag !== 'message') return false;
  const { type } = frame.message;
  return type === 'livekit_join' || (type === 'offer' && phase === 'awaiting-join');
}

/** A message that is acknowledged. */
export function asksForAck(frame: ClientFrame): boolean {
  if (frame._tag !== 'message') return false;
  const { message } = frame;
  if (message.type === 'livekit_join') return message.initial_state !== undefined && message.initial_state !== null;
  return message.type === 'prompt' || message.type === 'set_image';
}

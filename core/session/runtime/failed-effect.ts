import { type Failure, failureOf } from '../../errors.js';
import type { SessionEffect } from '../machine/effects.js';
import type { UntimedEvent } from '../machine/events.js';

/** The event for a port that throws, which it must not do. `null`: nothing depends on that effect. */
export function failedEffect(effect: SessionEffect, error: unknown): UntimedEvent | null {
  const failure = (code: Failure['code'], message: string): Failure => failureOf(error, { code, message });
  switch (effect.type) {
    case 'socket.open':
    case 'socket.send': {
      const { attempt } = effect;
      return {
        type: 'socket.failed',
        attempt,
        failure: failure('WEBRTC_WEBSOCKET_ERROR', 'The signaling transport failed.'),
      };
    }
    case 'socket.close':
      return { type: 'socket.closed', attempt: effect.attempt, code: effect.code, reason: effect.reason };
    case 'room.join': {
      const { attempt } = effect;
      return {
        type: 'room.lost',
        attempt,
        failure: failure('WEBRTC_ICE_ERROR', 'The media transport failed to join the room.'),
      };
    }
    case 'room.close':
      return { type: 'room.closed', attempt: effect.attempt };
    default:
      return null;
  }
}

import type { ServerMessage } from '../../../core/protocol/server-messages.js';
import type { StyleChange } from '../../service/state-request.js';

export type SessionTimer = 'queue' | 'tick' | 'close' | `ack:${number}`;

/** An effect of a session, as data: the signaling server runs it. */
export type SessionEffect =
  | { readonly type: 'send'; readonly message: ServerMessage }
  | { readonly type: 'socket.close'; readonly code: number; readonly reason: string }
  | { readonly type: 'room.open' }
  /** Direct WebRTC: `offer.answered` follows. */
  | { readonly type: 'offer.answer'; readonly sdp: string }
  | { readonly type: 'style.change'; readonly change: StyleChange }
  /** Charges the account for a second of generation; answered with `second.charged`. */
  | { readonly type: 'second.charge' }
  /** Starts a timer; one with this name that runs is replaced. */
  | { readonly type: 'timer.start'; readonly timer: SessionTimer; readonly afterMs: number };

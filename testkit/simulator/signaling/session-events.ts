import type { ClientFrame } from '../../service/state-request.js';
import type { Charge } from '../account.js';
import type { AckMode } from './acks.js';
import type { SessionTimer } from './session-effects.js';

/** How a join, or the first offer of direct mode, is met: served, refused with a text, or left without an answer. */
export type JoinMode =
  | { readonly kind: 'served' | 'silent' }
  | { readonly kind: 'refused'; readonly error: string; readonly closeCode: number };

/** A fact that a session has to react to. Faults ride on the facts they change, so that the reducer stays pure. */
export type SessionEvent =
  | { readonly type: 'frame.received'; readonly frame: ClientFrame; readonly ack: AckMode; readonly join: JoinMode }
  /** Refused as it connects: for its model, or by the account. */
  | { readonly type: 'session.refused'; readonly reason: string; readonly closeCode: number }
  | { readonly type: 'room.opened'; readonly url: string; readonly token: string }
  | { readonly type: 'offer.answered'; readonly sdp: string }
  /** The operator takes the client out of its media room. */
  | { readonly type: 'client.removed' }
  | { readonly type: 'room.failed'; readonly reason: string }
  /** Media of the client arrives in the room. */
  | { readonly type: 'media.started' }
  | { readonly type: 'timer.fired'; readonly timer: SessionTimer }
  /** The operator sends the late acks now. */
  | { readonly type: 'acks.released' }
  | { readonly type: 'second.charged'; readonly charge: Charge }
  /** The operator ends the generation; `closeAfterMs` is null when the socket is to stay open. */
  | { readonly type: 'generation.stopped'; readonly reason: string; readonly closeAfterMs: number | null };

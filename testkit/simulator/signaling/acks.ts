// When, how often and whether an ack goes out.
import type { ServerMessage } from '../../../core/protocol/server-messages.js';
import type { SessionEffect } from './session-effects.js';

/**
 * How one request is acknowledged:
 * - `normal`: sent after the simulator's `ackDelayMs`
 * - `slow`: sent `delayMs` later than that
 * - `lost`: never sent
 * - `late`: kept until the late acks are released
 * - `duplicated`: sent twice
 * - `failed`: sent with `success: false` and this text; the request has no effect
 * - `swapped`: sent right after the ack of the next request
 */
export type AckMode =
  | { readonly kind: 'normal' | 'lost' | 'late' | 'duplicated' | 'swapped' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'failed'; readonly error: string };

export type Ack = Extract<ServerMessage, { readonly type: 'prompt_ack' | 'set_image_ack' }>;

export interface AckState {
  /** Acks whose timer runs, by number. */
  readonly delayed: Readonly<Record<number, readonly Ack[]>>;
  readonly nextNumber: number;
  /** Kept until they are released. */
  readonly late: readonly Ack[];
  /** Sent after the next one. */
  readonly swapped: readonly Ack[];
}

export const initialAcks: AckState = { delayed: {}, nextNumber: 1, late: [], swapped: [] };

type Step = readonly [AckState, readonly SessionEffect[]];

const sends = (acks: readonly Ack[]): readonly SessionEffect[] => acks.map((message) => ({ type: 'send', message }));

/** Lets an ack go its way. */
export function issueAck(state: AckState, ack: Ack, mode: AckMode, ackDelayMs: number): Step {
  switch (mode.kind) {
    case 'lost':
      return [state, []];
    case 'late':
      return [{ ...state, late: [...state.late, ack] }, []];
    case 'swapped':
      return [{ ...state, swapped: [...state.swapped, ack] }, []];
    case 'duplicated':
      return deliver(state, [ack, ack], ackDelayMs);
    case 'slow':
      return deliver(state, [ack], ackDelayMs + mode.delayMs);
    default:
      return deliver(state, [ack], ackDelayMs);
  }
}

function deliver(state: AckState, acks: readonly Ack[], afterMs: number): Step {
  const all = [...acks, ...state.swapped];
  const rest = { ...state, swapped: [] };
  if (afterMs === 0) return [rest, sends(all)];
  const number = state.nextNumber;
  return [
    { ...rest, nextNumber: number + 1, delayed: { ...state.delayed, [number]: all } },
    [{ type: 'timer.start', timer: `ack:${number}`, afterMs }],
  ];
}

/** The timer of a delayed ack fired. */
export function ackTimerFired(state: AckState, number: number): Step {
  const { [number]: due = [], ...delayed } = state.delayed;
  return [{ ...state, delayed }, sends(due)];
}

/** Sends every late ack now, oldest first. */
export const releaseLateAcks = (state: AckState): Step => [{ ...state, late: [] }, sends(state.late)];

import type { LimitClock } from './limit-plan.js';

/** A try's stages that must not take for ever. */
export type Stage = 'socket' | 'handshake' | 'queue' | 'room' | 'initialImage';

export const stages: readonly Stage[] = ['socket', 'handshake', 'queue', 'room', 'initialImage'];

/** A stall's ladder: first the media connection is asked to resume, then the session reconnects. */
export type StallStep = 'resume' | 'reconnect';

/** What is timed, and whose it is. Two equal timers never run at the same time. */
export type Timer =
  | { readonly kind: 'stage'; readonly stage: Stage; readonly attempt: number }
  | { readonly kind: 'stall'; readonly step: StallStep; readonly attempt: number }
  | { readonly kind: 'heartbeat'; readonly attempt: number }
  | { readonly kind: 'limit'; readonly clock: LimitClock; readonly step: 'warn' | 'end'; readonly connectId: number }
  | { readonly kind: 'retry' | 'budget'; readonly connectId: number }
  | { readonly kind: 'ack' | 'turn' | 'lateAck'; readonly requestId: number };

/** Equal for equal timers. */
export const timerKey = (timer: Timer): string => Object.values(timer).join(':');

export const isSameTimer = (one: Timer, other: Timer): boolean =>
  one.kind === other.kind && timerKey(one) === timerKey(other);

export const stageTimerOf = (stage: Stage, attempt: number): Timer => ({ kind: 'stage', stage, attempt });
export const stallTimerOf = (step: StallStep, attempt: number): Timer => ({ kind: 'stall', step, attempt });
export const heartbeatTimerOf = (attempt: number): Timer => ({ kind: 'heartbeat', attempt });
export const limitTimerOf = (clock: LimitClock, step: 'warn' | 'end', connectId: number): Timer => ({
  kind: 'limit',
  clock,
  step,
  connectId,
});
export const retryTimerOf = (connectId: number): Timer => ({ kind: 'retry', connectId });
export const budgetTimerOf = (connectId: number): Timer => ({ kind: 'budget', connectId });
export const ackTimerOf = (requestId: number): Timer => ({ kind: 'ack', requestId });
export const turnTimerOf = (requestId: number): Timer => ({ kind: 'turn', requestId });
export const lateAckTimerOf = (requestId: number): Timer => ({ kind: 'lateAck', requestId });

// Keys hold the id of what they time, so that no key is ever used twice at a time, and say what to do when they fire.
import type { LimitClock } from './limit-plan.js';

/** A try's stages that must not take for ever. */
export type Stage = 'socket' | 'handshake' | 'room';

export const stages: readonly Stage[] = ['socket', 'handshake', 'room'];

export const stageTimerOf = (stage: Stage, attempt: number): string => `${stage}:${attempt}`;
export const stallTimerOf = (step: 'resume' | 'reconnect', attempt: number): string => `stall-${step}:${attempt}`;
export const limitTimerOf = (clock: LimitClock, step: 'warn' | 'end', connectId: number): string =>
  `${clock}-${step}:${connectId}`;
export const retryTimerOf = (connectId: number): string => `retry:${connectId}`;
export const budgetTimerOf = (connectId: number): string => `budget:${connectId}`;
export const ackTimerOf = (requestId: number): string => `ack:${requestId}`;
export const lateAckTimerOf = (requestId: number): string => `lateAck:${requestId}`;

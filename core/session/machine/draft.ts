import type { Failure } from '../../errors.js';
import type { SessionEffect } from './effects.js';
import type { Diagnostic } from './outputs.js';
import { type Attempt, type Connection, hasAttempt, type SessionState } from './state.js';
import { isSameTimer, type Timer } from './timers.js';

/**
 * One step of the reducer while it is being worked out: the next state so far, and the orders so far.
 * It lives within one call of `reduceSession` and never leaves it.
 */
export interface Draft {
  state: SessionState;
  readonly effects: SessionEffect[];
  readonly atMs: number;
}

export const emit = (draft: Draft, effect: SessionEffect): void => {
  draft.effects.push(effect);
};

export const diagnose = (draft: Draft, diagnostic: Diagnostic): void =>
  emit(draft, { type: 'output.emit', output: { type: 'diagnostic', diagnostic: { atMs: draft.atMs, ...diagnostic } } });

export const reportError = (draft: Draft, failure: Failure): void =>
  emit(draft, { type: 'output.emit', output: { type: 'error', failure } });

/** Changes the present attempt, if there is one. */
export function changeAttempt(draft: Draft, patch: Partial<Attempt>): void {
  if (!hasAttempt(draft.state)) return;
  draft.state = { ...draft.state, attempt: { ...draft.state.attempt, ...patch } };
}

export function changeConnection(draft: Draft, patch: Partial<Connection>): void {
  if (draft.state.status === 'disconnected') return;
  draft.state = { ...draft.state, connection: { ...draft.state.connection, ...patch } };
}

/** Draws an id from the state. */
export function drawId(draft: Draft): number {
  const id = draft.state.nextId;
  draft.state = { ...draft.state, nextId: id + 1 };
  return id;
}

/** An id drawn outside is taken out of the state's source too. */
export function takeId(draft: Draft, id: number): void {
  if (id >= draft.state.nextId) draft.state = { ...draft.state, nextId: id + 1 };
}

export function startTimer(draft: Draft, timer: Timer, delayMs: number): void {
  draft.state = { ...draft.state, timers: [...draft.state.timers, timer] };
  emit(draft, { type: 'timer.start', timer, delayMs });
}

export function cancelTimer(draft: Draft, timer: Timer): void {
  if (forgetTimer(draft, timer)) emit(draft, { type: 'timer.cancel', timer });
}

export const isTimerRunning = (draft: Draft, timer: Timer): boolean =>
  draft.state.timers.some((other) => isSameTimer(other, timer));

/** `false`: it did not run. */
export function forgetTimer(draft: Draft, timer: Timer): boolean {
  if (!isTimerRunning(draft, timer)) return false;
  draft.state = { ...draft.state, timers: draft.state.timers.filter((other) => !isSameTimer(other, timer)) };
  return true;
}

/** Remembers a resource that is closing, until it reports that it is closed. */
export function expectClosed(draft: Draft, resource: string): void {
  draft.state = { ...draft.state, closing: [...draft.state.closing, resource] };
}

export function forgetClosed(draft: Draft, resource: string): void {
  if (!draft.state.closing.includes(resource)) return;
  draft.state = { ...draft.state, closing: draft.state.closing.filter((other) => other !== resource) };
}

/** Ends the present phase of the attempt and begins the next, with a word on how long it took. */
export function endPhase(draft: Draft, phase: 'socket' | 'join' | 'roomConnect' | 'publish'): void {
  if (!hasAttempt(draft.state)) return;
  const { phaseStartedAtMs } = draft.state.attempt;
  diagnose(draft, { name: 'phaseTiming', phase, durationMs: draft.atMs - phaseStartedAtMs });
  changeAttempt(draft, { phaseStartedAtMs: draft.atMs });
}

import type { Failure } from '../../errors.js';
import type { SessionEffect } from './effects.js';
import type { Diagnostic } from './outputs.js';
import type { ActiveState, Attempt, Connection, SessionState } from './state.js';

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
  if (draft.state.status === 'disconnected' || draft.state.attempt === null) return;
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

/** Timer keys hold the id of what they time, so that no key is ever used twice at a time. */
export function startTimer(draft: Draft, key: string, delayMs: number): void {
  draft.state = { ...draft.state, timers: [...draft.state.timers, key] };
  emit(draft, { type: 'timer.start', key, delayMs });
}

export function cancelTimer(draft: Draft, key: string): void {
  if (!draft.state.timers.includes(key)) return;
  draft.state = { ...draft.state, timers: draft.state.timers.filter((other) => other !== key) };
  emit(draft, { type: 'timer.cancel', key });
}

/** Remembers a resource that was told to close, until it says that it has. */
export function expectClosed(draft: Draft, resource: string): void {
  draft.state = { ...draft.state, closing: [...draft.state.closing, resource] };
}

export function forgetClosed(draft: Draft, resource: string): void {
  if (!draft.state.closing.includes(resource)) return;
  draft.state = { ...draft.state, closing: draft.state.closing.filter((other) => other !== resource) };
}

/** Ends the present phase of the attempt and begins the next, with a word on how long it took. */
export function endPhase(draft: Draft, phase: 'socket' | 'join' | 'roomConnect' | 'publish'): void {
  const { attempt } = draft.state as ActiveState;
  if (attempt === null) return;
  diagnose(draft, { name: 'phaseTiming', phase, durationMs: draft.atMs - attempt.phaseStartedAtMs });
  changeAttempt(draft, { phaseStartedAtMs: draft.atMs });
}

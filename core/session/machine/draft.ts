import type { Failure } from '../../errors.js';
import type { SessionEffect } from './effects.js';
import type { Diagnostic } from './outputs.js';
import type { ActiveState, Attempt, Engagement, SessionState } from './state.js';

/**
 * One step of the reducer while it is being worked out: the next state so far, and the orders so far.
 * It lives within one call of `reduceSession` and never leaves it.
 */
export interface Transition {
  state: SessionState;
  readonly effects: SessionEffect[];
  readonly atMs: number;
}

export const order = (t: Transition, effect: SessionEffect): void => {
  t.effects.push(effect);
};

export const diagnose = (t: Transition, diagnostic: Diagnostic): void =>
  order(t, { type: 'fact.report', fact: { type: 'diagnostic', diagnostic: { atMs: t.atMs, ...diagnostic } } });

export const reportError = (t: Transition, failure: Failure): void =>
  order(t, { type: 'fact.report', fact: { type: 'error', failure } });

/** Changes the present attempt, if there is one. */
export function changeAttempt(t: Transition, patch: Partial<Attempt>): void {
  if (t.state.status === 'disconnected' || t.state.attempt === null) return;
  t.state = { ...t.state, attempt: { ...t.state.attempt, ...patch } };
}

export function changeEngagement(t: Transition, patch: Partial<Engagement>): void {
  if (t.state.status === 'disconnected') return;
  t.state = { ...t.state, engagement: { ...t.state.engagement, ...patch } };
}

/** Draws an id from the state. */
export function drawId(t: Transition): number {
  const id = t.state.nextId;
  t.state = { ...t.state, nextId: id + 1 };
  return id;
}

/** Timer keys hold the id of what they time, so that no key is ever used twice at a time. */
export function startTimer(t: Transition, key: string, delayMs: number): void {
  t.state = { ...t.state, timers: [...t.state.timers, key] };
  order(t, { type: 'timer.start', key, delayMs });
}

export function cancelTimer(t: Transition, key: string): void {
  if (!t.state.timers.includes(key)) return;
  t.state = { ...t.state, timers: t.state.timers.filter((other) => other !== key) };
  order(t, { type: 'timer.cancel', key });
}

/** Remembers a resource that was told to close, until it says that it has. */
export function expectClosed(t: Transition, resource: string): void {
  t.state = { ...t.state, closing: [...t.state.closing, resource] };
}

export function forgetClosed(t: Transition, resource: string): void {
  if (!t.state.closing.includes(resource)) return;
  t.state = { ...t.state, closing: t.state.closing.filter((other) => other !== resource) };
}

/** Ends the present phase of the attempt and begins the next, with a word on how long it took. */
export function endPhase(t: Transition, phase: 'socket' | 'join' | 'roomConnect' | 'publish'): void {
  const { attempt } = t.state as ActiveState;
  if (attempt === null) return;
  diagnose(t, { name: 'phaseTiming', phase, durationMs: t.atMs - attempt.phaseStartedAtMs });
  changeAttempt(t, { phaseStartedAtMs: t.atMs });
}

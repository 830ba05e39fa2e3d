import type { Failure } from '../../errors.js';
import type { SessionEffect } from './effects.js';
import type { Diagnostic } from './outputs.js';
import {
  type ActiveState,
  type Attempt,
  type AttemptState,
  type Connection,
  hasAttempt,
  isActive,
  type SessionState,
} from './state.js';
import { isSameTimer, type Timer } from './timers.js';

/**
 * One step of the reducer while it is being worked out: the next state so far, and the orders so far.
 * It lives within one call of `reduceSession` and never leaves it.
 */
export interface Draft<S extends SessionState = SessionState> {
  state: S;
  readonly effects: SessionEffect[];
  readonly atMs: number;
}

/** Of a session that connects or is live. */
export type ActiveDraft = Draft<ActiveState>;

/** Of a session with a try under way, or live. */
export type AttemptDraft = Draft<AttemptState>;

export const isActiveDraft = (draft: Draft): draft is ActiveDraft => isActive(draft.state);

export const isAttemptDraft = (draft: Draft): draft is AttemptDraft => hasAttempt(draft.state);

/** Puts a state in place of the one so far: from here on the draft is of its kind. */
export function setState<S extends SessionState>(draft: Draft, state: S): asserts draft is Draft<S> {
  draft.state = state;
}

export const emit = (draft: Draft, effect: SessionEffect): void => {
  draft.effects.push(effect);
};

export const diagnose = (draft: Draft, diagnostic: Diagnostic): void =>
  emit(draft, { type: 'output.emit', output: { type: 'diagnostic', diagnostic: { atMs: draft.atMs, ...diagnostic } } });

export const reportError = (draft: Draft, failure: Failure): void =>
  emit(draft, { type: 'output.emit', output: { type: 'error', failure } });

export function changeAttempt(draft: AttemptDraft, patch: Partial<Attempt>): void {
  draft.state = { ...draft.state, attempt: { ...draft.state.attempt, ...patch } };
}

export function changeConnection(draft: ActiveDraft, patch: Partial<Connection>): void {
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
export function endPhase(draft: AttemptDraft, phase: 'socket' | 'join' | 'roomConnect' | 'publish'): void {
  const { phaseStartedAtMs } = draft.state.attempt;
  diagnose(draft, { name: 'phaseTiming', phase, durationMs: draft.atMs - phaseStartedAtMs });
  changeAttempt(draft, { phaseStartedAtMs: draft.atMs });
}

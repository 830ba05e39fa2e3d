import * as t from 'io-ts';
import { invalid } from '../errors.js';
import type { SessionEffect } from '../session/machine/effects.js';
import type { SessionEvent } from '../session/machine/events.js';
import { reduceSession } from '../session/machine/reduce.js';
import type { SessionState } from '../session/machine/state.js';
import type { SessionStep } from '../session/runtime/loop.js';
import { RECORDING_VERSION } from './record.js';

/** What a recording leads to. */
export interface SessionReplay {
  /** The state that the recording begins with. */
  readonly initial: SessionState;
  /** Each recorded event with the state after it and its effects, as they are worked out now. */
  readonly steps: readonly SessionStep[];
  /** The number of the first event (from 0) whose effects are others now than they were then; `null`: none. */
  readonly divergedAt: number | null;
}

const header = t.type({ version: t.literal(RECORDING_VERSION), state: t.type({ status: t.string }) });
const line = t.type({
  event: t.type({ type: t.string, atMs: t.number }),
  effects: t.array(t.type({ type: t.string })),
});

/**
 * Runs a recording through `reduceSession` again: the same states, without a network, a clock or a service.
 *
 * @param log what `recordSession` gave. A log is trusted to be one: beyond its outline it is not checked.
 * @throws DecartError INVALID_INPUT when it is not a session recording
 */
export function replaySession(log: string): SessionReplay {
  const [first, ...rest] = log.split('\n').filter((text) => text.trim() !== '');
  const { state: initial } = parse(header, first ?? '', 1) as unknown as { state: SessionState };
  const steps: SessionStep[] = [];
  let state = initial;
  let divergedAt: number | null = null;
  for (const [n, text] of rest.entries()) {
    const recorded = parse(line, text, n + 2) as unknown as { event: SessionEvent; effects: SessionEffect[] };
    const [next, effects] = reduceSession(state, recorded.event);
    state = next;
    steps.push({ event: recorded.event, state, effects });
    if (divergedAt === null && !isSame(effects, recorded.effects)) divergedAt = n;
  }
  return { initial, steps, divergedAt };
}

function parse<A>(codec: t.Type<A>, text: string, lineNumber: number): A {
  try {
    const value: unknown = JSON.parse(text);
    if (codec.is(value)) return value;
  } catch {
    // No JSON: the same answer as for JSON that is something else.
  }
  throw invalid(`Line ${lineNumber} is not one of a session recording.`, { field: 'log', line: lineNumber });
}

/** Equal as JSON, in any order of their fields. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a, b].map((value) => value as Readonly<Record<string, unknown>>);
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.every((key) => isSame(left?.[key], right?.[key]));
}

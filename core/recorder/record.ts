import { type Observable, take } from 'rxjs';
import { type Steppable, sessionSteps } from '../session/client/inspect.js';
import type { SessionEffect } from '../session/machine/effects.js';
import type { SessionEvent } from '../session/machine/events.js';
import { reduceSession } from '../session/machine/reduce.js';
import { initialSessionState, type SessionState } from '../session/machine/state.js';
import { createRedactor } from './redact.js';

/** What is recorded, and how much. */
export interface RecordingOptions {
  /** How many events are kept; older ones are folded into the state that the recording begins with. @default 10000 */
  readonly limit?: number | undefined;
  /** Keep prompts as they are; else each distinct text is recorded as `<prompt n>`. @default false */
  readonly prompts?: boolean | undefined;
}

/** A recording that goes on until it is stopped. */
export interface SessionRecording {
  /** How many events are in it. */
  readonly length: number;
  /** The log so far, as JSON lines: first the state it begins with, then each event with the effects it had. */
  toString(): string;
  /** Records no more. Idempotent; `release()` of the client does the same. */
  stop(): void;
}

/** The lines of a recording, by number of the format. */
export const RECORDING_VERSION = 1;

interface Entry {
  readonly event: SessionEvent;
  readonly effects: readonly SessionEffect[];
}

/**
 * A flight recorder: every event of a session and the orders it led to, with the scheduler's times. What it keeps has
 * been redacted as it came in: tokens, names of rooms, image bytes, query values and (unless allowed) prompts are never
 * in it; the
 * API key never gets near it.
 *
 * @param session the realtime client, or one session of it.
 *
 * @example
 * ```ts
 * import { type DecartClient, recordSession } from 'decart-rx';
 *
 * export function reportErrors(client: DecartClient, report: (log: string) => void): void {
 *   const recording = recordSession(client.realtime);
 *   client.realtime.errors$.subscribe(() => report(recording.toString()));
 * }
 * ```
 */
export function recordSession(
  session: Steppable & { readonly state$: Observable<SessionState> },
  options: RecordingOptions = {},
): SessionRecording {
  const { prompts = false } = options;
  const limit = Math.max(1, options.limit ?? 10_000);
  const redactor = createRedactor({ prompts, limit });
  let base: SessionState = initialSessionState;
  session.state$.pipe(take(1)).subscribe((state) => {
    base = redactor.redact(state);
  });
  /** A ring: `oldest` is where the next event goes once it is full. */
  const entries: Entry[] = [];
  let oldest = 0;

  const recording = session[sessionSteps].subscribe(({ event, effects }) => {
    const entry = redactor.redact<Entry>({ event, effects });
    if (entries.length < limit) {
      entries.push(entry);
      return;
    }
    const dropped = entries[oldest];
    if (dropped) [base] = reduceSession(base, dropped.event);
    entries[oldest] = entry;
    oldest = (oldest + 1) % limit;
  });

  return {
    get length() {
      return entries.length;
    },
    toString() {
      const inOrder = [...entries.slice(oldest), ...entries.slice(0, oldest)];
      const lines = [{ version: RECORDING_VERSION, state: base }, ...inOrder];
      return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    },
    stop: () => recording.unsubscribe(),
  };
}

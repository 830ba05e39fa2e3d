/** How long the picture may take to show what has been acknowledged. */
const SETTLING_MS = 300;

/**
 * Remembers what happened and when, in milliseconds since it was created.
 *
 * @param {() => number} clock milliseconds, never going back
 */
export function createJournal(clock = () => performance.now()) {
  const beganMs = clock();
  /** @type {{ state: string, atMs: number }[]} */
  const states = [];
  /** @type {{ text: string, atMs: number }[]} */
  const events = [];
  /** @type {{ text: string, askedMs: number, ackedMs: number | null }[]} */
  const prompts = [];
  /** @type {{ code: string, message: string, atMs: number }[]} */
  const errors = [];
  /** @type {Set<(event: { text: string, atMs: number }) => void>} */
  const listeners = new Set();
  const now = () => clock() - beganMs;

  const note = (text) => {
    const event = { text, atMs: now() };
    events.push(event);
    for (const listener of listeners) listener(event);
  };

  return {
    now,
    states,
    events,
    prompts,
    errors,
    note,
    /** @param {(event: { text: string, atMs: number }) => void} listener */
    onEvent: (listener) => listeners.add(listener),
    /** @param {string} state */
    stateChanged(state) {
      states.push({ state, atMs: now() });
      // Every session begins disconnected: that is no event.
      if (states.length > 1) note(state);
    },
    /** How the session ended, and what it has used; `null` before either is known. */
    end: null,
    usage: null,
    /** @param {import('decart-rx/node').SessionEnd} end */
    sessionEnded(end) {
      this.end = end;
    },
    /** @param {import('decart-rx/node').SessionUsage} usage */
    used(usage) {
      this.usage = usage;
    },
    /** @param {{ code: string, message: string }} error */
    failed({ code, message }) {
      errors.push({ code, message, atMs: now() });
      note(`error ${code}: ${message}`);
    },
    /** @param {string} text @returns {() => number} call it when the prompt is acknowledged; returns the time that took */
    promptAsked(text) {
      /** @type {(typeof prompts)[number]} */
      const entry = { text, askedMs: now(), ackedMs: null };
      prompts.push(entry);
      return () => {
        const ackedMs = now();
        entry.ackedMs = ackedMs;
        return ackedMs - entry.askedMs;
      };
    },
    /** The prompt that was asked for last; `null` before the first. */
    get latestPrompt() {
      return prompts.at(-1) ?? null;
    },
    /** The prompt that the picture shows during the given time; `null` when it is changing. */
    promptDuring(fromMs, toMs) {
      const shown = prompts.findLast(({ ackedMs }) => ackedMs !== null && ackedMs + SETTLING_MS <= fromMs);
      if (shown === undefined) return null;
      const next = prompts[prompts.indexOf(shown) + 1];
      return next === undefined || toMs < next.askedMs ? shown.text : null;
    },
    get reconnects() {
      return states.filter(({ state }, at) => state === 'connected' && states[at - 1]?.state === 'reconnecting').length;
    },
  };
}

/** @typedef {ReturnType<typeof createJournal>} Journal */

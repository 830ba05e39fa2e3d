// What happens in a run of the model of switching, as plain data.
import { createChance } from '../schedule.js';

/** Each session has one of these limits or none, by the bits of a step's `wish`. */
export type SwitchingStep =
  /** `wish`: bits for a renewal in time, a limit of seconds, waiting for a slot, a prompt, a camera of its own. */
  | { readonly type: 'connect' | 'switch'; readonly wish: number }
  | { readonly type: 'prompt'; readonly text: number }
  /** Unsubscribes from the session that was asked for last. */
  | { readonly type: 'leave' }
  | { readonly type: 'disconnect' }
  /** Something goes wrong, or just happens, on the newest session (0) or the one before it (1). */
  | { readonly type: 'fault'; readonly fault: (typeof switchingFaults)[number]; readonly of: number }
  | { readonly type: 'wait'; readonly ms: number };

export const switchingFaults = ['socketLost', 'roomLost', 'ended', 'crowd', 'blind', 'silentJoin', 'refused'] as const;

export interface SwitchingSchedule {
  readonly seed: number;
  readonly steps: readonly SwitchingStep[];
}

export const wishes = {
  renewal: 1,
  limit: 2,
  waits: 4,
  prompt: 8,
  camera: 16,
} as const;

const waits = [1, 20, 100, 700, 3000, 9000, 12_000, 20_000] as const;

export function randomSwitchingSchedule(seed: number, maxSteps = 30): SwitchingSchedule {
  const chance = createChance(seed);
  const wish = () => chance.below(32);
  const step = (): SwitchingStep => {
    const dice = chance.below(100);
    if (dice < 6) return { type: 'connect', wish: wish() };
    if (dice < 20) return { type: 'switch', wish: wish() };
    if (dice < 38) return { type: 'prompt', text: chance.below(3) };
    if (dice < 41) return { type: 'leave' };
    if (dice < 43) return { type: 'disconnect' };
    if (dice < 57) return { type: 'fault', fault: chance.pick(switchingFaults), of: chance.below(2) };
    return { type: 'wait', ms: chance.pick(waits) };
  };
  const steps = Array.from({ length: 4 + chance.below(maxSteps) }, step);
  return { seed, steps: [{ type: 'connect', wish: wish() }, ...steps] };
}

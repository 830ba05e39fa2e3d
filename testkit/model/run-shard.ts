import { type ModelRun, runSchedule } from './run-schedule.js';
import { randomSchedule } from './schedule.js';
import { runSwitchingSeed } from './switching/run.js';

const models: Readonly<Record<'session' | 'switching', (seed: number) => ModelRun>> = {
  session: (seed) => runSchedule(randomSchedule(seed)),
  switching: runSwitchingSeed,
};

/** How a range of schedules went. */
export interface ShardReport {
  readonly schedules: number;
  readonly lives: number;
  readonly events: number;
  /** The first schedule that fails: its seed, what went wrong, and the run step by step. */
  readonly failure: { readonly seed: number; readonly message: string; readonly trace: readonly string[] } | null;
}

/** Runs the schedules with the seeds `from`, `from + 1` …, until one fails. */
export function runShard(model: keyof typeof models, from: number, count: number): ShardReport {
  let [lives, events] = [0, 0];
  for (let n = 0; n < count; n += 1) {
    const { error, trace, ...run } = models[model](from + n);
    lives += run.lives;
    events += run.events;
    if (error) return { schedules: n + 1, lives, events, failure: { seed: from + n, message: error.message, trace } };
  }
  return { schedules: count, lives, events, failure: null };
}

// Random schedules of sessions that take each other's place, the same ones on every machine. More: npm run model --
// --switching. One alone: MODEL_SCHEDULE=<seed>.
import { runSwitchingSeed } from './model/switching/run.js';

/** One takes as long as ten of the schedules of `model.test.ts`. */
const { MODEL_SCHEDULE, MODEL_RUNS = '300' } = process.env;

test('no schedule of switches, renewals, slots and limits breaks what a client promises', () => {
  const first = Number(MODEL_SCHEDULE ?? 1);
  const count = MODEL_SCHEDULE === undefined ? Math.ceil(Number(MODEL_RUNS) / 10) : 1;
  let lives = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const run = runSwitchingSeed(seed);
    if (run.error) throw new Error(`${run.error.message}\n${run.trace.join('\n')}\nMODEL_SCHEDULE=${seed}`);
    lives += run.lives;
  }
  // A simulation that never gets anywhere proves nothing.
  expect(lives).toBeGreaterThanOrEqual(count);
}, 600_000);

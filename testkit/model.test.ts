// Random schedules, each shrunk when it fails: the same ones on every machine, so that a run says something of the change
// alone. More of them, as in CI: MODEL_RUNS=7000. Others: MODEL_SEED=<any number>, or npm run model. One alone: MODEL_SCHEDULE='<JSON that was printed>'.
import fc from 'fast-check';
import { type ModelStep, randomSchedule, runSchedule, type Schedule } from './index.js';
import {
  connectWishes,
  echoes,
  faults,
  imageKinds,
  jumps,
  limits,
  reentries,
  riders,
  shares,
  texts,
  waits,
} from './model/schedule.js';

const { MODEL_RUNS = '100', MODEL_SEED = '20261126', MODEL_SCHEDULE } = process.env;

const of = <T extends ModelStep['type'], F extends object>(type: T, fields: { [K in keyof F]: fc.Arbitrary<F[K]> }) =>
  fc.record({ type: fc.constant(type), ...fields }) as unknown as fc.Arbitrary<ModelStep>;

const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const arbitraries: Readonly<Record<ModelStep['type'], fc.Arbitrary<ModelStep>>> = {
  connect: of('connect', { wish: pick(connectWishes) }),
  disconnect: of('disconnect', {}),
  release: of('release', {}),
  leave: of('leave', {}),
  abort: of('abort', {}),
  prompt: of('prompt', { text: pick(texts), timeoutMs: pick(limits) }),
  again: of('again', {}),
  image: of('image', { image: pick(imageKinds), text: fc.nat(riders.length - 1), timeoutMs: pick(limits) }),
  set: of('set', { image: pick([...imageKinds, null]), text: fc.nat(riders.length - 1), timeoutMs: pick(limits) }),
  cancel: of('cancel', { which: fc.nat(3) }),
  fault: of('fault', { fault: pick(faults) }),
  echo: of('echo', { echo: pick(echoes) }),
  reenter: of('reenter', { call: pick(reentries) }),
  wait: of('wait', { ms: pick(waits) }),
  jump: of('jump', { ms: pick(jumps) }),
};

const steps = fc.array(
  fc.oneof(
    ...(Object.keys(arbitraries) as ModelStep['type'][]).map((type) => ({
      weight: Math.round(shares[type] * 2),
      arbitrary: arbitraries[type],
    })),
  ),
  { minLength: 3, maxLength: 60, size: 'max' },
);
const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(fc.integer(), pick(connectWishes), steps)
  .map(([seed, wish, more]) => ({ seed, steps: [{ type: 'connect', wish }, ...more] }));

function expectSound(schedule: Schedule): void {
  const { error, trace } = runSchedule(schedule);
  if (error) throw new Error(`${error.message}\n${trace.join('\n')}\nMODEL_SCHEDULE='${JSON.stringify(schedule)}'`);
}

test('no schedule breaks what a client promises', () => {
  if (MODEL_SCHEDULE) return expectSound(JSON.parse(MODEL_SCHEDULE));
  let [lives, events] = [0, 0];
  const property = fc.property(schedules, (schedule) => {
    const run = runSchedule(schedule);
    lives += run.lives;
    events += run.events;
    return run.error === null;
  });
  const numRuns = Number(MODEL_RUNS);
  const details = fc.check(property, { numRuns, seed: Number(MODEL_SEED) });
  const [counterexample] = details.counterexample ?? [];
  if (counterexample) {
    const found = `Found by schedule ${details.numRuns} of MODEL_SEED=${details.seed}, shrunk ${details.numShrinks} times.`;
    const { error, trace } = runSchedule(counterexample);
    throw new Error(
      `${error?.message}\n${found}\n${trace.join('\n')}\nMODEL_SCHEDULE='${JSON.stringify(counterexample)}'`,
    );
  }
  expect(details.failed).toBe(false);
  // A simulation that never gets anywhere proves nothing.
  expect(lives).toBeGreaterThan(numRuns / 2);
  expect(events).toBeGreaterThan(20 * numRuns);
}, 600_000);

test('the same schedule runs the same way twice', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const schedule = randomSchedule(seed);
    expect(runSchedule(schedule)).toEqual(runSchedule(schedule));
  }
});

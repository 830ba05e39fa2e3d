// Runs schedules of the model, in processes of their own, without jest.
//
//   npm run model -- --schedules 100000 [--seed 1] [--shard 1/2] [--workers 1] [--minutes 15] [--switching] [--plant NAME|all]
//
// `--switching`: sessions that take each other's place, instead of one session with all its calls.
// Schedule n of a seed has the seed `seed * 1,000,000,000 + n`: what is printed for a failure runs again with
// --schedules 1 --at THAT. `--plant` puts a known fault into the bundle first, and says after how many schedules it is
// found.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { plantedFaults } from './planted-faults.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const CHUNK = 500;

/** One file that runs shards when its parent asks it to; `changes` replaces text on the way. */
async function bundle(outfile, changes) {
  const left = new Set(changes);
  const planting = {
    name: 'planting',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        let contents = readFileSync(path, 'utf8');
        for (const change of changes) {
          const [file, from, to] = change;
          if (path !== join(root, file) || !contents.includes(from)) continue;
          contents = contents.replace(from, to);
          left.delete(change);
        }
        return { contents, loader: 'ts' };
      }),
  };
  await build({
    stdin: {
      contents: `import { runShard } from './testkit/model/run-shard.js';
process.on('message', (shard) => process.send(runShard(...shard)));`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    plugins: [planting],
    logLevel: 'error',
  });
  if (left.size > 0)
    throw new Error(`There is nothing to plant at: ${[...left].map(([file, from]) => `${file}: ${from}`)}`);
}

/** Runs `count` schedules from `from`, in `workers` processes, until one fails. */
async function run(file, model, from, count, workers, untilMs) {
  const total = { schedules: 0, lives: 0, events: 0, failure: null };
  let next = 0;
  const children = Array.from({ length: workers }, () => fork(file));
  await Promise.all(
    children.map(
      (child) =>
        new Promise((done, failed) => {
          const ask = () => {
            if (next >= count || total.failure !== null || performance.now() > untilMs) return child.disconnect();
            child.send([model, from + next, Math.min(CHUNK, count - next)]);
            next += CHUNK;
          };
          child.on('message', ({ schedules, lives, events, failure }) => {
            total.schedules += schedules;
            total.lives += lives;
            total.events += events;
            total.failure ??= failure;
            ask();
          });
          child.on('error', failed);
          child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`A process ended with code ${code}.`))));
          ask();
        }),
    ),
  );
  return total;
}

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    at: { type: 'string' },
    shard: { type: 'string', default: '1/1' },
    workers: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1440' },
    switching: { type: 'boolean', default: false },
    plant: { type: 'string' },
  },
});

const [shard, shards] = values.shard.split('/').map(Number);
const [schedules, workers, seed] = [values.schedules, values.workers, values.seed].map(Number);
if (!(shard >= 1 && shard <= shards && schedules >= 1 && workers >= 1 && Number.isInteger(seed)))
  throw new Error('Expected --schedules N, --shard i/n, --workers N and --seed S as whole numbers.');
const share = Math.ceil(schedules / shards);
const from = values.at === undefined ? seed * 1_000_000_000 + (shard - 1) * share : Number(values.at);
const count = Math.min(share, schedules - (shard - 1) * share);

const directory = await mkdtemp(join(tmpdir(), 'model-'));
try {
  const file = join(directory, 'shard.mjs');
  if (values.plant === undefined) {
    await bundle(file, []);
    const startedMs = performance.now();
    const { failure, ...total } = await run(
      pathToFileURL(file).pathname,
      values.switching ? 'switching' : 'session',
      from,
      count,
      workers,
      startedMs + Number(values.minutes) * 60_000,
    );
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    if (failure !== null) {
      console.log(`${failure.trace.join('\n')}\n${failure.message}\nAgain: --schedules 1 --at ${failure.seed}`);
      process.exitCode = 1;
    }
    console.log(
      `${total.schedules} schedules (seed ${seed}, shard ${values.shard}): ${total.lives} live sessions, ${total.events} events, ${seconds} s`,
    );
  } else {
    const names = values.plant === 'all' ? Object.keys(plantedFaults) : [values.plant];
    for (const name of names) {
      const { breaks, changes, constants = [], model = 'session' } = plantedFaults[name];
      await bundle(file, [...changes, ...constants]);
      const { schedules: needed, failure } = await run(
        pathToFileURL(file).pathname,
        model,
        from,
        count,
        1,
        Number.POSITIVE_INFINITY,
      );
      console.log(`${name}: ${failure === null ? `not found in ${needed}` : `schedule ${needed}: ${failure.message}`}`);
      console.log(`  ${breaks}`);
      if (failure === null) process.exitCode = 1;
    }
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}

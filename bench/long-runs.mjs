// The runs that take too long for CI, one after the other, and their results as a page: `bench/LONG-RUNS.md`.
// Run `npm run build` first, then `node bench/long-runs.mjs [--only soak,node,browser,fuzz] [--scale 1]`.
// The scale is that of their minutes, cycles and inputs: 0.1 shows in some minutes that they run, but slopes of memory
// while caches warm up say little.
// Each writes `bench/results/NAME.json`; a run that is left out keeps its last results. With `--rows FILE` they are also
// rows of what works where. Exits with 1 when one missed a target.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'soak,node,browser,fuzz' },
    scale: { type: 'string', default: '1' },
    rows: { type: 'string' },
  },
});
const scaled = (number) => String(Math.ceil(number * Number(values.scale)));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const resultsOf = (name) => here(`results/${name}.json`);

const runs = {
  soak: {
    title: 'One session under random faults',
    script: 'soak-faults.mjs',
    options: ['--minutes', scaled(60)],
    sizeOf: (run) => `${run.minutes} minutes`,
    write: soakPage,
  },
  node: {
    title: 'Connect cycles in Node',
    script: 'soak.mjs',
    options: ['--cycles', scaled(500), '--floor-cycles', scaled(500)],
    sizeOf: (run) => `${run.client.cycles} cycles`,
    write: nodePage,
  },
  browser: {
    title: 'Connect cycles in a browser',
    script: 'browser/cycles.mjs',
    options: ['--cycles', scaled(1_000)],
    sizeOf: (run) => `${run.cycles} cycles`,
    write: browserPage,
  },
  fuzz: {
    title: 'Broken input',
    script: 'fuzz.mjs',
    options: ['--inputs', scaled(1_000_000)],
    sizeOf: (run) => `${run.inputs} inputs`,
    write: fuzzPage,
  },
};

mkdirSync(here('results'), { recursive: true });
for (const name of values.only.split(',').filter(Boolean)) {
  const { script, options } = runs[name];
  console.log(`${name}: ${script} ${options.join(' ')}`);
  const { status } = spawnSync(process.execPath, [here(script), ...options, '--results', resultsOf(name)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
const last = Object.entries(runs)
  .filter(([name]) => existsSync(resultsOf(name)))
  .map(([name, known]) => ({ ...known, run: JSON.parse(readFileSync(resultsOf(name), 'utf8')) }));
const parts = last.map(({ title, write, run }) => `## ${title}\n\n${write(run)}`);
if (values.rows) {
  const rows = last.map(({ title, sizeOf, run }) => ({
    area: 'Long runs',
    subject: title,
    version: run.browser ?? `Node ${run.node}`,
    result: run.missed.length === 0 ? 'works' : 'fails',
    detail: `${sizeOf(run)}. ${missedOf(run)}`,
    date: run.date.slice(0, 10),
  }));
  writeFileSync(values.rows, `${JSON.stringify(rows, null, 2)}\n`);
}
writeFileSync(
  here('LONG-RUNS.md'),
  ['# Long runs', 'Written by `node bench/long-runs.mjs`. Everything is on loopback of one machine.', ...parts]
    .join('\n\n')
    .concat('\n'),
);
// As the linter wants them.
spawnSync('npx', ['biome', 'format', '--write', here('results'), here('LONG-RUNS.md')], { stdio: 'ignore' });

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function missedOf({ missed }) {
  return missed.length === 0 ? 'No target was missed.' : `Missed: ${missed.join('; ')}.`;
}

function slope({ rise, error } = {}) {
  return typeof rise === 'number' ? `${rise.toFixed(1)} ± ${error.toFixed(1)}` : '';
}

function megabytes(kb) {
  return (kb / 1024).toFixed(1);
}

function where({ date, node, browser, cores, load }) {
  const mean = typeof load === 'object' ? load.mean : load;
  return [`${date} UTC`, node && `Node ${node}`, browser, cores && `${cores} cores`, mean && `load average ${mean}`]
    .filter(Boolean)
    .join(', ');
}

function soakPage(run) {
  const memory = [
    ['heapKb', 'client, heap'],
    ['rssKb', 'client, RSS'],
    ['serverHeapKb', 'simulator, heap'],
    ['serverRssKb', 'simulator, RSS'],
  ];
  return [
    `${where(run)}, seed ${run.seed}. In ${run.minutes} minutes the session showed ${run.frames} frames, joined ${run.rooms} rooms and tried to reconnect ${run.reconnects} times. ${missedOf(run)}`,
    table(
      ['fault', 'times', 'frames again after, median', 'at most'],
      Object.entries(run.faults).map(([name, { times, medianMs, mostMs }]) => [
        name,
        times,
        `${Math.round(medianMs)} ms`,
        `${Math.round(mostMs)} ms`,
      ]),
    ),
    'The time runs from when the fault is over, and includes 300 ms in which frames that are on their way are not counted.',
    table(
      ['memory', 'first', 'last', 'KB per minute', 'KB per room'],
      memory.map(([key, name]) => [
        name,
        `${megabytes(run.perMinute[key].first)} MB`,
        `${megabytes(run.perMinute[key].last)} MB`,
        slope(run.perMinute[key]),
        slope(run.perRoom[key]),
      ]),
    ),
    `Slopes are of the second half. Handles of Node: ${run.perMinute.handles.first} at first, ${run.perMinute.handles.last} at last. Errors that the caller saw: ${Object.entries(
      run.errors,
    )
      .map(([code, times]) => `${code} ${times}`)
      .join(', ')}.`,
  ].join('\n\n');
}

function nodePage(run) {
  const rows = [
    ['heapKb', 'client, heap'],
    ['rssKb', 'client, RSS'],
    ['serverHeapKb', 'simulator, heap'],
    ['serverRssKb', 'simulator, RSS'],
  ];
  return [
    `${where(run)}. ${run.client.cycles} cycles of connect, one frame, disconnect, beside ${run.floor.cycles} of the native library alone (rtc-node and a WebSocket). ${missedOf(run)}`,
    table(
      ['KB per cycle', 'decart-rx', 'rtc-node alone'],
      rows.map(([key, name]) => [name, slope(run.client.slopes[key]), slope(run.floor.slopes[key])]),
    ),
  ].join('\n\n');
}

function browserPage(run) {
  return [
    `${where(run)}. ${run.cycles} cycles of connect, one frame, disconnect, beside livekit-client and a WebSocket alone. ${missedOf(run)}`,
    table(
      ['KB of heap', 'decart-rx', 'livekit-client alone'],
      [
        ['per cycle', slope(run.client.heapKb), slope(run.floor.heapKb)],
        ['at first', run.client.heapKb.first.toFixed(0), run.floor.heapKb.first.toFixed(0)],
        ['at last', run.client.heapKb.last.toFixed(0), run.floor.heapKb.last.toFixed(0)],
      ],
    ),
  ].join('\n\n');
}

function fuzzPage(run) {
  const { datagrams, protobuf, sdp, json } = run.sent;
  return [
    `${where(run)}, seed ${run.seed}. ${run.inputs} inputs: ${datagrams} datagrams, ${protobuf} protobuf messages, ${sdp} SDP, ${json} JSON. ${missedOf(run)}`,
    `${run.mishandled} datagrams were mishandled; the heap went from ${run.heapMb[0]} to ${run.heapMb[1]} MB (${slope(run.heapKbPerThousand)} KB per 1000 inputs over the second half), RSS from ${run.rssMb[0]} to ${run.rssMb[1]} MB; a join afterwards took ${run.joinMs} ms.`,
  ].join('\n\n');
}

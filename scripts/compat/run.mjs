// What works with what: runs checks from the packed tarballs, keeps their results in docs/compatibility.json and writes
// docs/compatibility.md from them.
// Usage: npm run build && npm run compat [-- NAME…] [--list] [--fast] [--check] [--results FILE]
//   NAME            run the checks whose names contain it; default: all
//   --list          show the names
//   --fast          those that CI runs
//   --check         keep no results: only succeed or fail
//   --output FILE   write the rows there, not into docs/
//   --results FILE  run nothing; merge the rows of this file, an array of { area, subject, version, result, detail, date }
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundlers } from './checks/bundlers.mjs';
import { frameworks } from './checks/frameworks.mjs';
import { packageManagers } from './checks/package-managers.mjs';
import { peers } from './checks/peers.mjs';
import { runtimes } from './checks/runtimes.mjs';
import { sdks } from './checks/sdks.mjs';
import { testRunners } from './checks/test-runners.mjs';
import { typescript } from './checks/typescript.mjs';
import { createProject, packTarballs, Skipped } from './project.mjs';
import { mergeRows, readRows, writeRows } from './results.mjs';

/**
 * A check: `name` on the command line, a row's `area` and `subject`, `isFast` when CI runs it, and `run`, which gives
 * the version that was tried and what was seen, throws when it does not work, and `Skipped` when it cannot run here.
 */
const checks = [
  ...packageManagers,
  ...bundlers,
  ...frameworks,
  ...testRunners,
  ...typescript,
  ...runtimes,
  ...peers,
  ...sdks,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean' },
    fast: { type: 'boolean' },
    check: { type: 'boolean' },
    output: { type: 'string' },
    results: { type: 'string' },
  },
});
const chosen = checks.filter(
  ({ name, isFast = false }) =>
    (!values.fast || isFast) && (positionals.length === 0 || positionals.some((part) => name.includes(part))),
);

async function tryOne({ name, area, subject, run }, folder, tarballs) {
  const startedMs = performance.now();
  const row = { area, subject, version: '', result: 'works', detail: '', date: new Date().toISOString().slice(0, 10) };
  let failure = '';
  try {
    const project = (part = '', manifest = {}) => createProject(join(folder, name, part), manifest);
    Object.assign(row, await run({ ...tarballs, project }));
  } catch (error) {
    row.result = error instanceof Skipped ? 'skipped' : 'fails';
    failure = error.message;
    // The folder is of this machine, and of this run.
    row.detail = failure.replaceAll(folder, '').slice(0, 300);
    row.version ||= error.version ?? '';
  }
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(`${row.result.padEnd(7)} ${name} ${row.version} (${seconds} s) ${failure || row.detail}`);
  return row;
}

if (values.list) {
  for (const { name, isFast } of checks) console.log(isFast ? `${name} (fast)` : name);
} else if (values.results) {
  writeRows(mergeRows(readRows(), readRows(values.results)));
} else {
  if (chosen.length === 0) throw new Error(`No check is called ${positionals.join(' or ')}; see --list.`);
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-compat-'));
  try {
    const tarballs = packTarballs(folder);
    const rows = [];
    for (const check of chosen) {
      rows.push(await tryOne(check, folder, tarballs));
      // Written after each check: a run that is stopped keeps what it has seen.
      if (values.output) writeFileSync(values.output, `${JSON.stringify(rows, null, 2)}\n`);
      else if (!values.check) writeRows(mergeRows(readRows(), rows));
    }
    if (rows.some(({ result }) => result === 'fails')) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

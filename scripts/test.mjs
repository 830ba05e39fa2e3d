// Runs groups of tests, all of them by default, and counts them together.
// Usage: node scripts/test.mjs [core|node|browser …] [patterns and options of jest]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
/** The limit of memory, never reached, has jest run the files in processes of their own, which it can end. */
const inProcesses = ['--workerIdleMemoryLimit=4GB'];
/**
 * The runs, in this order: their projects in jest.config.js, of one group each, and how many files run at a time. Tests
 * of media and browsers mostly wait, so that three files keep two cores busy.
 */
const runs = [
  { projects: { core: 'core' }, files: 2 },
  { projects: { node: 'node', browser: 'browser' }, files: 3 },
  { projects: { node: 'node-measured', browser: 'browser-measured' }, files: 3 },
];
const groups = ['core', 'node', 'browser'];

const args = process.argv.slice(2);
const asked = args.filter((arg) => groups.includes(arg));
const chosen = asked.length > 0 ? asked : groups;
const options = args.filter((arg) => !groups.includes(arg));

const folder = mkdtempSync(join(tmpdir(), 'decart-rx-tests-'));
const total = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const { projects, files } of runs) {
    const names = chosen.flatMap((group) => projects[group] ?? []);
    if (names.length > 0) run(names, files);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

function run(projects, files) {
  const startedMs = performance.now();
  const output = join(folder, `${projects.join('-')}.json`);
  const how = [`--maxWorkers=${files}`, ...inProcesses, '--passWithNoTests', '--json', `--outputFile=${output}`];
  const { status } = spawnSync(process.execPath, [jest, '--selectProjects', ...projects, ...how, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exitCode = 1;
  if (!existsSync(output)) throw new Error(`The tests of ${projects.join(' and ')} did not run.`);
  const { numTotalTests, ...counted } = JSON.parse(readFileSync(output, 'utf8'));
  total.passed += counted.numPassedTests;
  // A file that does not even load is a failure, too.
  total.failed += counted.numFailedTests + counted.numRuntimeErrorTestSuites;
  total.skipped += counted.numPendingTests + counted.numTodoTests;
  console.log(
    `${projects.join(', ')}: ${numTotalTests} tests, ${Math.round((performance.now() - startedMs) / 1000)} s`,
  );
}

// Runs the groups of tests one after the other, each as its own command does, and counts them together.
// Usage: node scripts/test.mjs [core|node|browser …] [patterns and options of jest]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
/**
 * The runs of each group, by the names in jest.config.js. The limit of memory, never reached, has jest run the files in
 * processes of their own, which it can end.
 */
const own = '--workerIdleMemoryLimit=4GB';
const groups = {
  core: [['core']],
  node: [
    ['node', own],
    ['node-measured', '--maxWorkers=1', own],
  ],
  browser: [
    ['browser', own],
    ['browser-measured', '--maxWorkers=1', own],
  ],
};

const args = process.argv.slice(2);
const chosen = args.filter((arg) => arg in groups);
const options = args.filter((arg) => !(arg in groups));

const folder = mkdtempSync(join(tmpdir(), 'decart-rx-tests-'));
const total = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const group of chosen.length > 0 ? chosen : Object.keys(groups)) {
    const startedMs = performance.now();
    let tests = 0;
    for (const [project, ...how] of groups[group]) tests += run(project, how);
    console.log(`${group}: ${tests} tests, ${Math.round((performance.now() - startedMs) / 1000)} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

/** How many tests there were. */
function run(project, how) {
  const output = join(folder, `${project}.json`);
  const report = ['--passWithNoTests', '--json', `--outputFile=${output}`];
  const { status } = spawnSync(process.execPath, [jest, '--selectProjects', project, ...how, ...report, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exitCode = 1;
  if (!existsSync(output)) throw new Error(`The tests of ${project} did not run.`);
  const { numTotalTests, ...counted } = JSON.parse(readFileSync(output, 'utf8'));
  total.passed += counted.numPassedTests;
  // A file that does not even load is a failure, too.
  total.failed += counted.numFailedTests + counted.numRuntimeErrorTestSuites;
  total.skipped += counted.numPendingTests + counted.numTodoTests;
  return numTotalTests;
}

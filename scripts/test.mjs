// Runs the groups of tests one after the other, each as its own command does, and counts them together.
// Usage: node scripts/test.mjs [core|node|browser …] [patterns and options of jest]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
/**
 * Real media and browsers keep two cores busy: their files take turns. The limit of memory, never reached, has jest run
 * them in a process of its own, which it can end.
 */
const inTurn = ['--maxWorkers=1', '--workerIdleMemoryLimit=4GB'];
const groups = { core: [], node: inTurn, browser: inTurn };

const args = process.argv.slice(2);
const chosen = args.filter((arg) => arg in groups);
const options = args.filter((arg) => !(arg in groups));

const folder = mkdtempSync(join(tmpdir(), 'decart-rx-tests-'));
const total = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const group of chosen.length > 0 ? chosen : Object.keys(groups)) {
    const output = join(folder, `${group}.json`);
    const own = ['--selectProjects', group, '--passWithNoTests', '--json', `--outputFile=${output}`];
    const startedMs = performance.now();
    const { status } = spawnSync(process.execPath, [jest, ...own, ...groups[group], ...options], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) process.exitCode = 1;
    if (!existsSync(output)) throw new Error(`The tests of the group ${group} did not run.`);
    const report = JSON.parse(readFileSync(output, 'utf8'));
    total.passed += report.numPassedTests;
    // A file that does not even load is a failure, too.
    total.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    total.skipped += report.numPendingTests + report.numTodoTests;
    console.log(`${group}: ${report.numTotalTests} tests, ${Math.round((performance.now() - startedMs) / 1000)} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

// The suites of media, of sessions and of the simulator, on a LiveKit server of its own in place of the embedded one:
//   node scripts/livekit-server.mjs [--if-found] [--results FILE] [--only PATTERN] [options of jest]
// The server is LIVEKIT_SERVER or livekit-server on PATH, and runs on loopback. --if-found: without one nothing is run,
// which is said. Run `npm run build` first.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resultRow, writeResults } from './livekit/results.mjs';
import { findLiveKitServer, howToGet, startLiveKitServer, versionOf } from './livekit/server.mjs';

const suites = [
  ['Rooms, tracks, data, tokens', 'testkit/simulator/conformance/rooms.test.ts'],
  ['Media conformance, @livekit/rtc-node', 'transports/livekit/node/conformance.test.ts'],
  ['Media conformance, livekit-client in Chromium', 'transports/livekit/browser/conformance.chromium.test.ts'],
  ['Simulator: echo, restyle, kicks, reconnects', 'testkit/simulator/e2e/media.test.ts'],
  ['Sessions in Chromium', 'adapters/browser/session.chromium.test.ts'],
  ['Connectivity check', 'adapters/node/e2e/preflight.test.ts'],
  ['Viewers', 'adapters/node/e2e/viewer.test.ts'],
  ['Switching sessions', 'adapters/node/e2e/switch.test.ts'],
  ['Latency by markers', 'adapters/node/e2e/latency.test.ts'],
  ['Quality and stalls', 'adapters/node/e2e/quality.test.ts'],
  ['Official JavaScript SDK', 'testkit/official-sdk.chromium.test.ts'],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'if-found': { type: 'boolean', default: false },
    results: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const program = findLiveKitServer();
if (program === null) {
  console.log(values['if-found'] ? 'Skipped: the tests on a LiveKit server. None was found.' : howToGet);
  process.exit(values['if-found'] ? 0 : 1);
}

const version = versionOf(program);
/** A table of its own for each minor version. */
const area = `LiveKit server ${version.split('.').slice(0, 2).join('.')}`;
const server = await startLiveKitServer(program);
const folder = mkdtempSync(join(tmpdir(), 'decart-rx-livekit-tests-'));
const rows = [];
console.log(`livekit-server ${version} on ${server.url}`);
try {
  for (const [subject, file] of suites.filter(([, path]) => path.includes(values.only))) {
    rows.push(run(subject, file));
    // Written after each suite: a run that is stopped keeps what it has seen.
    if (values.results) writeResults(values.results, rows);
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
const failed = rows.filter(({ result }) => result === 'fails');
console.log(failed.length === 0 ? 'All suites passed.' : `${failed.length} suites failed.`);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(subject, file) {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const output = join(folder, 'report.json');
  rmSync(output, { force: true });
  const { url, apiKey, apiSecret } = server;
  // As in scripts/test.mjs: in a process of its own, which jest can end.
  const how = ['--maxWorkers=1', '--workerIdleMemoryLimit=4GB', '--json', `--outputFile=${output}`];
  const { status } = spawnSync(process.execPath, [jest, '--runTestsByPath', file, ...how, ...positionals], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret },
  });
  if (!existsSync(output)) return row(subject, 'fails', 'did not run');
  const report = JSON.parse(readFileSync(output, 'utf8'));
  const { numPassedTests: passed, numPendingTests: skipped } = report;
  const broken = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return row(subject, status === 0 ? 'works' : 'fails', `${passed} passed, ${broken} failed, ${skipped} skipped`);
}

function row(subject, result, detail) {
  console.log(`${result}: ${subject}: ${detail}`);
  return resultRow(area, subject, version, result, detail);
}

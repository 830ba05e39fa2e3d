// The tests that open a page, in one browser, and what works there as a table.
// Usage: node scripts/test-in-browser.mjs firefox|chromium [--results FILE] [PATTERN…] [options of jest]
//   PATTERN  test the files whose paths contain it; default: all
// One file after the other, each with its row: a run that is stopped keeps what it has seen. Run `npm run build` first.
// Without the browser nothing is tested, and it says so.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasSound, startSoundServer } from './sound-server.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

const browsers = {
  firefox: {
    variable: 'FIREFOX_PATH',
    names: ['firefox', 'firefox-esr'],
    places: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    install: 'Install it (Debian: apt-get install firefox-esr)',
  },
  chromium: {
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    install: 'Install it (Debian: apt-get install chromium)',
  },
};

/** What each file is about, for people who look up what works. */
const subjects = {
  'adapters/browser/android-names.chromium.test.ts': 'What the first SDKs of direct WebRTC offered',
  'adapters/browser/bundle.chromium.test.ts': 'Bundles of esbuild, Vite and webpack',
  'adapters/browser/devices/devices.chromium.test.ts': 'Camera: open, switch, unplug, refuse',
  'adapters/browser/direct.chromium.test.ts': 'Sessions over direct WebRTC, live avatar',
  'adapters/browser/ends.chromium.test.ts': 'Ends of a session: page closed, page hidden, switch',
  'adapters/browser/frames/frames.chromium.test.ts': 'Frames changed in a worker, in the page, on a canvas',
  'adapters/browser/livekit-client.chromium.test.ts': 'livekit-client alone',
  'adapters/browser/loading.chromium.test.ts': 'Loading of parts',
  'adapters/browser/local/sources.chromium.test.ts': 'Local video: mirror, sources, processors, markers',
  'adapters/browser/measurement.chromium.test.ts': 'Quality, latency, stalls, preflight',
  'adapters/browser/network.chromium.test.ts': 'Dead sockets, no network',
  'adapters/browser/page.chromium.test.ts': 'First frame in a hidden page, autoplay',
  'adapters/browser/scenarios.chromium.test.ts': 'Scripted sessions over both transports',
  'adapters/browser/session.chromium.test.ts': 'Sessions over LiveKit',
  'examples/browser/page.chromium.test.ts': 'The example page',
  'testkit/direct-sdk.chromium.test.ts': 'Official SDK 0.0.46 on the simulator',
  'testkit/official-sdk.chromium.test.ts': 'Official SDK on the simulator',
  'testkit/simulator/sfu/e2e/frame-metadata.chromium.test.ts': "LiveKit's frame metadata on the simulator",
  'testkit/simulator/sfu/e2e/livekit-client.chromium.test.ts': 'livekit-client on the simulator',
  'transports/http/browser.chromium.test.ts': 'REST: uploads, jobs, tokens',
  'transports/livekit/browser/conformance.chromium.test.ts': 'Media conformance: LiveKit',
  'transports/webrtc/browser/conformance.chromium.test.ts': 'Media conformance: direct WebRTC',
};

const [name, ...rest] = process.argv.slice(2);
if (!(name in browsers)) throw new Error(`Name a browser: ${Object.keys(browsers).join(' or ')}.`);
const at = rest.indexOf('--results');
const [, results] = at < 0 ? [] : rest.splice(at, 2);
const firstOption = rest.findIndex((each) => each.startsWith('-'));
const patterns = firstOption < 0 ? rest : rest.slice(0, firstOption);
const options = rest.slice(patterns.length);
const files = Object.keys(subjects).filter(
  (each) => patterns.length === 0 || patterns.some((pattern) => each.includes(pattern)),
);
if (files.length === 0) throw new Error(`No test file's path contains ${patterns.join(' or ')}.`);
const path = find(browsers[name]);
if (path) await run();
else console.log(`Skipped: no ${name} found. ${browsers[name].install}, or name one with ${browsers[name].variable}.`);

function find({ variable, names, places }) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    process.env[variable],
    ...folders.flatMap((folder) => names.map((each) => join(folder, each))),
    ...places,
  ];
  return candidates.find((each) => {
    if (!each) return false;
    try {
      accessSync(each, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function run() {
  const said = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`${said} at ${path}`);
  const [version = said] = /\d\S*/.exec(said) ?? [];
  const sound = await startSoundServer();
  const environment = {
    ...process.env,
    ...(sound?.environment ?? (hasSound() ? {} : { TEST_SOUND: 'none' })),
    TEST_BROWSER: name,
    [browsers[name].variable]: path,
  };
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-browser-'));
  try {
    const rows = [];
    for (const file of files) {
      const row = { ...test(file, join(folder, 'report.json'), environment), version };
      console.log(`${row.result.padEnd(8)}${row.subject}: ${row.detail}`);
      rows.push(row);
      if (results) writeFileSync(results, `${JSON.stringify(rows, null, 2)}\n`);
    }
    const failed = rows.filter(({ result }) => result === 'fails');
    console.log(failed.length === 0 ? 'All files passed.' : `${failed.length} files failed.`);
    process.exitCode = failed.length === 0 ? 0 : 1;
  } finally {
    await sound?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function test(file, output, environment) {
  rmSync(output, { force: true });
  // As in scripts/test.mjs: in a process of its own, which jest can end.
  const how = ['--maxWorkers=1', '--workerIdleMemoryLimit=4GB', '--json', `--outputFile=${output}`];
  const { status } = spawnSync(process.execPath, [jest, '--runTestsByPath', file, ...how, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  });
  // A file that does not load has no results.
  const tests = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')).testResults[0].assertionResults : [];
  const of = (status) => tests.filter((each) => each.status === status);
  const [passed, failed, skipped] = [of('passed'), of('failed'), of('pending')];
  const title = { firefox: 'Firefox', chromium: 'Chromium' }[name];
  return {
    area: 'Browsers',
    // One row for each file and browser.
    subject: `${title}: ${subjects[file]}`,
    result: status !== 0 || tests.length === 0 ? 'fails' : passed.length > 0 ? 'works' : 'skipped',
    detail: [
      `${passed.length} of ${tests.length} tests`,
      ...(failed.length > 0 ? [`fails: ${failed.map((each) => each.title).join('; ')}`] : []),
      ...reasonsOf(skipped),
    ].join('. '),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Why tests are skipped: in brackets at the end of their names. A reason that many give is said once. */
function reasonsOf(skipped) {
  const counts = new Map();
  for (const { title } of skipped) {
    const [, reason = title] = /\(([^()]*)\)$/.exec(title) ?? [];
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${count} skipped: ${reason}`);
}

// The tests that open a page, in one browser, and what works there as a table.
// Usage: node scripts/test-in-browser.mjs firefox|chromium [--results FILE] [patterns and options of jest]
// Run `npm run build` first. Without the browser nothing is tested, and it says so.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
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
  const environment = { ...process.env, ...(sound?.environment ?? (hasSound() ? {} : { TEST_SOUND: 'none' })) };
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-browser-'));
  try {
    const output = join(folder, 'report.json');
    const files = Object.keys(subjects);
    const patterns = rest.some((each) => !each.startsWith('-')) ? rest : [...rest, ...files];
    const { status } = spawnSync(
      process.execPath,
      [
        jest,
        '--selectProjects',
        'browser',
        'browser-measured',
        '--maxWorkers=1',
        // As in scripts/test.mjs: in a process of its own, which jest can end.
        '--workerIdleMemoryLimit=4GB',
        '--json',
        `--outputFile=${output}`,
        ...patterns,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...environment, TEST_BROWSER: name, [browsers[name].variable]: path },
      },
    );
    const report = JSON.parse(readFileSync(output, 'utf8'));
    const rows = report.testResults
      .map((file) => rowOf(file, version))
      .sort((a, b) => (a.subject < b.subject ? -1 : 1));
    for (const { subject, result, detail } of rows) console.log(`${result.padEnd(8)}${subject}: ${detail}`);
    if (results) writeFileSync(results, `${JSON.stringify(rows, null, 2)}\n`);
    const { numPassedTests, numFailedTests, numPendingTests } = report;
    console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
    process.exitCode = status ?? 1;
  } finally {
    await sound?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf({ name: file, assertionResults }, version) {
  const of = (status) => assertionResults.filter((each) => each.status === status);
  const [passed, failed, skipped] = [of('passed'), of('failed'), of('pending')];
  const title = { firefox: 'Firefox', chromium: 'Chromium' }[name];
  const path = relative(process.cwd(), file).replaceAll('\\', '/');
  return {
    area: 'Browsers',
    // One row for each file and browser.
    subject: `${title}: ${subjects[path] ?? path}`,
    version,
    // A file that does not load has no results.
    result: failed.length > 0 || assertionResults.length === 0 ? 'fails' : passed.length > 0 ? 'works' : 'skipped',
    detail: [
      `${passed.length} of ${assertionResults.length} tests`,
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

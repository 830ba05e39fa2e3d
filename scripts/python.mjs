// Tests whose other end is a Python program that others have written, unmodified.
// Usage: node scripts/python.mjs sdk|aiortc [options of jest]
// DECART_PYTHON names an interpreter that has the packages below; else they are installed into an environment in the
// system's temporary folder, which stays there for the next run. Where they cannot be installed, this says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const suites = {
  sdk: {
    packages: ['decart[realtime,verify]==0.2.4', 'livekit==1.2.1'],
    modules: 'decart.realtime, livekit.rtc, jwt',
    tests: 'testkit/simulator/python-sdk',
  },
  aiortc: { packages: ['aiortc==1.16.0'], modules: 'aiortc', tests: 'testkit/aiortc' },
};
/** One package index that answers slowly must not hold up a whole run. */
const installLimitMs = 180_000;

const succeeds = (command, ...args) => {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: installLimitMs });
  if (status !== 0 && stderr) console.error(stderr.trim().split('\n').at(-1));
  return status === 0;
};

/** @returns an interpreter that has the packages; `null`: there is none */
function findPython({ packages, modules }) {
  const loads = (python) => succeeds(python, '-c', `import ${modules}`);
  const { DECART_PYTHON: named } = process.env;
  if (named && loads(named)) return named;
  const versions = packages.map((each) => each.split('==')[1]).join('-');
  const folder = join(tmpdir(), `decart-rx-python-${versions}`);
  const python = join(folder, 'bin/python');
  if (existsSync(python) && loads(python)) return python;
  if (!succeeds('python3', '-m', 'venv', '--clear', folder)) return null;
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
  return succeeds(python, '-m', 'pip', 'install', ...options, ...packages) && loads(python) ? python : null;
}

const [name, ...options] = process.argv.slice(2);
const suite = suites[name];
if (!suite) throw new Error(`Name a suite: ${Object.keys(suites).join(' or ')}.`);
const python = findPython(suite);
if (python === null) {
  console.log(`Skipped: Python with ${suite.packages.join(' and ')} is not here and could not be installed.`);
} else {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const how = ['--selectProjects', 'node', '--workerIdleMemoryLimit=4GB', '--maxWorkers=1'];
  const env = { ...process.env, DECART_PYTHON: python };
  process.exitCode =
    spawnSync(process.execPath, [jest, ...how, suite.tests, ...options], { stdio: 'inherit', env }).status ?? 1;
}

// Tests whose other end is a Python program that others have written, unmodified.
// Usage: node scripts/python.mjs sdk|aiortc [options of jest]
// DECART_PYTHON names an interpreter that has the packages below; else they are installed into an environment in the
// system's temporary folder, which stays there for the next run. Where they cannot be installed, this says why.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const suites = {
  sdk: {
    packages: ['decart[realtime,verify]==0.2.4', 'livekit==1.2.1'],
    // The source loads the native library.
    loading: 'import decart.realtime, jwt, livekit.rtc; livekit.rtc.VideoSource(2, 2)',
    tests: 'testkit/simulator/python-sdk',
  },
  aiortc: { packages: ['aiortc==1.16.0'], loading: 'import aiortc', tests: 'testkit/aiortc' },
};
/** One package index that answers slowly must not hold up a whole run. */
const limitMs = 180_000;

/** @returns why a program failed; `null`: it did not */
function failureOf(command, ...args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: limitMs });
  if (status === 0) return null;
  const said = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').at(-1);
  return error?.message ?? (said || `${command} ended with ${status}`);
}

/** @returns an interpreter that has the packages, or why there is none */
function findPython({ packages, loading }) {
  const whyNotLoaded = (python) => failureOf(python, '-c', loading);
  const { DECART_PYTHON: named } = process.env;
  if (named && whyNotLoaded(named) === null) return { python: named };
  const versions = packages.map((each) => each.split('==')[1]).join('-');
  const folder = join(tmpdir(), `decart-rx-python-${versions}`);
  const python = join(folder, 'bin/python');
  if (existsSync(python) && whyNotLoaded(python) === null) return { python };
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
  const why =
    failureOf('python3', '-m', 'venv', '--clear', folder) ??
    failureOf(python, '-m', 'pip', 'install', ...options, ...packages) ??
    whyNotLoaded(python);
  return why === null ? { python } : { why };
}

const [name, ...options] = process.argv.slice(2);
const suite = suites[name];
if (!suite) throw new Error(`Name a suite: ${Object.keys(suites).join(' or ')}.`);
const { python, why } = findPython(suite);
if (python === undefined) {
  console.log(`Skipped: Python with ${suite.packages.join(' and ')} is not here and could not be installed: ${why}`);
} else {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const how = ['--selectProjects', 'node', '--workerIdleMemoryLimit=4GB', '--maxWorkers=1'];
  const env = { ...process.env, DECART_PYTHON: python };
  process.exitCode =
    spawnSync(process.execPath, [jest, ...how, suite.tests, ...options], { stdio: 'inherit', env }).status ?? 1;
}

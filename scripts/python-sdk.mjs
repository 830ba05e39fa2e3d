// The official Python SDK, unmodified, against the simulator.
// Usage: npm run test:python-sdk [-- options of jest]
// DECART_PYTHON names an interpreter that has the packages below; without it they are installed into an environment in
// the system's temporary folder, which stays there for the next run. Where they cannot be installed, this says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packages = ['decart[realtime,verify]==0.2.4', 'livekit==1.2.1'];
/** One package index that answers slowly must not hold up a whole run. */
const installLimitMs = 180_000;

const succeeds = (command, ...args) => {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: installLimitMs });
  if (status !== 0 && stderr) console.error(stderr.trim().split('\n').at(-1));
  return status === 0;
};

const loads = (python) => succeeds(python, '-c', 'import decart.realtime, livekit.rtc, jwt');

/** @returns an interpreter that has the packages; `null`: there is none */
function findPython() {
  if (process.env.DECART_PYTHON) return process.env.DECART_PYTHON;
  const folder = join(tmpdir(), 'decart-rx-python-0.2.4-1.2.1');
  const python = join(folder, 'bin/python');
  if (existsSync(python) && loads(python)) return python;
  if (!succeeds('python3', '-m', 'venv', '--clear', folder)) return null;
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
    ...packages,
  ];
  return succeeds(python, ...install) && loads(python) ? python : null;
}

const python = findPython();
if (python === null) {
  console.log(`Skipped: Python with ${packages.join(' and ')} is not here and could not be installed.`);
} else {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const args = [
    jest,
    '--selectProjects',
    'node',
    '--workerIdleMemoryLimit=4GB',
    '--maxWorkers=1',
    'testkit/simulator/python-sdk',
  ];
  const env = { ...process.env, DECART_PYTHON: python };
  process.exitCode =
    spawnSync(process.execPath, [...args, ...process.argv.slice(2)], { stdio: 'inherit', env }).status ?? 1;
}

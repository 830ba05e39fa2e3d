// An empty project in a temporary folder, with the packed tarballs in it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const programs = fileURLToPath(new URL('programs', import.meta.url));

/** Thrown by a check that cannot run here. */
export class Skipped extends Error {}

/** Packs both packages as they were built. @returns {{ client: string, simulator: string }} paths of the tarballs */
export function packTarballs(folder) {
  const pack = (cwd) => {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    return join(folder, JSON.parse(execFileSync('npm', args, { cwd, encoding: 'utf8' }))[0].filename);
  };
  return { client: pack(root), simulator: pack(join(root, 'testkit/simulator')) };
}

/** A version of the project's own development dependencies. */
export const ownVersion = (name) => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies[name];

/**
 * Runs a program to its end.
 * @returns {Promise<string>} what it wrote to its standard output
 * @throws with all that it wrote, when it fails or takes longer than the limit
 */
export async function run(command, args, { cwd, env = {}, limitMs = 240_000 } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let all = '';
  for (const [stream, isOutput] of [
    [child.stdout, true],
    [child.stderr, false],
  ]) {
    stream.setEncoding('utf8').on('data', (text) => {
      all += text;
      if (isOutput) stdout += text;
    });
  }
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    const [code, signal] = await once(child, 'close');
    if (code === 0) return stdout;
    throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}: ${all.slice(-2_000)}`);
  } finally {
    clearTimeout(limit);
  }
}

/**
 * @param {string} folder
 * @param {object} manifest more of its package.json
 */
export function createProject(folder, manifest = {}) {
  mkdirSync(folder, { recursive: true });
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', `${JSON.stringify({ private: true, type: 'module', ...manifest }, null, 2)}\n`);
  return {
    folder,
    write,
    /** Copies a program of this folder's neighbour `programs`. */
    copy: (name, as = name) => {
      mkdirSync(dirname(join(folder, as)), { recursive: true });
      copyFileSync(join(programs, name), join(folder, as));
    },
    install: (...packages) =>
      run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: folder }),
    run: (command, args, options = {}) => run(command, args, { cwd: folder, ...options }),
    node: (args, options = {}) => run(process.execPath, args, { cwd: folder, ...options }),
    /** The version of an installed package. */
    versionOf: (name) => {
      const path = join(folder, 'node_modules', name, 'package.json');
      return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : '?';
    },
  };
}

// A project of one version of Angular, with the packed package in it.
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { manifestOf, versions } from './versions.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../../..');
/** What is installed stays there for the next run. Not below `node_modules`: vitest bundles nothing that lies there. */
const cache = join(tmpdir(), 'decart-rx-angular');
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

const npm = (cwd, ...args) => promisify(execFile)('npm', [...args, ...quiet], { cwd });

/** Packs decart-rx as it was built. @returns the tarball's path */
export function packPackage() {
  mkdirSync(cache, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', cache], {
    cwd: root,
    encoding: 'utf8',
  });
  return join(cache, JSON.parse(packed)[0].filename);
}

/**
 * Installs a version of Angular, then the package beside it, as a user would: npm itself is to find no conflict.
 * @param {string} version one of `versions`
 */
export async function openProject(version, tarball) {
  const folder = join(cache, String(version));
  const manifest = `${JSON.stringify(manifestOf(version), null, 2)}\n`;
  const file = join(folder, 'package.json');
  mkdirSync(folder, { recursive: true });
  const note = join(folder, 'installed.json');
  const isInstalled = existsSync(note) && readFileSync(note, 'utf8') === manifest;
  if (!isInstalled) {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    rmSync(join(folder, 'package-lock.json'), { force: true });
    writeFileSync(file, manifest);
    const isLocked = versions[version] === null;
    if (isLocked) copyFileSync(join(here, 'package-lock.json'), join(folder, 'package-lock.json'));
    await npm(folder, isLocked ? 'ci' : 'install');
    writeFileSync(note, manifest);
  }
  rmSync(join(folder, 'node_modules/decart-rx'), { recursive: true, force: true });
  await npm(folder, 'install', '--no-save', tarball);
  for (const name of ['probe', 'unit', 'twin', 'dist', '.angular']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const name of ['probe', 'unit', 'twin']) cpSync(join(here, name), join(folder, name), { recursive: true });
  copyFileSync(join(folder, 'probe/angular.json'), join(folder, 'angular.json'));
  const ownNode = join(folder, 'node_modules/node/bin/node');
  return { version, folder, node: existsSync(ownNode) ? ownNode : process.execPath };
}

/** Runs a package's program with the project's Node. */
export async function runIn({ folder, node, cwd = folder }, script, ...args) {
  const options = { cwd, env: { ...process.env, NG_CLI_ANALYTICS: 'false' }, maxBuffer: 1 << 26 };
  return promisify(execFile)(node, [join(folder, 'node_modules', script), ...args], options).catch((error) => {
    throw new Error(`${script} ${args.join(' ')}:\n${error.stdout}\n${error.stderr}`, { cause: error });
  });
}

/** Whether npm would install the package in a project that has these already. Nothing is downloaded but the lists. */
export async function checkInstall(tarball, name, dependencies) {
  const folder = join(cache, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await npm(folder, 'install', '--package-lock-only', tarball);
}

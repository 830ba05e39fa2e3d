// Checks the package as a user gets it: the packed tarball, installed into an empty project.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name, exports, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', name));

const run = (cwd, command, ...args) => {
  console.log(`$ ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } });
};

run(root, 'npx', 'publint', '--strict');
run(root, 'npx', 'attw', '--pack', '.');

const project = mkdtempSync(join(tmpdir(), 'decart-rx-package-'));
try {
  run(root, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', project);
  mkdirSync(join(project, 'app'));
  const app = join(project, 'app');
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
  // Without the optional peers: every entry must load without them.
  run(
    app,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    join(project, `${name}-${version}.tgz`),
    'rxjs@7',
  );
  const checks = entries
    .map((entry) => `check(${JSON.stringify(entry)}, await load(${JSON.stringify(entry)}));`)
    .join('\n');
  const check = `
    const check = (entry, loaded) => {
      if (Object.keys(loaded).length === 0) throw new Error(entry + ' exports nothing');
      console.log(entry, Object.keys(loaded).length, 'exports');
    };`;
  writeFileSync(join(app, 'smoke.mjs'), `const load = (entry) => import(entry);${check}\n${checks}\n`);
  writeFileSync(join(app, 'smoke.cjs'), `const load = require;${check}\n(async () => {\n${checks}\n})();\n`);
  run(app, process.execPath, 'smoke.mjs');
  run(app, process.execPath, 'smoke.cjs');
  run(app, 'npx', '--no-install', 'decart-sim', '--help');
} finally {
  rmSync(project, { recursive: true, force: true });
}

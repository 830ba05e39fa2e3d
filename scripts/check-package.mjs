// Checks the package as a user gets it: the packed tarball, installed into an empty project.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name, exports, version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', name));

const run = (cwd, command, ...args) => {
  console.log(`$ ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } });
};

run(root, 'npx', 'publint', '--strict');
run(root, 'npx', 'attw', '--pack', '.');

const install = (cwd, ...packages) =>
  run(cwd, 'npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', ...packages);

/** Compiles an import of these entries in both module systems, and looks into the declarations, too. */
const checkTypes = (cwd, entries) => {
  const uses = entries
    .map((entry, index) => `import * as entry${index} from '${entry}';\nvoid entry${index};\n`)
    .join('');
  for (const file of ['types.mts', 'types.cts']) writeFileSync(join(cwd, file), uses);
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const options = '--noEmit --strict --skipLibCheck false --target es2022 --lib es2022,dom,dom.iterable --pretty false';
  const consumers = { nodenext: ['types.mts', 'types.cts'], bundler: ['types.mts'] };
  for (const [moduleResolution, files] of Object.entries(consumers)) {
    const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext';
    const args = [...options.split(' '), '--module', module, '--moduleResolution', moduleResolution, ...files];
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...args], { cwd, encoding: 'utf8' });
    const errors = stdout.split('\n').filter((line) => line.includes(': error TS') || line.startsWith('error TS'));
    if (status !== 0 && errors.length === 0) throw new Error(`tsc failed: ${stdout}`);
    // Those in the declarations of other packages are not ours.
    const ours = errors.filter((line) => !line.startsWith('node_modules/') || line.startsWith(`node_modules/${name}/`));
    if (ours.length > 0) throw new Error(`The declarations have errors:\n${ours.join('\n')}`);
    console.log(`types of ${entries.join(', ')}: no errors (${moduleResolution})`);
  }
};

const project = mkdtempSync(join(tmpdir(), 'decart-rx-package-'));
try {
  run(root, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', project);
  mkdirSync(join(project, 'app'));
  const app = join(project, 'app');
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
  // Without the optional peers: every entry must load without them.
  install(app, join(project, `${name}-${version}.tgz`), 'rxjs@7');
  const installed = join(app, 'node_modules', name);
  // But for the picture, which would make up a quarter of the package.
  const links = [
    ...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/(?<!!\[[^\]]*)\]\((?!https?:)([^)#]+)\)/g),
  ];
  const broken = links.map(([, path]) => path).filter((path) => !existsSync(join(installed, path)));
  if (broken.length > 0) throw new Error(`The README links to files that are not in the package: ${broken.join(', ')}`);
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
  checkTypes(app, [name, `${name}/testkit/jest`]);
  // The other entries show types of their peers.
  const shown = ['livekit-client', '@livekit/rtc-node', '@types/node', '@types/ws'];
  install(app, ...shown.map((peer) => `${peer}@${devDependencies[peer]}`));
  checkTypes(app, entries);
} finally {
  rmSync(project, { recursive: true, force: true });
}

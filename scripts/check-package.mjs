// Checks both packages as a user gets them: the packed tarballs, installed into an empty project.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const client = { folder: root, ...manifestIn(root) };
const simulator = { folder: join(root, 'testkit/simulator'), ...manifestIn(join(root, 'testkit/simulator')) };
const { devDependencies } = client;
/** What an app gets besides what it asks for: `decart-rx` itself and its dependencies, without the peers. */
const mostPackages = 8;
/** `tslib` is rxjs's. */
const peers = new Set(['rxjs', 'tslib']);
/** ES modules only: entries of an Angular app, and the code of a worker. */
const esmOnly = ['./angular', './angular/testing', './frame-worker'];

const run = (cwd, command, ...args) => {
  console.log(`$ ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } });
};

const install = (cwd, ...packages) =>
  run(cwd, 'npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', ...packages);

const entriesOf = ({ name, exports }) =>
  Object.keys(exports)
    .filter((path) => path !== './package.json' && !esmOnly.includes(path))
    .map((path) => path.replace('.', name));

/** One version, and the simulator asks for exactly this client. */
function checkVersions() {
  const asked = simulator.peerDependencies[client.name];
  if (simulator.version === client.version && asked === client.version) return;
  throw new Error(`Versions differ: ${client.version}, ${simulator.version}, and the simulator's peer ${asked}.`);
}

/** What a production install of the client holds, listed; more than that is a decision, not an accident. */
function checkTree(cwd) {
  const listed = execFileSync('npm', ['ls', '--all', '--parseable', '--omit=dev'], { cwd, encoding: 'utf8' });
  const names = listed
    .trim()
    .split('\n')
    .slice(1)
    .map((path) => path.split('node_modules/').at(-1));
  const ours = names.filter((name) => !peers.has(name));
  console.log(`A production install: ${names.join(', ')}`);
  if (ours.length > mostPackages) throw new Error(`${ours.length} packages beside the peers; at most ${mostPackages}.`);
}

/** But for the picture, which would make up a quarter of the package. */
function checkLinks(installed) {
  const readme = readFileSync(join(installed, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/(?<!!\[[^\]]*)\]\((?!https?:)([^)#]+)\)/g)];
  const broken = links.map(([, path]) => path).filter((path) => !existsSync(join(installed, path)));
  if (broken.length > 0) throw new Error(`The README links to files that are not in the package: ${broken.join(', ')}`);
}

/** Loads these entries, as ES modules and as CommonJS. */
function checkLoading(cwd, entries) {
  const checks = entries.map((entry) => `check(${JSON.stringify(entry)}, await load(${JSON.stringify(entry)}));`);
  const check = `
    const check = (entry, loaded) => {
      if (Object.keys(loaded).length === 0) throw new Error(entry + ' exports nothing');
      console.log(entry, Object.keys(loaded).length, 'exports');
    };`;
  const body = checks.join('\n');
  writeFileSync(join(cwd, 'smoke.mjs'), `const load = (entry) => import(entry);${check}\n${body}\n`);
  writeFileSync(join(cwd, 'smoke.cjs'), `const load = require;${check}\n(async () => {\n${body}\n})();\n`);
  run(cwd, process.execPath, 'smoke.mjs');
  run(cwd, process.execPath, 'smoke.cjs');
}

/** Compiles an import of these entries in both module systems, and looks into the declarations, too. */
function checkTypes(cwd, entries) {
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
    const ours = errors.filter(
      (line) => !line.startsWith('node_modules/') || line.startsWith('node_modules/decart-rx'),
    );
    if (ours.length > 0) throw new Error(`The declarations have errors:\n${ours.join('\n')}`);
    console.log(`types of ${entries.join(', ')}: no errors (${moduleResolution})`);
  }
}

checkVersions();
const project = mkdtempSync(join(tmpdir(), 'decart-rx-package-'));
try {
  const tarball = ({ name, version }) => join(project, `${name}-${version}.tgz`);
  for (const each of [client, simulator]) {
    run(each.folder, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', project);
    run(root, 'npx', 'publint', 'run', tarball(each), '--strict');
    run(root, 'npx', 'attw', tarball(each), '--exclude-entrypoints', ...esmOnly);
  }
  const app = join(project, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');

  // Without the optional peers: every entry must load without them.
  install(app, tarball(client), 'rxjs@7');
  checkTree(app);
  checkLinks(join(app, 'node_modules', client.name));
  checkLoading(app, entriesOf(client));
  checkTypes(
    app,
    ['', '/browser', '/testkit', '/testkit/jest'].map((entry) => client.name + entry),
  );

  install(app, tarball(simulator));
  checkLoading(app, entriesOf(simulator));
  run(app, 'npx', '--no-install', 'decart-sim', '--help');

  const typesOf = (...names) => names.map((name) => `${name}@${devDependencies[name]}`);
  install(app, ...typesOf('@types/node'));
  checkTypes(app, [`${client.name}/node`]);
  // The other entries show types of their peers.
  install(app, ...typesOf('livekit-client', '@livekit/rtc-node'));
  checkTypes(app, [...entriesOf(client), ...entriesOf(simulator)]);
} finally {
  rmSync(project, { recursive: true, force: true });
}

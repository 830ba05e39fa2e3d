// Everything of a release but the publishing: the version in its five places, the checks, both tarballs and an SBOM of
// each. Usage: npm run release -- patch|minor|major|1.2.3 [--dry-run]
// A dry run changes no file of the repository; tarballs and SBOMs are in release/ either way.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const isDry = values['dry-run'];
const read = (path) => readFileSync(join(root, path), 'utf8');
const manifests = ['package.json', 'testkit/simulator/package.json'];
const current = JSON.parse(read('package.json')).version;

/** What the step leads to; `null`: the present version is released as it is. */
function nextVersion([step]) {
  if (step === undefined) return current;
  if (/^\d+\.\d+\.\d+$/.test(step)) return step;
  const place = ['major', 'minor', 'patch'].indexOf(step);
  if (place < 0) throw new Error(`Expected patch, minor, major or a version; got "${step}".`);
  return current
    .split('.')
    .map((part, index) => (index < place ? part : index === place ? Number(part) + 1 : 0))
    .join('.');
}

/** The files that name the version, as they will be. */
function versioned(version) {
  const files = new Map();
  for (const path of manifests) {
    const text = read(path).replace(`"version": "${current}"`, `"version": "${version}"`);
    files.set(path, text.replace(`"decart-rx": "${current}"`, `"decart-rx": "${version}"`));
  }
  files.set('core/version.ts', read('core/version.ts').replace(`'${current}'`, `'${version}'`));
  const changes = read('CHANGELOG.md');
  const [, unreleased = ''] = changes.split('\n## [Unreleased]\n');
  if (unreleased.split('\n## ')[0].trim() === '') throw new Error('CHANGELOG.md says nothing under [Unreleased].');
  const today = new Date().toISOString().slice(0, 10);
  files.set('CHANGELOG.md', changes.replace('## [Unreleased]\n', `## [Unreleased]\n\n## [${version}] - ${today}\n`));
  return files;
}

function run(command, ...args) {
  console.log(`$ ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

/** Not every registry answers it: that is said, and no release is stopped by it. */
function audit() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' });
  const { metadata, message, error } = JSON.parse(stdout || '{}');
  if (!metadata)
    return console.log(`npm audit: the registry did not answer (${message ?? error?.summary ?? 'no report'}).`);
  const { total } = metadata.vulnerabilities;
  console.log(`npm audit: ${total} known vulnerabilities in what an app installs.`);
  if (total > 0) throw new Error('npm audit names vulnerabilities: see npm audit --omit=dev.');
}

/** Of what a user gets: the tarballs, installed into an empty project. */
function writeSbom(name, version, ...tarballs) {
  const project = mkdtempSync(join(tmpdir(), 'decart-rx-sbom-'));
  try {
    writeFileSync(
      join(project, 'package.json'),
      `{ "name": "${name}-sbom", "version": "${version}", "private": true }\n`,
    );
    const options = { cwd: project, encoding: 'utf8', maxBuffer: 1 << 26 };
    const files = tarballs.map((each) => join(root, 'release', `${each}-${version}.tgz`));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...files, 'rxjs@7'], options);
    const sbom = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], options);
    const path = `release/${name}-${version}.cdx.json`;
    writeFileSync(join(root, path), sbom);
    console.log(`${path}: ${JSON.parse(sbom).components.length} components`);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

const version = nextVersion(positionals);
console.log(`${current} -> ${version}${isDry ? ' (dry run)' : ''}`);
const dirty = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).trim();
if (dirty !== '' && !isDry) throw new Error(`There are changes that are not committed:\n${dirty}`);

const files = versioned(version);
console.log(`Names the version: ${[...files.keys()].join(', ')}, package-lock.json`);
if (!isDry) {
  for (const [path, text] of files) writeFileSync(join(root, path), text);
  run('npm', 'install', '--package-lock-only', '--no-audit', '--no-fund');
}

run(process.execPath, 'scripts/check-lock.mjs');
audit();
run('npm', 'run', 'build');
run('npm', 'run', 'api', '--', '--check');
run('npm', 'run', 'size');
run(process.execPath, 'scripts/docs/kept.mjs', '--check');
run('npm', 'run', 'check:package');

rmSync(join(root, 'release'), { recursive: true, force: true });
mkdirSync(join(root, 'release'));
run('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', 'release');
run(
  'npm',
  'pack',
  '--ignore-scripts',
  '--silent',
  '--pack-destination',
  'release',
  '--workspace',
  'decart-rx-simulator',
);
// Tarballs bear the version of their package.json: in a dry run the present one.
const packed = isDry ? current : version;
writeSbom('decart-rx', packed, 'decart-rx');
writeSbom('decart-rx-simulator', packed, 'decart-rx', 'decart-rx-simulator');

const commit = isDry ? '' : `\n  git commit -am "Release ${version}" && git tag v${version}`;
console.log(`\nReady: release/. What is left to do by hand${isDry ? ' in a release' : ''}, after .ci/run:${commit}
  npm publish release/decart-rx-${packed}.tgz
  npm publish release/decart-rx-simulator-${packed}.tgz`);

// Runs the unit tests of decart-rx/angular with the Angular that is installed here, compiled in place.
// Usage: node unit/run.mjs <folder with node_modules>
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const project = resolve(process.argv[2] ?? join(here, '..'));
const outdir = join(project, 'node_modules/.cache/unit');
const tests = readdirSync(here).filter((file) => file.endsWith('.test.ts'));

await build({
  entryPoints: tests.map((file) => join(here, file)),
  outdir,
  outExtension: { '.js': '.mjs' },
  inject: [join(here, 'setup.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  packages: 'external',
  tsconfig: join(here, 'tsconfig.json'),
  logLevel: 'warning',
});
const files = tests.map((file) => join(outdir, file.replace(/ts$/, 'mjs')));
const document = join(here, 'document.mjs');
const { status } = spawnSync(process.execPath, ['--import', document, '--test', ...files], {
  cwd: project,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

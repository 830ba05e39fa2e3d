// The unit tests of decart-rx/angular in a project with Angular, jsdom and the package.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** @throws Error when one fails; they say which on the console */
export function runUnitTests({ folder, node }) {
  const sources = join(folder, 'unit');
  const outdir = join(folder, 'dist/unit');
  const tests = readdirSync(sources).filter((file) => file.endsWith('.spec.ts'));
  buildSync({
    entryPoints: tests.map((file) => join(sources, file)),
    outdir,
    outExtension: { '.js': '.mjs' },
    inject: [join(sources, 'setup.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    tsconfig: join(sources, 'tsconfig.json'),
    logLevel: 'warning',
  });
  const files = tests.map((file) => join(outdir, file.replace(/ts$/, 'mjs')));
  const flags = ['--import', join(sources, 'document.mjs'), '--test', '--test-reporter', 'dot'];
  const { status } = spawnSync(node, [...flags, ...files], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error('Unit tests failed.');
}

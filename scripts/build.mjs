// Builds the package twice from the same sources: ES modules and CommonJS. What was built before stays in place
// until the new build is complete.
//
// What a page loads later is bundled, into one file each. As modules, they would be drawn into what it loads first by
// bundlers that split by file, because the entry exports some of them, too.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const dist = join(root, 'dist');
const fresh = mkdtempSync(join(root, '.dist-'));

const compile = (half, ...options) => {
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', join(fresh, half), ...options];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`The ${half} half does not compile.`);
};

/** Stay modules of their own: there is one class of errors, and bundlers know the worker by the module that starts it. */
const shared = [
  // One element shows one stream, whichever part of the package brings it.
  'transports/media/browser/attach.js',
  'core/errors.js',
  'adapters/browser/frames/worker-file.js',
];

/** Bundles each module that `importer` loads when it needs it, and has it load that instead. */
async function bundleParts(importer) {
  const source = readFileSync(importer, 'utf8');
  const dynamicImport = /\bimport\('(\.[^']+)\.js'\)/g;
  for (const [, name] of source.matchAll(dynamicImport)) {
    const entry = resolve(dirname(importer), `${name}.js`);
    const keepShared = ({ onResolve }) =>
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        if (!shared.some((kept) => file === join(fresh, 'esm', kept))) return undefined;
        const specifier = relative(dirname(entry), file);
        return { path: specifier.startsWith('.') ? specifier : `./${specifier}`, external: true };
      });
    await build({
      entryPoints: [entry],
      outfile: entry.replace(/\.js$/, '.part.js'),
      bundle: true,
      format: 'esm',
      target: 'es2022',
      packages: 'external',
      plugins: [{ name: 'keep-shared', setup: keepShared }],
      logLevel: 'warning',
    });
  }
  writeFileSync(importer, source.replace(dynamicImport, "import('$1.part.js')"));
}

try {
  compile('esm');
  compile('cjs', '--module', 'commonjs', '--moduleResolution', 'bundler');
  // Bundlers drop whatever an import is not used of, unless it is listed here: the frame worker has no exports.
  const sideEffects = ['./adapters/browser/frames/frame-worker.js'];
  for (const [half, type] of Object.entries({ esm: 'module', cjs: 'commonjs' })) {
    writeFileSync(join(fresh, half, 'package.json'), `${JSON.stringify({ type, sideEffects })}\n`);
  }
  // Angular has no CommonJS.
  rmSync(join(fresh, 'cjs/adapters/angular'), { recursive: true });
  // The spelling by which Vite and webpack recognise a worker and bundle it, too.
  writeFileSync(
    join(fresh, 'esm/adapters/browser/frames/worker-file.js'),
    "export const startFrameWorker = () =>\n  new Worker(new URL('./frame-worker.js', import.meta.url), { type: 'module', name: 'decart-rx-frames' });\n",
  );
  for (const importer of [
    'adapters/browser/index.js',
    'adapters/browser/platform.js',
    'transports/livekit/browser/index.js',
  ]) {
    await bundleParts(join(fresh, 'esm', importer));
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(error.message);
  process.exit(1);
}

// Builds the package twice from the same sources: ES modules and CommonJS. What was built before stays in place
// until the new build is complete.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const dist = join(root, 'dist');
const fresh = mkdtempSync(join(root, '.dist-'));

const compile = (half, ...options) => {
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', join(fresh, half), ...options];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`The ${half} half does not compile.`);
};

try {
  compile('esm');
  compile('cjs', '--module', 'commonjs', '--moduleResolution', 'bundler');
  for (const [half, type] of Object.entries({ esm: 'module', cjs: 'commonjs' })) {
    writeFileSync(join(fresh, half, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`);
  }
  // A module's own folder has another spelling in each module system. The sources use the CommonJS one in a single
  // one-line module; its ES module half is written here.
  writeFileSync(
    join(fresh, 'esm/testkit/simulator/here.js'),
    "import { fileURLToPath } from 'node:url';\nexport const here = fileURLToPath(new URL('.', import.meta.url));\n",
  );
  // The spelling by which Vite and webpack recognise a worker and bundle it, too.
  writeFileSync(
    join(fresh, 'esm/adapters/browser/frames/worker-file.js'),
    "export const startFrameWorker = () =>\n  new Worker(new URL('./frame-worker.js', import.meta.url), { type: 'module', name: 'decart-rx-frames' });\n",
  );
  chmodSync(join(fresh, 'esm/testkit/simulator/cli.js'), 0o755);
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(error.message);
  process.exit(1);
}

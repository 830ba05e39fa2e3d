// Builds the package twice from the same sources: ES modules and CommonJS.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
const run = (...args) => {
  const result = spawnSync(process.execPath, [join(dirname(tsc), 'bin/tsc'), ...args], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('-p', 'tsconfig.build.json');
run('-p', 'tsconfig.build.json', '--outDir', 'dist/cjs', '--module', 'commonjs', '--moduleResolution', 'bundler');
for (const [half, type] of [
  ['esm', 'module'],
  ['cjs', 'commonjs'],
]) {
  mkdirSync(join(root, 'dist', half), { recursive: true });
  writeFileSync(join(root, 'dist', half, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`);
}

// A module's own folder has another spelling in each module system. The sources use the
// CommonJS one in a single one-line module; its ES module half is written here.
const here = join(root, 'dist/esm/testkit/simulator/here.js');
if (existsSync(here)) {
  writeFileSync(
    here,
    "import { fileURLToPath } from 'node:url';\nexport const here = fileURLToPath(new URL('.', import.meta.url));\n",
  );
}
const cli = join(root, 'dist/esm/testkit/simulator/cli.js');
if (existsSync(cli)) chmodSync(cli, 0o755);

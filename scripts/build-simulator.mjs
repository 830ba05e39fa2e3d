// Builds decart-rx-simulator, after decart-rx: the program in one bundle for each module system, with the pieces of
// core, transports and scenarios that it uses within, so that it needs nothing of decart-rx at run time. Its
// declarations name the public types of decart-rx and decart-rx/testkit instead, which its users hold in their hands.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'testkit/simulator');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const fresh = mkdtempSync(join(sources, '.dist-'));

/** A module's own folder has another spelling in each module system: it stays a file of its own. */
const here = {
  esm: "import { fileURLToPath } from 'node:url';\nexport const here = fileURLToPath(new URL('.', import.meta.url));\n",
  cjs: 'exports.here = __dirname;\n',
};
const keepHere = {
  name: 'keep-here',
  setup: ({ onResolve }) => onResolve({ filter: /\/here\.js$/ }, () => ({ path: './here.js', external: true })),
};

async function bundle(half) {
  const isModule = half === 'esm';
  await build({
    entryPoints: {
      index: join(sources, 'index.ts'),
      'media-child': join(sources, 'media/media-child.ts'),
      ...(isModule && { cli: join(sources, 'cli.ts') }),
    },
    outdir: join(fresh, half),
    bundle: true,
    splitting: isModule,
    platform: 'node',
    target: 'node20',
    format: half,
    packages: 'external',
    // Test runners load the CommonJS half in a context that has no import().
    supported: { 'dynamic-import': isModule },
    plugins: [keepHere],
    logLevel: 'warning',
  });
  writeFileSync(join(fresh, half, 'here.js'), here[half]);
  const type = isModule ? 'module' : 'commonjs';
  writeFileSync(join(fresh, half, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`);
}

/** Where the types of a file outside the simulator are public. */
const publicName = (file) => (file.startsWith(`testkit${sep}`) ? 'decart-rx/testkit' : 'decart-rx');

/** The declarations that the entry's reach, with names of packages for what lies outside. */
function writeDeclarations() {
  const emitted = join(fresh, 'types');
  const args = [tsc, '-p', join(sources, 'tsconfig.build.json'), '--outDir', emitted];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The simulator does not compile.');
  const inside = join(emitted, 'testkit/simulator');
  const copied = new Set();
  const copy = (file) => {
    if (copied.has(file)) return;
    copied.add(file);
    const text = readFileSync(file, 'utf8').replace(/(['"])(\.{1,2}\/[^'"]+)\.js\1/g, (whole, quote, path) => {
      const target = resolve(dirname(file), `${path}.d.ts`);
      if (!target.startsWith(inside + sep)) return quote + publicName(relative(emitted, target)) + quote;
      copy(target);
      return whole;
    });
    const target = join(fresh, 'esm', relative(inside, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    mkdirSync(dirname(target.replace(`${sep}esm${sep}`, `${sep}cjs${sep}`)), { recursive: true });
    cpSync(target, target.replace(`${sep}esm${sep}`, `${sep}cjs${sep}`));
  };
  copy(join(inside, 'index.d.ts'));
  rmSync(emitted, { recursive: true });
}

try {
  await bundle('esm');
  await bundle('cjs');
  writeDeclarations();
  chmodSync(join(fresh, 'esm/cli.js'), 0o755);
  rmSync(join(sources, 'dist'), { recursive: true, force: true });
  renameSync(fresh, join(sources, 'dist'));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

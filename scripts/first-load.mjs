// What a page that has nothing but a client loads first, as bundlers split it: the files, copied to where size-limit
// weighs them. Run after a build.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { build as viteBuild } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'node_modules/.cache/first-load');
const entry = join(folder, 'page.js');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const client = JSON.stringify(join(root, 'dist/esm/adapters/browser/index.js'));
writeFileSync(
  entry,
  `import { createDecartClient } from ${client};\nglobalThis.client = createDecartClient({ apiKey: 'key' });\n`,
);

/** The entry's file and all that it imports at once. `imports`: of each file, by name. */
function keepFirst(name, entryFile, imports, fileOf) {
  const first = new Set();
  const add = (file) => {
    if (first.has(file)) return;
    first.add(file);
    for (const imported of imports(file)) add(imported);
  };
  add(entryFile);
  mkdirSync(join(folder, name));
  for (const file of first) copyFileSync(fileOf(file), join(folder, name, basename(file)));
}

const { metafile } = await bundle({
  entryPoints: [entry],
  outdir: join(folder, 'by-esbuild'),
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  metafile: true,
  absWorkingDir: folder,
});
keepFirst(
  'esbuild',
  Object.keys(metafile.outputs).find((file) => metafile.outputs[file].entryPoint === 'page.js'),
  (file) => metafile.outputs[file].imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path),
  (file) => join(folder, file),
);

const { output } = await viteBuild({
  root: folder,
  configFile: false,
  logLevel: 'error',
  build: { outDir: join(folder, 'by-vite'), rollupOptions: { input: entry } },
});
const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
keepFirst(
  'vite',
  [...chunks.values()].find(({ isEntry }) => isEntry).fileName,
  (file) => chunks.get(file).imports,
  (file) => join(folder, 'by-vite', file),
);

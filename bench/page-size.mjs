// What a page that has nothing but a client loads first, minified and compressed, as esbuild splits it: this package
// beside @decartai/sdk. What is loaded later, livekit-client for one, is left out of both.
// Usage: npm run build && node bench/page-size.mjs
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const resolveDir = dirname(dirname(fileURLToPath(import.meta.url)));

async function firstLoad(module) {
  const contents = `import { createDecartClient } from '${module}';\nglobalThis.client = createDecartClient({ apiKey: 'key' });\n`;
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir },
    outdir: '/out',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    // The package as it is built, not the sources that tsconfig.json puts in its place.
    tsconfigRaw: {},
    logLevel: 'error',
  });
  const outputs = new Map(outputFiles.map(({ path, contents: bytes }) => [path.split('/').at(-1), bytes]));
  const entry = Object.keys(metafile.outputs).find((file) => metafile.outputs[file].entryPoint === '<stdin>');
  const first = new Set();
  const add = (file) => {
    if (first.has(file)) return;
    first.add(file);
    for (const { path, kind } of metafile.outputs[file].imports) if (kind === 'import-statement') add(path);
  };
  add(entry);
  return [...first].reduce((sum, file) => sum + gzipSync(outputs.get(file.split('/').at(-1))).length, 0);
}

const ours = await firstLoad('decart-rx/browser');
const official = await firstLoad('@decartai/sdk');
console.log(`decart-rx/browser  ${(ours / 1000).toFixed(1)} kB`);
console.log(`@decartai/sdk      ${(official / 1000).toFixed(1)} kB`);
console.log(`ratio              ${(ours / official).toFixed(2)}`);

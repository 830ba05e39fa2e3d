// Modules that no package exports, bundled from their sources.
import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const cache = new URL('../node_modules/.cache/decart-rx/', import.meta.url);

/** @param {string} path of a TypeScript file, from the root of the repository */
export async function loadSource(path) {
  mkdirSync(cache, { recursive: true });
  // Several processes of one bench may do this at the same time.
  const outfile = fileURLToPath(new URL(`${basename(path, '.ts')}.${process.pid}.mjs`, cache));
  const entry = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const shared = { bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' };
  await build({ ...shared, entryPoints: [entry], outfile });
  return import(outfile);
}

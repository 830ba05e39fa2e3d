import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const configFile = fileURLToPath(new URL('../vite.config.mjs', import.meta.url));

/**
 * Builds the pages in memory.
 * @returns {Promise<Map<string, string | Uint8Array>>} path, e.g. `browser/index.html`, to content
 */
export async function buildPages() {
  const built = await build({ configFile, logLevel: 'error', build: { write: false } });
  const outputs = [built].flat().flatMap(({ output }) => output);
  return new Map(outputs.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]));
}

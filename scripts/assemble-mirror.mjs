// Assembles scripts/mirror.wat into adapters/node/frames/mirror-kernel.ts. Run it after changing the .wat file;
// with --check it only says whether the two agree.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import loadWabt from 'wabt';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'adapters/node/frames/mirror-kernel.ts');
const wabt = await loadWabt();
const module = wabt.parseWat('mirror.wat', readFileSync(join(root, 'scripts/mirror.wat'), 'utf8'), { simd: true });
const encoded = Buffer.from(module.toBinary({}).buffer).toString('base64');
module.destroy();
const chunks = encoded.match(/.{1,100}/g) ?? [];
const source = `// Assembled from scripts/mirror.wat by scripts/assemble-mirror.mjs: do not edit.

/** A WebAssembly module, in base64: \`mirrorPlane(at, width, height)\` on its own \`memory\`. */
export const mirrorKernel =
${chunks.map((chunk) => `  '${chunk}'`).join(' +\n')};
`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') === source) process.exit(0);
  console.error('adapters/node/frames/mirror-kernel.ts is not what scripts/mirror.wat assembles to.');
  process.exit(1);
}
writeFileSync(target, source);

// The files that are made from others and kept in the repository: docs/states.md and its picture, docs/agents.md,
// llms.txt. Usage: node scripts/docs/kept.mjs [--check]
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentFiles } from './agent-files.mjs';
import { statePage } from './state-page.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** As the formatter leaves it. */
function formatted(path, text) {
  if (!path.endsWith('.md')) return text;
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  return execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
}

/** Writes the kept files, or only compares them. */
export async function keepCurrent({ isCheck }) {
  const kept = [...(await statePage()), ...agentFiles(root)].map(([path, text]) => [path, formatted(path, text)]);
  const stale = kept.filter(([path, text]) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  if (isCheck && stale.length > 0) {
    throw new Error(`Not current, run npm run docs: ${stale.map(([path]) => path).join(', ')}`);
  }
  for (const [path, text] of stale) writeFileSync(join(root, path), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await keepCurrent({ isCheck: process.argv.includes('--check') });
}

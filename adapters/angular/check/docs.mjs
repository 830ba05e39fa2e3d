// The TypeScript of docs/angular.md, compiled as an app's.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIn } from './project.mjs';

const page = new URL('../../../docs/angular.md', import.meta.url);

/** @returns how many blocks there are */
export async function checkDocs(project) {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  if (blocks.length === 0) throw new Error('docs/angular.md has no TypeScript.');
  const folder = join(project.folder, 'probe/docs');
  mkdirSync(folder, { recursive: true });
  for (const [index, code] of blocks.entries()) writeFileSync(join(folder, `block-${index + 1}.ts`), code);
  await runIn(project, '@angular/compiler-cli/bundles/src/bin/ngc.js', '-p', 'probe/tsconfig.docs.json');
  return blocks.length;
}

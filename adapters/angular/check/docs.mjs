// The TypeScript of docs/angular.md, and the README's for Angular, compiled as an app's.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIn } from './project.mjs';

const pages = [
  ['docs/angular.md', /^```ts\n([\s\S]*?)^```$/gm],
  ['README.md', /^```ts angular\n([\s\S]*?)^```$/gm],
];

/** @returns how many blocks there are */
export async function checkDocs(project) {
  const blocks = pages.flatMap(([path, fence]) => {
    const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    const found = [...text.matchAll(fence)].map(([, code]) => code);
    if (found.length === 0) throw new Error(`${path} has no TypeScript for Angular.`);
    return found;
  });
  const folder = join(project.folder, 'probe/docs');
  mkdirSync(folder, { recursive: true });
  for (const [index, code] of blocks.entries()) writeFileSync(join(folder, `block-${index + 1}.ts`), code);
  await runIn(project, '@angular/compiler-cli/bundles/src/bin/ngc.js', '-p', 'probe/tsconfig.docs.json');
  return blocks.length;
}

// Builds the site of the documentation into site/: the pages of docs/, the API from the built declarations, and the live
// page. Needs a build of the package, and no network.
// Usage: npm run docs; with --check it fails when the files that are made and kept are not current (see kept.mjs).
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { apiPages } from './api-pages.mjs';
import { contents } from './contents.mjs';
import { home } from './home.mjs';
import { keepCurrent } from './kept.mjs';
import { buildLivePage } from './live-page.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const source = join(root, '.site');
const site = join(root, 'site');

const repositoryPages = { '../core/PROTOCOL.md': 'protocol.md', '../CHANGELOG.md': 'changelog.md' };

/** Links to files of the repository that are no page become their text. */
const linked = (text) =>
  text.replace(/(!?)\[([^\]]*)\]\((\.\.\/[^)]+|docs\/[^)]+)\)/g, (_, mark, label, path) => {
    const page = repositoryPages[path.split('#')[0]];
    return page ? `${mark}[${label}](${page})` : label;
  });

/** A diagram is too wide for a column of text. */
const enlarged = (text) =>
  text.replace(/^!\[[^\]]*\]\((\w+\.svg)\)$/gm, '$&\n\n<a href="./$1" target="_blank">Open the diagram alone</a>');

/** Pages that the table of contents does not name yet, by their titles. */
function unlisted() {
  const listed = new Set(contents.flatMap(({ pages }) => pages.map(({ file }) => file)));
  return readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && !listed.has(name) && name !== 'agents.md')
    .map((file) => ({ file, title: /^# (.+)$/m.exec(readFileSync(join(root, 'docs', file), 'utf8'))?.[1] ?? file }));
}

/** Lays out the pages as the generator wants them. */
function assemble() {
  rmSync(source, { recursive: true, force: true });
  rmSync(site, { recursive: true, force: true });
  mkdirSync(join(source, '.vitepress'), { recursive: true });
  const put = (path, text) => {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  };
  for (const name of readdirSync(join(root, 'docs'))) {
    const file = join(root, 'docs', name);
    if (name.endsWith('.md')) put(name, enlarged(linked(readFileSync(file, 'utf8'))));
    else if (/\.(svg|png|webp)$/.test(name)) cpSync(file, join(source, name));
    // Once more under its own name, to be opened alone.
    if (name.endsWith('.svg')) cpSync(file, join(source, 'public', name));
  }
  cpSync(join(root, 'docs/errors'), join(source, 'errors'), { recursive: true });
  const codes = readdirSync(join(root, 'docs/errors')).map((name) => name.replace(/\.md$/, ''));
  const [, table] = readFileSync(join(root, 'docs/agents.md'), 'utf8').split('\n## Errors\n');
  put('errors/index.md', `# Errors\n${table.split('\n## ')[0].replaceAll('(errors/', '(')}`);
  const protocol = readFileSync(join(root, 'core/PROTOCOL.md'), 'utf8');
  // Notations of that page, which no highlighter knows.
  put('protocol.md', linked(protocol.replace(/^```(signals|transcript)$/gm, '```text')));
  put('changelog.md', readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
  put('index.md', `---\n${JSON.stringify(home)}\n---\n`);
  const api = apiPages();
  for (const [path, text] of api) put(path, text);
  const apiEntries = [...api].map(([file, text]) => ({ file, name: /^# (.+)$/m.exec(text)[1] }));
  put(
    '.vitepress/made.mjs',
    Object.entries({ apiEntries, errorCodes: codes, otherPages: unlisted() })
      .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
      .join(''),
  );
  cpSync(join(root, 'scripts/docs/vitepress-config.mjs'), join(source, '.vitepress/config.mjs'));
}

await keepCurrent({ isCheck: process.argv.includes('--check') });
assemble();
await build(source);
await buildLivePage(join(site, 'live'));
cpSync(join(root, 'llms.txt'), join(site, 'llms.txt'));

// What a language model reads of this package: llms.txt, the list of the pages, and docs/agents.md, a guide made from
// the README, the pages about errors and the start page. Both are in the tarball.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contents } from './contents.mjs';

/** The text of a section of a page, without its heading. */
function sectionOf(text, heading) {
  const [, section] = text.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`There is no section "${heading}".`);
  return section.split('\n## ')[0].trim();
}

function pageList(prefix) {
  const pathOf = (file) =>
    file === 'protocol.md' ? `${prefix === '' ? '../' : ''}core/PROTOCOL.md` : `${prefix}${file}`;
  return contents
    .map(({ title, pages }) => {
      const lines = pages.map((page) => `- [${page.title}](${pathOf(page.file)}): ${page.about}`);
      return `## ${title}\n\n${lines.join('\n')}`;
    })
    .join('\n\n');
}

function errorTable(root) {
  const folder = join(root, 'docs/errors');
  const rows = readdirSync(folder)
    .sort()
    .map((file) => {
      const [title, , what] = readFileSync(join(folder, file), 'utf8').split('\n');
      return `| [\`${title.replace('# ', '')}\`](errors/${file}) | ${what} |`;
    });
  return `| code | what it means |\n| ---- | ------------- |\n${rows.join('\n')}`;
}

/** @returns {Map<string, string>} path in the repository to content */
export function agentFiles(root) {
  const read = (path) => readFileSync(join(root, path), 'utf8');
  const { description, version } = JSON.parse(read('package.json'));
  const entries = sectionOf(read('README.md'), 'Entry points');
  const rules = read('scripts/docs/agent-rules.md').trim();
  const errors = errorTable(root);
  const guide = `# decart-rx ${version}, for coding agents

Made by \`npm run docs\` from the other pages: do not edit.

${rules}

## Entry points

${entries.replaceAll('](docs/', '](')}

## Five minutes without a key

${sectionOf(read('docs/start.md'), 'A session in Node')}

## Errors

Every failure is a \`DecartError\`. Branch on \`error.code\`, never on the message.

${errors}

${pageList('')}
`;
  const list = `# decart-rx

> ${description}

Version ${version}. For coding agents there is [a guide of one page](docs/agents.md). All paths are in the package.

${pageList('docs/')}

## Reference

- [Guide for coding agents](docs/agents.md): rules, entry points, errors
- [Errors](docs/errors): one page for each code
- [Changes](CHANGELOG.md): by version
`;
  return new Map([
    ['docs/agents.md', guide],
    ['llms.txt', list],
  ]);
}

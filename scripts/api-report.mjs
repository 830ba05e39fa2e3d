// The public API, as the built declarations show it: one report for each entry in docs/api, so that a change of it is
// seen in a review; and the list of what lacks a comment, which may only get shorter.
// Usage: npm run build && node scripts/api-report.mjs [--check]
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declaredApi, isHidden, membersOf, statementOf, ts } from './declared-api.mjs';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/api');
const isCheck = process.argv.includes('--check');
const printer = ts.createPrinter({ removeComments: true });
const entries = declaredApi();

const isDocumented = (node) => ts.getJSDocCommentsAndTags(node).length > 0;

const undocumented = [];

function reportOf({ name, exports, others }) {
  const blocks = [];
  for (const { name: exported, declarations } of exports) {
    for (const declaration of declarations) {
      const statement = statementOf(declaration);
      const text = printer.printNode(ts.EmitHint.Unspecified, statement, declaration.getSourceFile());
      blocks.push(text.replace(/^(export )?(declare )?/, 'export '));
      for (const member of membersOf(declaration)) {
        if (isHidden(member) || ts.isConstructorDeclaration(member) || isDocumented(member)) continue;
        undocumented.push(`${name} ${exported}.${member.name?.getText() ?? '()'}`);
      }
    }
    if (declarations.length > 0 && !declarations.some((each) => isDocumented(statementOf(each)))) {
      undocumented.push(`${name} ${exported}`);
    }
  }
  const besides = others > 0 ? `Besides, ${others} exports of the entries reported before.\n\n` : '';
  const intro = `Written by \`npm run api\` from the built declarations: do not edit.\n\n${besides}`;
  return `# ${name}\n\n${intro}\`\`\`text\n${blocks.join('\n\n')}\n\`\`\`\n`;
}

const written = new Map(entries.map((entry) => [`${entry.name.replaceAll('/', '.')}.api.md`, reportOf(entry)]));
const listName = 'undocumented.txt';
const known = existsSync(join(folder, listName)) ? readFileSync(join(folder, listName), 'utf8').split('\n') : null;
const unique = [...new Set(undocumented)].sort();
written.set(listName, `${unique.join('\n')}\n`);

const added = known === null ? [] : unique.filter((name) => !known.includes(name));
if (added.length > 0) {
  console.error(`Without a comment:\n  ${added.join('\n  ')}`);
  process.exitCode = 1;
} else if (isCheck) {
  const stale = [...written].filter(([name, text]) => {
    const path = join(folder, name);
    return !existsSync(path) || readFileSync(path, 'utf8') !== text;
  });
  if (stale.length > 0) {
    console.error(`Not what the declarations say, run npm run api: ${stale.map(([name]) => name).join(', ')}`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(join(folder, name));
  for (const [name, text] of written) writeFileSync(join(folder, name), text);
}
console.log(
  `API: ${entries.length} entries, ${entries.reduce((sum, { exports }) => sum + exports.length, 0)} exports, ${unique.length} names without a comment.`,
);

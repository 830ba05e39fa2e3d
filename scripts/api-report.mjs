// The public API, as the built declarations show it: one report for each entry in docs/api, so that a change of it is
// seen in a review; and the list of what lacks a comment, which may only get shorter.
// Usage: npm run build && node scripts/api-report.mjs [--check]
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// TypeScript 7 has no compiler API yet; the one that checks our types for publishing is one that has.
const ts = createRequire(join(root, 'node_modules/@arethetypeswrong/core/package.json'))('typescript');
const folder = join(root, 'docs/api');
const isCheck = process.argv.includes('--check');

/** Each entry with its declarations. What another entry has reported already is not repeated. */
const entries = ['.', 'testkit/simulator'].flatMap((path) => {
  const { name, exports } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .map(([entry, target]) => ({
      name: entry.replace('.', name),
      types: target.import?.types ?? target.types,
    }))
    .filter(({ types }) => types)
    .map(({ name: entry, types }) => ({ name: entry, file: join(root, path, types) }));
});
for (const { file } of entries) {
  if (!existsSync(file)) throw new Error(`${relative(root, file)} is not there: npm run build`);
}

const program = ts.createProgram(
  entries.map(({ file }) => file),
  {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    skipLibCheck: true,
    strict: true,
    types: ['node'],
    noEmit: true,
  },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
const isOurs = (declaration) => !declaration.getSourceFile().fileName.includes('/node_modules/');
const isHidden = (member) =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0 ||
  (member.name !== undefined && ts.isPrivateIdentifier(member.name));

/** A declaration of a variable stands in a statement, which has the comment and the `const`. */
const statementOf = (declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration);

const isDocumented = (node) => ts.getJSDocCommentsAndTags(node).length > 0;

/** The members of an interface, a class, or a type that is written as an object. */
function membersOf(declaration) {
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) return declaration.members;
  if (ts.isTypeAliasDeclaration(declaration) && ts.isTypeLiteralNode(declaration.type)) return declaration.type.members;
  return [];
}

const reported = new Set();
const undocumented = [];

function reportOf({ name, file }) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  const blocks = [];
  let isPartOfOther = 0;
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const target = resolved(symbol);
    if (reported.has(target)) {
      isPartOfOther += 1;
      continue;
    }
    reported.add(target);
    const declarations = (target.declarations ?? []).filter(isOurs);
    for (const declaration of declarations) {
      const statement = statementOf(declaration);
      const text = printer.printNode(ts.EmitHint.Unspecified, statement, declaration.getSourceFile());
      blocks.push([symbol.name, text.replace(/^(export )?(declare )?/, 'export ')]);
      for (const member of membersOf(declaration)) {
        if (isHidden(member) || ts.isConstructorDeclaration(member) || isDocumented(member)) continue;
        undocumented.push(`${name} ${symbol.name}.${member.name?.getText() ?? '()'}`);
      }
    }
    if (declarations.length > 0 && !declarations.some((each) => isDocumented(statementOf(each)))) {
      undocumented.push(`${name} ${symbol.name}`);
    }
  }
  const listed = blocks.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, text]) => text);
  const others = isPartOfOther > 0 ? `Besides, ${isPartOfOther} exports of the entries reported before.\n\n` : '';
  const intro = `Written by \`npm run api\` from the built declarations: do not edit.\n\n${others}`;
  return `# ${name}\n\n${intro}\`\`\`text\n${listed.join('\n\n')}\n\`\`\`\n`;
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
console.log(`API: ${entries.length} entries, ${reported.size} exports, ${unique.length} names without a comment.`);

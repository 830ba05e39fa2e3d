// The public API as the built declarations show it: each entry of both packages, with what it exports.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// TypeScript 7 has no compiler API yet; the one that checks our types for publishing is one that has.
export const ts = createRequire(join(root, 'node_modules/@arethetypeswrong/core/package.json'))('typescript');

const isOurs = (declaration) => !declaration.getSourceFile().fileName.includes('/node_modules/');

/** Private members are no part of the API. */
export const isHidden = (member) =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0 ||
  (member.name !== undefined && ts.isPrivateIdentifier(member.name));

/** A declaration of a variable stands in a statement, which has the comment and the `const`. */
export const statementOf = (declaration) =>
  ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;

/** The members of an interface, a class, or a type that is written as an object. */
export function membersOf(declaration) {
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) return declaration.members;
  if (ts.isTypeAliasDeclaration(declaration) && ts.isTypeLiteralNode(declaration.type)) return declaration.type.members;
  return [];
}

function entriesOf() {
  const entries = ['.', 'testkit/simulator'].flatMap((path) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return Object.entries(exports)
      .map(([entry, target]) => ({ name: entry.replace('.', name), types: target.import?.types ?? target.types }))
      .filter(({ types }) => types)
      .map(({ name: entry, types }) => ({ name: entry, file: join(root, path, types) }));
  });
  for (const { file } of entries) {
    if (!existsSync(file)) throw new Error(`${relative(root, file)} is not there: npm run build`);
  }
  return entries;
}

/**
 * Each entry with what it is the first to export, sorted by name, and the number of exports that other entries before
 * it have, too.
 */
export function declaredApi() {
  const entries = entriesOf();
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
  const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const seen = new Set();
  return entries.map(({ name, file }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file));
    const symbols = module ? checker.getExportsOfModule(module) : [];
    const fresh = symbols.filter((symbol) => !seen.has(resolved(symbol)));
    for (const symbol of fresh) seen.add(resolved(symbol));
    const exported = fresh
      .map((symbol) => ({
        name: symbol.name,
        declarations: (resolved(symbol).declarations ?? []).filter(isOurs),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return { name, exports: exported, others: symbols.length - fresh.length };
  });
}

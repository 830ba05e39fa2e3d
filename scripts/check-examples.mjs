// Compiles each example of a comment as it stands, as a module of an app that has installed the packages.
// Usage: npm run build && node scripts/check-examples.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// TypeScript 7 has no compiler API yet; the one that checks our types for publishing is one that has.
const ts = createRequire(join(root, 'node_modules/@arethetypeswrong/core/package.json'))('typescript');

/** Sources that are published, without their tests. */
const sources = ['core', 'transports', 'adapters', 'testkit'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|\.d\.ts$|(^|\/)(dist|check|node_modules)\//.test(path))
    .map((path) => join(root, folder, path)),
);

/** The code of each example with its file and line. */
function examplesOf(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) =>
    [...comment[0].matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map((block) => ({
      file,
      line: text.slice(0, comment.index + block.index).split('\n').length,
      code: block[1].replace(/^ *\* ?/gm, ''),
    })),
  );
}

const examples = new Map(
  sources.flatMap(examplesOf).map((example, index) => [join(root, `example-${index}.mts`), example]),
);
const options = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
  skipLibCheck: true,
  strict: true,
  experimentalDecorators: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ['node', 'jest'],
  noEmit: true,
};
const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (path) => examples.has(path) || fileExists(path);
host.readFile = (path) => examples.get(path)?.code ?? readFile(path);
host.getSourceFile = (path, ...rest) => {
  const example = examples.get(path);
  return example ? ts.createSourceFile(path, example.code, ...rest) : getSourceFile(path, ...rest);
};

const program = ts.createProgram([...examples.keys()], options, host);
const errors = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  const example = file && examples.get(file.fileName);
  if (!example) return text;
  const at = example.line + 1 + file.getLineAndCharacterOfPosition(start).line;
  return `${relative(root, example.file)}:${at}: ${text}`;
});
if (errors.length > 0) {
  console.error(`Examples that do not compile as they stand:\n  ${errors.join('\n  ')}`);
  process.exitCode = 1;
}
console.log(`Examples: ${examples.size} in comments, ${errors.length} errors.`);

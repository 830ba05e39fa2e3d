// Whether what is declared by hand is what Angular's compiler makes of the same directive, and what an app's types hold.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { runIn } from './project.mjs';

/** Both, through Angular's linker: the definitions that an app's build makes of them. */
export async function checkDeclarations(project) {
  const { folder } = project;
  await runIn(project, '@angular/compiler-cli/bundles/src/bin/ngc.js', '-p', 'twin/tsconfig.json');
  const twin = join(folder, 'node_modules/.cache/twin/stream-directive');
  const ours = join(folder, 'node_modules/decart-rx/dist/esm/adapters/angular/stream-directive');
  const link = await linker(folder);
  const [hand, made] = [ours, twin].map((path) => definitions(link(readFileSync(`${path}.js`, 'utf8'))));
  assert.equal(hand.length, 2);
  assert.deepEqual(hand, made);
  const [handTypes, madeTypes] = [ours, twin].map((path) => declaredTypes(readFileSync(`${path}.d.ts`, 'utf8')));
  assert.equal(handTypes.length, 2);
  assert.deepEqual(handTypes, madeTypes);
}

async function linker(folder) {
  const require = createRequire(join(folder, 'package.json'));
  const ofCompiler = createRequire(require.resolve('@angular/compiler-cli'));
  const babel = await import(pathToFileURL(ofCompiler.resolve('@babel/core')).href);
  const linking = await import(pathToFileURL(require.resolve('@angular/compiler-cli/linker/babel')).href);
  const { transformSync } = babel.default ?? babel;
  return (source) => {
    const linked = transformSync(source, {
      filename: 'stream-directive.js',
      compact: true,
      comments: false,
      plugins: [linking.default],
      configFile: false,
    });
    assert.ok(!linked.code.includes('ɵɵngDeclareDirective'), 'The linker knows the declaration.');
    return linked.code;
  };
}

/** `static ɵfac = …` and `static ɵdir = …`, with one kind of quotes. */
const definitions = (code) =>
  [...code.replaceAll("'", '"').matchAll(/static (ɵfac|ɵdir)=(.*?);(?=static|constructor|\})/gs)].map(([text]) => text);

/** The types of the same, without what the two files may differ in. */
const declaredTypes = (code) =>
  [...code.matchAll(/static ɵ(?:fac|dir): (.*?never>);/gs)].map(([, type]) =>
    type.replaceAll(/["'\s]/g, '').replaceAll(';}', '}'),
  );

/** The compiler refuses what is marked as wrong, and nothing else. */
export async function checkWrongTypes({ folder, node }) {
  const ngc = join(folder, 'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js');
  // Apart: templates are not looked at when there are errors in the code.
  for (const name of ['template', 'calls']) {
    const lines = readFileSync(join(folder, `probe/wrong/${name}.ts`), 'utf8').split('\n');
    const marked = lines.flatMap((line, index) => (/(?:\/\/ wrong|<!-- wrong -->)$/.test(line) ? [index + 1] : []));
    const output = await new Promise((resolve) => {
      execFile(node, [ngc, '-p', `probe/wrong/tsconfig.${name}.json`], { cwd: folder }, (_error, stdout, stderr) =>
        resolve(stripVTControlCharacters(`${stdout}${stderr}`)),
      );
    });
    const refused = [...output.matchAll(new RegExp(`${name}\\.ts:(\\d+):\\d+ - error`, 'g'))].map(([, line]) =>
      Number(line),
    );
    assert.deepEqual([...new Set(refused)].sort(ascending), marked, output);
  }
}

const ascending = (a, b) => a - b;

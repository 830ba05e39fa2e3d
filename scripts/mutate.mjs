// Changes one small thing at a time in the session's reducer, and looks whether a test notices.
//
//   node scripts/mutate.mjs [--files core/session/machine] [--tests core/session] [--sample 1/1] [--only PATTERN]
//
// All mutants are put into one bundle, each asleep behind its number; what the tests of `--tests` reach is found once, and
// then each mutant is woken and only the tests that reach it are run. Code that runs when a module is loaded is left alone.
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSync } from '@swc/core';
import { build } from 'esbuild';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: 'core/session/machine' },
    tests: { type: 'string', default: 'core/session' },
    sample: { type: 'string', default: '1/1' },
    only: { type: 'string' },
  },
});

const filesBelow = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ parentPath, path, name }) => relative(root, join(parentPath ?? path, name)));

const sources = filesBelow(values.files).filter((file) => !file.endsWith('.test.ts'));
const tests = filesBelow(values.tests).filter((file) => file.endsWith('.test.ts') && !file.includes('chromium'));

const swaps = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '**': ['*'],
  '&&': ['||'],
  '||': ['&&'],
};

/** Every mutant, with the file, the line, and what is in place of what. */
const mutants = [];

/** The source with each of its mutants behind its number. */
function instrument(file) {
  const source = readFileSync(join(root, file), 'utf8');
  // Where the parser counts from is only known of a first statement.
  const prefix = '0;';
  const text = Buffer.from(prefix + source);
  const program = parseSync(prefix + source, { syntax: 'typescript', target: 'es2022' });
  const base = program.body[0].span.start;
  const slice = ({ span }) => text.subarray(span.start - base, span.end - base).toString();
  /** Replacements by span; those inside another are made first. */
  const edits = [];

  const add = (node, replacements, isStatement = false) => {
    const original = slice(node);
    const line = text
      .subarray(0, node.span.start - base)
      .toString()
      .split('\n').length;
    for (const replacement of replacements) {
      mutants.push({ file, line, from: original, to: replacement });
      edits.push({
        start: node.span.start - base,
        end: node.span.end - base,
        id: mutants.length - 1,
        replacement,
        isStatement,
      });
    }
  };

  function visit(node, isInFunction) {
    if (Array.isArray(node)) {
      for (const each of node) visit(each, isInFunction);
      return;
    }
    if (node === null || typeof node !== 'object' || typeof node.type !== 'string') return;
    // Types are no code.
    if (/^Ts/.test(node.type) && !/^Ts(As|Satisfies|NonNull|Const)/.test(node.type)) return;
    const isFunction = /^(Function|Arrow|Method)/.test(node.type);
    if (isInFunction) mutate(node);
    for (const [key, child] of Object.entries(node)) {
      if (key === 'span' || key === 'typeAnnotation' || key === 'returnType') continue;
      if (key === 'expression' && child?.type === undefined && typeof child === 'object' && child !== null) {
        visit(child.expression ?? null, isInFunction);
        continue;
      }
      if (Array.isArray(child))
        for (const each of child)
          visit(each?.expression && !each.type ? each.expression : each, isInFunction || isFunction);
      else visit(child, isInFunction || isFunction);
    }
  }

  function mutate(node) {
    switch (node.type) {
      case 'BinaryExpression': {
        const [left, right] = [slice(node.left), slice(node.right)];
        if (swaps[node.operator])
          add(
            node,
            swaps[node.operator].map((operator) => `(${left} ${operator} ${right})`),
          );
        if (node.operator === '??') add(node, [`(${left})`, `(${right})`]);
        return;
      }
      case 'AssignmentExpression':
        if (node.operator === '??=') add(node, [`(${slice(node.left)} = ${slice(node.right)})`]);
        return;
      case 'UnaryExpression':
        if (node.operator === '!') add(node, [`(${slice(node.argument)})`]);
        return;
      case 'BooleanLiteral':
        return add(node, [String(!node.value)]);
      case 'NumericLiteral':
        return add(node, [`(${slice(node)} + 1)`]);
      case 'ConditionalExpression':
        return add(node, [`(${slice(node.consequent)})`, `(${slice(node.alternate)})`]);
      case 'IfStatement':
        return add(node.test, ['true', 'false']);
      case 'ExpressionStatement':
        return add(node, [''], true);
      case 'ReturnStatement':
        if (node.argument?.type === 'CallExpression') add(node, ['return undefined;'], true);
        return;
      case 'CallExpression': {
        const name = node.callee.type === 'MemberExpression' ? node.callee.property.value : undefined;
        if (name === 'some' || name === 'every')
          add(node, [slice(node).replace(`.${name}(`, name === 'some' ? '.every(' : '.some(')]);
        if (name === 'filter') add(node, [slice(node.callee.object)]);
      }
    }
  }

  visit(program.body.slice(1), false);

  /** The text between two places, with the edits inside made. */
  function render(start, end, within) {
    let out = '';
    let at = start;
    const inside = within.filter((edit) => edit.start >= start && edit.end <= end);
    while (at < end) {
      const next = inside.filter((edit) => edit.start >= at).sort((a, b) => a.start - b.start || b.end - a.end)[0];
      if (next === undefined) break;
      const same = inside.filter((edit) => edit.start === next.start && edit.end === next.end);
      const deeper = inside.filter((edit) => edit.start >= next.start && edit.end <= next.end && !same.includes(edit));
      out += text.subarray(at, next.start).toString();
      let wrapped = render(next.start, next.end, deeper);
      for (const { id, replacement, isStatement } of same)
        wrapped = isStatement
          ? `if (globalThis.__mutant(${id})) { ${replacement} } else { ${wrapped} }`
          : `(globalThis.__mutant(${id}) ? ${replacement} : ${wrapped})`;
      out += wrapped;
      at = next.end;
    }
    return out + text.subarray(at, end).toString();
  }

  return render(prefix.length, text.length, edits);
}

const cache = join(root, 'node_modules/.cache/mutate');
rmSync(cache, { recursive: true, force: true });
mkdirSync(cache, { recursive: true });
const instrumented = new Map(sources.map((file) => [join(root, file), instrument(file)]));

/** As much of a test runner as the session's tests need. */
const harness = `
import { createRequire } from 'node:module';
const need = createRequire(${JSON.stringify(join(root, 'package.json'))});
const { expect } = need('expect');
const { ModuleMocker } = need('jest-mock');
const each = need('jest-each');
const mocker = new ModuleMocker(globalThis);
const tests = [];
const hooks = [{ before: [], after: [] }];
const test = (name, run) => tests.push({ run, hooks: [...hooks] });
test.each = each.bind ? each.bind(test) : each.default.bind(test);
const describe = (name, run) => {
  hooks.push({ before: [], after: [] });
  run();
  hooks.pop();
};
describe.each = each.bind ? each.bind(describe) : each.default.bind(describe);
Object.assign(globalThis, {
  test, it: test, describe, expect,
  beforeEach: (run) => hooks.at(-1).before.push(run),
  afterEach: (run) => hooks.at(-1).after.push(run),
  jest: { fn: (...a) => mocker.fn(...a), spyOn: (...a) => mocker.spyOn(...a), restoreAllMocks: () => mocker.restoreAllMocks() },
});
let active = -1;
let hits = null;
/** A test that goes through so many places runs in circles. */
const STEPS = 300_000;
let steps = 0;
globalThis.__mutant = (id) => {
  steps += 1;
  if (steps > STEPS) throw new Error('This goes on for ever.');
  if (hits !== null) hits.add(id);
  return id === active;
};
/** A test that waits for what never comes is stopped after so many turns of the event loop. */
const TURNS = 2000;
async function passes({ run, hooks }) {
  try {
    for (const { before } of hooks) for (const hook of before) await hook();
    let isOver = false;
    const running = Promise.resolve(run()).finally(() => { isOver = true; });
    running.catch(() => undefined);
    for (let turn = 0; turn < TURNS && !isOver; turn += 1) await new Promise((done) => setImmediate(done));
    if (!isOver) return false;
    await running;
    for (const { after } of hooks) for (const hook of after) await hook();
    return true;
  } catch {
    return false;
  } finally {
    mocker.restoreAllMocks();
  }
}
let thrown = false;
let isRunning = false;
process.on('uncaughtException', (error) => {
  thrown = true;
  if (!isRunning) console.error(error);
});
process.on('unhandledRejection', () => { thrown = true; });
async function isGreen(test) {
  thrown = false;
  steps = 0;
  isRunning = true;
  const green = await passes(test);
  await new Promise((done) => setImmediate(done));
  return green && !thrown;
}
process.on('message', async (message) => {
  if (message === 'cover') {
    const covered = {};
    const red = [];
    for (const [n, test] of tests.entries()) {
      hits = new Set();
      if (!(await isGreen(test))) red.push(n);
      for (const id of hits) (covered[id] ??= []).push(n);
    }
    hits = null;
    // The most particular test first: it is the likeliest to notice, and the shortest.
    const reach = tests.map(() => 0);
    for (const by of Object.values(covered)) for (const n of by) reach[n] += 1;
    for (const by of Object.values(covered)) by.sort((one, other) => reach[one] - reach[other]);
    return process.send({ covered, red, count: tests.length });
  }
  const { id, by } = message;
  active = id;
  let killed = false;
  for (const n of by) {
    if (await isGreen(tests[n])) continue;
    killed = true;
    break;
  }
  active = -1;
  process.send({ id, killed });
});
`;
writeFileSync(join(cache, 'harness.mjs'), harness);
await build({
  stdin: {
    contents: [
      `import ${JSON.stringify(join(cache, 'harness.mjs'))};`,
      ...tests.map((file) => `import './${file}';`),
    ].join('\n'),
    resolveDir: root,
    loader: 'js',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url); const __dirname = '.';",
  },
  outfile: join(cache, 'tests.mjs'),
  // Tests are imported for nothing but what they do.
  ignoreAnnotations: true,
  external: ['isomorphic-ws', 'ws', 'livekit-client', '@livekit/*', '@jest/globals'],
  plugins: [
    {
      name: 'mutants',
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.ts$/ }, ({ path }) =>
          instrumented.has(path) ? { contents: instrumented.get(path), loader: 'ts' } : undefined,
        ),
    },
  ],
  logLevel: 'error',
});

/** So long may one mutant take; an endless loop is found by that alone. */
const LIMIT_MS = 20_000;

const start = () => fork(join(cache, 'tests.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
const ask = (child, message) =>
  new Promise((done) => {
    const timer = setTimeout(() => finish(null), LIMIT_MS * (message === 'cover' ? 10 : 1));
    const onExit = () => finish(null);
    const finish = (answer) => {
      clearTimeout(timer);
      child.off('message', finish);
      child.off('exit', onExit);
      done(answer);
    };
    child.on('message', finish);
    child.on('exit', onExit);
    child.send(message);
  });

let child = start();
const cover = await ask(child, 'cover');
if (cover === null) throw new Error('The tests did not come to an end.');
if (cover.red.length > 0)
  console.log(`${cover.red.length} of ${cover.count} tests need more than this runner has, and are left out.`);
console.log(`${mutants.length} mutants in ${sources.length} files, ${cover.count} tests`);

const [part, parts] = values.sample.split('/').map(Number);
const counts = { killed: 0, survived: 0, unreached: 0 };
const survivors = [];
let [done, ended] = [0, 0];
for (const [id, { file, line, from, to }] of mutants.entries()) {
  if (id % parts !== part - 1 || (values.only && !new RegExp(values.only).test(`${file}:${line}`))) continue;
  const by = (cover.covered[id] ?? []).filter((n) => !cover.red.includes(n));
  let killed = false;
  if (by.length > 0) {
    const answer = await ask(child, { id, by });
    killed = answer === null || answer.killed;
    if (answer === null) {
      ended += 1;
      child.kill('SIGKILL');
      child = start();
    }
  }
  counts[killed ? 'killed' : by.length > 0 ? 'survived' : 'unreached'] += 1;
  done += 1;
  if (done % 100 === 0) console.error(`${done}, ${counts.killed} killed, ${ended} of them by their time …`);
  if (!killed) survivors.push(`${file}:${line} ${by.length > 0 ? '' : '(not reached) '}${short(from)} → ${short(to)}`);
}
child.disconnect();

function short(code) {
  const line = code.replace(/\s+/g, ' ');
  return line === '' ? 'nothing' : line.length > 90 ? `${line.slice(0, 90)}…` : line;
}

console.log(survivors.join('\n'));
const all = counts.killed + counts.survived + counts.unreached;
console.log(
  `${counts.killed} of ${all} killed (${((100 * counts.killed) / all).toFixed(1)} %), ${counts.survived} survived, ${counts.unreached} not reached`,
);
rmSync(cache, { recursive: true, force: true });

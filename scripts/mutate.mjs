// Changes one small thing at a time in the session's reducer, and looks whether a test notices.
//
//   node scripts/mutate.mjs [--files core/session/machine] [--tests core/session] [--sample 1/1] [--only PATTERN]
//
// Both take several folders, with commas between. All mutants are put into one bundle, each asleep behind its number; what
// the tests of `--tests` reach is found once, and then each mutant is woken and only the tests that reach it are run, until
// one fails: first those that have just noticed a neighbour, then the shortest. Code that runs when a module is loaded is
// left alone.
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
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

const filesBelow = (folders) =>
  folders.split(',').flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map(({ parentPath, path, name }) => relative(root, join(parentPath ?? path, name))),
  );

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
const test = (name, run) => tests.push({ name, run, hooks: [...hooks] });
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
const STEPS = 3_000_000;
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
    const costs = [];
    // The first time, what is loaded late is loaded, too.
    for (const test of tests) await isGreen(test);
    for (const [n, test] of tests.entries()) {
      hits = new Set();
      const { user } = process.cpuUsage();
      if (!(await isGreen(test))) red.push(n);
      costs.push((process.cpuUsage().user - user) / 1000);
      for (const id of hits) (covered[id] ??= []).push(n);
    }
    hits = null;
    return process.send({ covered, red, costs, names: tests.map(({ name }) => name) });
  }
  const { id, by } = message;
  active = id;
  let killer = null;
  for (const n of by) {
    if (await isGreen(tests[n])) continue;
    killer = n;
    break;
  }
  active = -1;
  // A test that now fails without the mutant, too, has been spoiled by what ran before it.
  const isSpoiled = killer !== null && !(await isGreen(tests[killer]));
  process.send({ id, killer, isSpoiled });
});
`;
writeFileSync(join(cache, 'harness.mjs'), harness);
await build({
  stdin: {
    contents: [
      `import ${JSON.stringify(join(cache, 'harness.mjs'))};`,
      // That something is found is enough; how small it is does not matter here.
      `import fc from 'fast-check'; fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });`,
      ...tests.map((file) => `import './${file}';`),
    ].join('\n'),
    resolveDir: root,
    loader: 'js',
  },
  bundle: true,
  alias: { 'fast-check': join(root, 'scripts/jest/fast-check.cjs') },
  platform: 'node',
  format: 'esm',
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  outfile: join(cache, 'tests.mjs'),
  // Tests are imported for nothing but what they do.
  ignoreAnnotations: true,
  external: ['isomorphic-ws', 'ws', 'livekit-client', '@livekit/*', '@jest/globals'],
  plugins: [
    {
      name: 'mutants',
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.ts$/ }, ({ path }) => {
          const contents = instrumented.get(path) ?? readFileSync(path, 'utf8');
          // In a bundle all files would be in one folder.
          const isPlaced = contents.includes('__dirname');
          const folder = isPlaced ? `const __dirname = ${JSON.stringify(dirname(path))};` : '';
          return { contents: folder + contents, loader: 'ts' };
        }),
    },
  ],
  logLevel: 'error',
});

const start = () => fork(join(cache, 'tests.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
const ask = (child, message, limitMs) =>
  new Promise((done) => {
    const timer = setTimeout(() => finish(null), limitMs);
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
const cover = await ask(child, 'cover', 600_000);
if (cover === null) throw new Error('The tests did not come to an end.');
const { covered, red, costs, names } = cover;
if (red.length > 0) {
  console.log(`${red.length} of ${names.length} tests need more than this runner has, and are left out:`);
  for (const n of red) console.log(`  ${names[n]}`);
}
console.log(`${mutants.length} mutants in ${sources.length} files, ${names.length} tests`);

/** The tests that have noticed a mutant of a file, the latest first. */
const killers = new Map(sources.map((file) => [file, []]));
const place = (file, n) => {
  const at = killers.get(file).indexOf(n);
  return at < 0 || at >= 20 ? 20 : at;
};

const [part, parts] = values.sample.split('/').map(Number);
/** By file: how many were noticed, not noticed, and not reached by any test. */
const counts = new Map(sources.map((file) => [file, { killed: 0, survived: 0, unreached: 0 }]));
const ended = [];
const spoiled = new Set();
let done = 0;
for (const [id, { file, line, from, to }] of mutants.entries()) {
  if (id % parts !== part - 1 || (values.only && !new RegExp(values.only).test(`${file}:${line}`))) continue;
  const by = (covered[id] ?? [])
    .filter((n) => !red.includes(n))
    .sort((one, other) => place(file, one) - place(file, other) || costs[one] - costs[other]);
  const text = `${file}:${line} ${by.length > 0 ? '' : '(not reached) '}${short(from)} → ${short(to)}`;
  let isKilled = false;
  if (by.length > 0) {
    // Endless loops are ended by their steps. This is for those that go through no mutant, and far from what tests need.
    const limitMs = 60_000 + 20 * by.reduce((sum, n) => sum + costs[n], 0);
    let answer = await ask(child, { id, by }, limitMs);
    for (let rest = by; answer?.isSpoiled; ) {
      const { killer } = answer;
      spoiled.add(names[killer]);
      rest = rest.filter((n) => n !== killer);
      child.kill('SIGKILL');
      child = start();
      answer = await ask(child, { id, by: rest }, limitMs);
    }
    isKilled = answer === null || answer.killer !== null;
    if (answer === null) {
      ended.push(text);
      child.kill('SIGKILL');
      child = start();
    } else if (answer.killer !== null) {
      killers.set(file, [answer.killer, ...killers.get(file).filter((n) => n !== answer.killer)]);
    }
  }
  counts.get(file)[isKilled ? 'killed' : by.length > 0 ? 'survived' : 'unreached'] += 1;
  done += 1;
  if (done % 100 === 0) console.error(`${done} …`);
  if (!isKilled) console.log(text);
}
child.disconnect();

function short(code) {
  const line = code.replace(/\s+/g, ' ');
  return line === '' ? 'nothing' : line.length > 90 ? `${line.slice(0, 90)}…` : line;
}

const score = ({ killed, survived, unreached }) => {
  const all = killed + survived + unreached;
  return `${killed} of ${all} killed (${((100 * killed) / all).toFixed(1)} %), ${survived} survived, ${unreached} not reached`;
};

const total = { killed: 0, survived: 0, unreached: 0 };
for (const [file, count] of counts) {
  if (Object.values(count).every((n) => n === 0)) continue;
  for (const key of Object.keys(total)) total[key] += count[key];
  console.log(`${file}: ${score(count)}`);
}
if (ended.length > 0) console.log(`Counted as killed, as they did not come to an end:\n${ended.join('\n')}`);
if (spoiled.size > 0) console.log(`Failed without a mutant, too, and not counted then:\n${[...spoiled].join('\n')}`);
console.log(score(total));
rmSync(cache, { recursive: true, force: true });

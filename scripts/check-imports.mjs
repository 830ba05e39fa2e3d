// Checks which file may import which: the rooms of the repository, the layers inside core, the packages that each may
// use, and that no files import each other in a circle, imports of types included. Tests are left out: they may import
// what they like.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';
import { circles, exceptions, layers, packagesOf, rooms } from './import-rules.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isSource = (path) =>
  /\.(ts|mjs)$/.test(path) && !/\.test\.ts$|\.d\.ts$|(^|\/)(node_modules|dist|e2e|pages|check)\//.test(path);
const paths = rooms.flatMap(({ path }) =>
  readdirSync(join(root, path), { recursive: true }).map((name) => join(path, name)),
);
const known = new Set(paths.map((path) => path.split(sep).join('/')).filter(isSource));
const files = [...known];

/** What a file names in its imports and re-exports, static, dynamic and of types. */
function specifiersIn(file) {
  const { body } = parseSync(readFileSync(join(root, file), 'utf8'), {
    syntax: file.endsWith('.ts') ? 'typescript' : 'ecmascript',
    decorators: true,
    target: 'es2022',
  });
  const found = new Set();
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (/^(Import|ExportAll|ExportNamed|Export)\w*Declaration$/.test(node.type) && node.source)
      found.add(node.source.value);
    if (node.type === 'CallExpression' && node.callee.type === 'Import') {
      const [{ expression }] = node.arguments;
      if (expression.type === 'StringLiteral') found.add(expression.value);
    }
    if (node.type === 'TsImportType') found.add(node.argument.value);
    for (const value of Object.values(node)) visit(value);
  };
  visit(body);
  return [...found];
}

const complaints = [];
const offences = new Set();
const graph = new Map();
for (const file of files) {
  const targets = [];
  for (const specifier of specifiersIn(file)) {
    if (!specifier.startsWith('.')) {
      const complaint = packagesOf(file, specifier);
      if (complaint) complaints.push(`${file} imports ${specifier}: ${complaint}`);
      continue;
    }
    const path = relative(root, resolve(root, dirname(file), specifier))
      .split(sep)
      .join('/');
    const target = [path, path.replace(/\.js$/, '.ts')].find((candidate) => known.has(candidate));
    if (!target) continue;
    targets.push(target);
    const edge = `${file} imports ${target}`;
    const complaint = roomComplaint(file, target) ?? layerComplaint(file, target);
    if (complaint) offences.add(edge);
    if (complaint && !exceptions.includes(edge)) complaints.push(`${edge}: ${complaint}`);
  }
  graph.set(file, targets);
}

function roomComplaint(file, target) {
  const roomOf = (path) => rooms.find((room) => path.startsWith(`${room.path}/`));
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to || from.imports.includes(to.path)) return null;
  return `${from.path} imports ${['itself', ...from.imports].join(', ')}.`;
}

function layerComplaint(file, target) {
  for (const order of layers) {
    const rank = (path) => order.findIndex((layer) => layer.some((start) => path.startsWith(start)));
    const [from, to] = [rank(file), rank(target)];
    if (from >= 0 && to > from) return `the order is ${order.map((layer) => layer.join(' + ')).join(' < ')}.`;
  }
  return null;
}

/** The groups of files that import each other in a circle. */
function findCircles() {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const groups = [];
  const enter = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const target of graph.get(file)) {
      if (!index.has(target)) {
        enter(target);
        low.set(file, Math.min(low.get(file), low.get(target)));
      } else if (stack.includes(target)) {
        low.set(file, Math.min(low.get(file), index.get(target)));
      }
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || graph.get(file).includes(file)) groups.push(group.sort());
  };
  for (const file of files) if (!index.has(file)) enter(file);
  return groups;
}

// What has been mended must not come back: the lists of what is known only get shorter.
const mended = (what) => `Mended, remove it from scripts/import-rules.mjs: ${what}`;
const found = findCircles().map((group) => group.join(' '));
complaints.push(
  ...exceptions.filter((edge) => !offences.has(edge)).map(mended),
  ...found.filter((group) => !circles.includes(group)).map((group) => `These import each other in a circle: ${group}`),
  ...circles.filter((group) => !found.includes(group)).map(mended),
);

if (complaints.length > 0) {
  console.error(complaints.join('\n'));
  process.exit(1);
}
const count = [...graph.values()].reduce((sum, targets) => sum + targets.length, 0);
console.log(`Imports: ${files.length} files, ${count} imports between them, all as they should be.`);

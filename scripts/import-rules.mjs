// Who may import whom. See scripts/check-imports.mjs.
import { readFileSync } from 'node:fs';

/** The longest path comes first. */
export const rooms = [
  { path: 'adapters/angular/testing', imports: ['core', 'transports', 'adapters', 'testkit'] },
  { path: 'testkit/simulator', imports: ['core', 'transports', 'testkit'] },
  { path: 'testkit', imports: ['core', 'transports'] },
  { path: 'core', imports: [] },
  { path: 'transports', imports: ['core'] },
  { path: 'adapters', imports: ['core', 'transports'] },
  // By the names of the packages only.
  { path: 'examples', imports: [] },
];

/** Orders of layers: each imports itself and those before it. What is in none of an order is not concerned. */
export const layers = [
  [
    ['core/session/machine/'],
    ['core/session/runtime/'],
    ['core/session/measure/'],
    ['core/session/client/', 'core/viewer/'],
    ['core/compose-client.ts'],
    ['core/client.ts', 'core/index.ts'],
  ],
  [
    ['core/ports/', 'core/protocol/'],
    [
      'core/connectivity/',
      'core/latency/',
      'core/quality/',
      'core/recorder/',
      'core/rest/',
      'core/session/',
      'core/viewer/',
    ],
  ],
];

/** Imports that still go against the order. It may only get shorter. */
export const exceptions = [];

/** Groups of files that still import each other in a circle. It may only get shorter. */
export const circles = [];

const dependenciesOf = (path) => {
  const {
    name,
    dependencies = {},
    peerDependencies = {},
  } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  return { name, known: new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]) };
};
const client = dependenciesOf('../package.json');
const simulator = dependenciesOf('../testkit/simulator/package.json');
const own = new Set([client.name, simulator.name]);
const portable = new Set(['rxjs', 'io-ts', 'fp-ts']);

/** What is run only here, by tests and benches: it may use development tools. */
const internal = /^testkit\/(browsers\/|chromium\.ts|simulator\/conformance\/livekit-)/;

/** Why this file must not import this package, or `null`. */
export function packagesOf(file, specifier) {
  const name = specifier.startsWith('@') ? specifier.split('/', 2).join('/') : specifier.split('/')[0];
  if (internal.test(file)) return null;
  if (file.startsWith('examples/')) return null;
  if (own.has(name)) return 'only examples import the packages by their names.';
  const isNode = specifier.startsWith('node:');
  if (file.startsWith('testkit/simulator/')) {
    return isNode || simulator.known.has(name) ? null : `${simulator.name} does not depend on it.`;
  }
  if (/^(core|testkit)\//.test(file)) return portable.has(name) ? null : `here only ${[...portable].join(', ')}.`;
  if (/\bbrowser\//.test(file) && isNode) return 'a page has no modules of Node.';
  return isNode || client.known.has(name) ? null : `${client.name} does not depend on it.`;
}

// Core takes time and random numbers from its ports only. The linter sees the names that have a scope (`fetch`,
// `window`); these are forbidden whatever they are. `Date.parse` reads a text and no clock.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
  .map((path) => [path, code(readFileSync(join(__dirname, path), 'utf8'))] as const);

/** Without comments, and without what stands in quotes. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

const forbidden: readonly (readonly [string, RegExp])[] = [
  ['a clock', /\bDate\b(?!\.parse\()|\bperformance\b|\bhrtime\b/],
  ['chance', /\bMath\s*\.\s*random\b|\bcrypto\b|\brandomUUID\b/],
  ['timers', /\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bnextTick\b|\brequestAnimationFrame\b/],
  ['the network', /\bWebSocket\b|\bXMLHttpRequest\b|\bRTCPeerConnection\b/],
  ['the platform', /\bprocess\b|\bnavigator\b|\bglobalThis\b|\blocalStorage\b|\brequire\s*\(/],
  ['the console', /\bconsole\b/],
  ['a dynamic import', /\bimport\s*\(/],
];

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(40);
});

test.each(forbidden)('no source of core uses %s', (_what, pattern) => {
  const found = sources
    .filter(([, text]) => pattern.test(text))
    .map(([path, text]) => `${path}: ${pattern.exec(text)?.[0]}`);
  expect(found).toEqual([]);
});

test('the reducer and all that it imports are synchronous and hold no state', () => {
  const reached = new Map<string, string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    const text = readFileSync(join(__dirname, path), 'utf8');
    reached.set(path, code(text));
    for (const [statement, target = ''] of text.matchAll(/^(?:import|export)\s[^;]*?from '(\.[^']*)';/gm)) {
      if (!/^(?:import|export) type\b/.test(statement))
        visit(relative(__dirname, join(__dirname, path, '..', target.replace(/\.js$/, '.ts'))));
    }
  };
  visit('session/machine/reduce.ts');
  expect(reached.size).toBeGreaterThan(5);
  for (const [path, text] of reached) {
    const found = /\bPromise\b|\basync\b|\bawait\b|\bSubject\b|\bObservable\b|^(?:let|var)\b/m.exec(text)?.[0];
    expect([path, found]).toEqual([path, undefined]);
  }
});

test('no file of core is longer than 260 lines', () => {
  const long = sources.map(([path]) => [path, readFileSync(join(__dirname, path), 'utf8').split('\n').length] as const);
  expect(long.filter(([, lines]) => lines > 260)).toEqual([]);
});

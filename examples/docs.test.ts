// Runs the code of the pages in docs/.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as testkit from '../testkit/index.js';
import * as testkitForJest from '../testkit/jest.js';

const run = promisify(execFile);
const root = join(__dirname, '..');
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));

interface Block {
  readonly page: string;
  /** What follows the fence: `js`, `js jest`, `json`, `sh`. */
  readonly kind: string;
  readonly code: string;
}

const blocks = pages.flatMap((page): Block[] => {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return [...text.matchAll(/^```(\w[\w ]*)\n([\s\S]*?)^```$/gm)].map(([, kind = '', code = '']) => ({
    page,
    kind,
    code,
  }));
});
const ofKind = (wanted: string) =>
  blocks.filter(({ kind }) => kind === wanted).map(({ page, code }, index) => [page, index + 1, code] as const);

it('there are pages with code', () => {
  expect(pages).toEqual(expect.arrayContaining(['testing.md', 'transports.md']));
  expect(ofKind('js').length).toBeGreaterThan(3);
  expect(blocks.filter(({ kind }) => !['html', 'js', 'js jest', 'json', 'sh', 'ts', 'yaml'].includes(kind))).toEqual(
    [],
  );
});

it.each(ofKind('js'))('%s: block %i is a program', async (_page, _index, code) => {
  // Run from the root, the package finds itself by its own name.
  const args = ['--input-type=module', '--eval', code];
  const { stderr } = await run(process.execPath, args, { cwd: root });
  expect(stderr).toBe('');
});

const modules: Readonly<Record<string, unknown>> = {
  'decart-rx/testkit': testkit,
  'decart-rx/testkit/jest': testkitForJest,
  rxjs: require('rxjs'),
};

describe.each(ofKind('js jest'))('%s: tests for jest, block %i', (_page, _index, code) => {
  new Function('require', code)((name: string) => modules[name]);
});

it.each(ofKind('json'))('%s: JSON block %i is a scenario', (_page, _index, code) => {
  expect(testkit.parseScenario(code).steps.length).toBeGreaterThan(0);
});

it('links lead to pages that exist', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
      ([, path = '']) => path,
    ),
  );
  expect(() => links.map((path) => readFileSync(join(root, 'docs', path)))).not.toThrow();
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(__dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

it('has code in it', () => {
  expect(blocks.length).toBeGreaterThan(0);
});

it.each(blocks.map((code) => [code.trim().split('\n')[0], code]))('README: %s', async (_firstLine, code) => {
  // Run from the root, the package finds itself by its own name.
  const args = ['--input-type=module', '--eval', code as string];
  const { stderr } = await run(process.execPath, args, { cwd: root });
  expect(stderr).toBe('');
});

it('has three quick starts of at most twenty lines', () => {
  const starts = readme.split('\n## Quick starts\n')[1]?.split('\n## ')[0] ?? '';
  const programs = [...starts.matchAll(/^```(ts|js|ts angular)\n([\s\S]*?)^```$/gm)];
  expect(programs.map(([, kind]) => kind)).toEqual(['ts', 'js', 'ts angular']);
  for (const [, , code = ''] of programs) expect(code.trim().split('\n').length).toBeLessThanOrEqual(20);
});

it('names only scripts and files that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([]);
  const paths = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(() => paths.map((path) => readFileSync(join(root, path)))).not.toThrow();
});

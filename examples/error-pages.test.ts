// Each code of an error has a page in docs/errors, and each page's program meets that very error.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ErrorCodes } from '../core/errors.js';

const run = promisify(execFile);
const root = join(__dirname, '..');
const pages = readdirSync(join(root, 'docs/errors')).map((file) => ({
  code: file.replace(/\.md$/, ''),
  text: readFileSync(join(root, 'docs/errors', file), 'utf8'),
}));
const programOf = (text: string): string | undefined => /^```js\n([\s\S]*?)^```$/m.exec(text)?.[1];

it('every code has a page, and every page a code', () => {
  expect(pages.map(({ code }) => code).sort()).toEqual(Object.keys(ErrorCodes).sort());
});

it.each(pages)('$code: cause, what to do, an example', ({ code, text }) => {
  const headings = [...text.matchAll(/^##? (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([code, 'Causes', 'What to do', 'Catching it']);
  expect(text).toMatch(new RegExp(`^\`\`\`(?:js|ts)\\n[\\s\\S]*?(?:${code}|\\bcode\\b)[\\s\\S]*^\`\`\`$`, 'm'));
});

/** Imports each program in turn and writes what it said, as JSON: one process for all. */
const runner = `
const said = {};
for (const code of process.argv.slice(1)) {
  said[code] = [];
  console.log = (...args) => said[code].push(args.join(' '));
  await import(new URL(code + '.mjs', 'file://' + process.cwd() + '/').href);
}
process.stdout.write(JSON.stringify(said));
`;

describe('the programs', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'decart-rx-errors-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/decart-rx'));
    symlinkSync(join(root, 'testkit/simulator'), join(folder, 'node_modules/decart-rx-simulator'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('each meets the error of its page', async () => {
    const programs = pages.flatMap(({ code, text }) => {
      const program = programOf(text);
      return program === undefined ? [] : [{ code, program }];
    });
    for (const { code, program } of programs) writeFileSync(join(folder, `${code}.mjs`), program);
    const codes = programs.map(({ code }) => code);
    const args = ['--input-type=module', '--eval', runner, ...codes];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: folder });
    expect(stderr).toBe('');
    const said: Record<string, string[]> = JSON.parse(stdout);
    expect(Object.fromEntries(codes.map((code) => [code, said[code]?.[0]?.split(/\W/)[0]]))).toEqual(
      Object.fromEntries(codes.map((code) => [code, code])),
    );
    // Those without a program need a browser.
    expect(pages.map(({ code }) => code).filter((code) => !codes.includes(code))).toEqual([
      'LOAD_ERROR',
      'MEDIA_DEVICE_ERROR',
      'PLAYBACK_REFUSED',
    ]);
  });
});

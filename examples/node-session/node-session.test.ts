import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

it('goes through a session and exits by itself', async () => {
  const { stdout, stderr } = await run(process.execPath, [join(__dirname, 'main.mjs')]);
  expect(stderr).toBe('');
  const lines = stdout.trim().split('\n');
  expect(lines.slice(0, 3)).toEqual(['state: disconnected', 'state: connecting', 'state: connected']);
  expect(lines).toEqual(expect.arrayContaining(['prompt changed']));
  expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^frame: \d+x\d+, \d+ bytes$/)]));
  expect(lines.at(-1)).toBe('state: disconnected');
});

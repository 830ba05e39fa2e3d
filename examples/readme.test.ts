import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(__dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** What the shorter blocks of the README take for granted, around the block. */
const inSession = (code: string): string => `
import { createDecartClient as createClient } from 'decart-rx/node';
import { startSimulator as start } from 'decart-rx-simulator';
const simulator = await start({ mode: 'restyle' });
const client = createClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
const { realtime } = client;
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };
const camera = await realtime.createLocalVideoStream(model, { source: 'test-pattern' });
await realtime.connect({ model }, camera);
${code}
await camera.dispose();
await client.release();
await simulator.close();
`;

/** A block that makes a client is a program; any other stands within a session. */
const programOf = (code: string): string => (code.includes('createDecartClient(') ? code : inSession(code));

it('has code in it', () => {
  expect(blocks.length).toBeGreaterThan(0);
});

it.each(blocks.map((code) => [code.trim().split('\n')[0], code]))(
  'README: %s',
  async (_firstLine, code) => {
    // Run from the root, the package finds itself by its own name.
    const args = ['--input-type=module', '--eval', programOf(code as string)];
    const { stderr } = await run(process.execPath, args, { cwd: root });
    expect(stderr).toBe('');
  },
  60_000,
);

it('shows the example of a session as it is', () => {
  const example = readFileSync(join(__dirname, 'node-session/main.mjs'), 'utf8');
  const [, ...body] = example.split('\n');
  expect(readme).toContain(body.join('\n').trim());
});

it('names only scripts and files that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([]);
  const paths = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(() => paths.map((path) => readFileSync(join(root, path)))).not.toThrow();
});

// What the check of the real service does before it sends anything. The rest of it wants a key and money.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const script = join(__dirname, '../../../scripts/check-live.mjs');

/** Runs the check with these variables, and says this when it is asked. */
async function run(variables: Readonly<Record<string, string>>, answer: string) {
  const { CI: _ci, DECART_API_KEY: _key, ...environment } = process.env;
  const check = spawn(process.execPath, [script], { env: { ...environment, ...variables }, stdio: 'pipe' });
  let said = '';
  for (const stream of [check.stdout, check.stderr]) stream.on('data', (text) => (said += text));
  check.stdin.on('error', () => undefined); // One that ends unasked reads nothing.
  check.stdin.end(`${answer}\n`);
  const [code] = await once(check, 'close');
  return { said, code };
}

test('the live check says what it costs, and sends nothing without a yes', async () => {
  const { said, code } = await run({ DECART_API_KEY: 'dct_CANARY_of_a_test' }, 'no');
  expect(said).toContain('A session of 10 s with lucy-2.5: about $0.24.');
  expect(said).toMatch(/Nothing was sent\.\n$/);
  expect(said).not.toContain('CANARY');
  expect(code).toBe(1);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['without a key', {}, 'Set DECART_API_KEY to the key of your account, or pass --simulator.\n'],
  ['in CI', { CI: 'true', DECART_API_KEY: 'dct_CANARY_of_a_test' }, 'This check costs money: it is not for CI.\n'],
])('the live check does nothing %s', async (_name, variables, expected) => {
  expect(await run(variables, 'yes')).toEqual({ said: expected, code: 1 });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readArguments } from './arguments.js';

test('without arguments everything is at its default', () => {
  expect(readArguments([])).toEqual({ options: { mode: 'echo' }, verbose: false, help: false });
});

test('every argument becomes its option', () => {
  const line = '--port 4455 --host localhost --mode restyle --queue 3 --max-sessions 2 --credits 60 --key k --strict';
  expect(readArguments([...line.split(' '), '--verbose'])).toEqual({
    options: {
      port: 4455,
      host: 'localhost',
      mode: 'restyle',
      queue: 3,
      maxSessions: 2,
      credits: 60,
      apiKey: 'k',
      strict: true,
    },
    verbose: true,
    help: false,
  });
});

test('every seed of the options is one on the command line', () => {
  expect(readArguments(['--seed', '4294967295']).options.seed).toBe(4_294_967_295);
  expect(() => readArguments(['--seed', '4294967296'])).toThrow('seed: expected a whole number from 0 to 4294967295');
});

test('a LiveKit server is named by three arguments', () => {
  const all = ['--livekit', 'ws://localhost:7880', '--livekit-key', 'devkey', '--livekit-secret', 'secret'];
  expect(readArguments(all).options.media).toEqual({
    url: 'ws://localhost:7880',
    apiKey: 'devkey',
    apiSecret: 'secret',
  });
  expect(readArguments([...all, '--livekit-relay']).options.media).toMatchObject({ relay: true });
  expect(() => readArguments(['--livekit-relay'])).toThrow('--livekit, --livekit-key');
  expect(() => readArguments(all.slice(0, 4))).toThrow('--livekit, --livekit-key and --livekit-secret go together');
});

test('a scenario is read from its file, and a mistake in it is reported with file, line and step', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'scenario-')), 'play.json');
  writeFileSync(file, '[{ "step": "expectJoin" },\n { "step": "roomInfo" }]');
  expect(readArguments(['--scenario', file, '--seed', '7']).options).toMatchObject({
    seed: 7,
    scenario: { steps: [{ step: 'expectJoin' }, { step: 'roomInfo' }] },
  });
  writeFileSync(file, '[{ "step": "expectJoin" },\n { "step": "after" }]');
  expect(() => readArguments(['--scenario', file])).toThrow(
    `--scenario ${file}: Scenario, line 2, column 2, step 2 (after): wrong or missing delayMs.`,
  );
});

test.each([
  ['--scenario', ['--scenario', '/nowhere.json']],
  ['--port', ['--port', 'http']],
  ['port', ['--port', '99999']],
  ['--queue', ['--queue', '2.5']],
  ['--mode', ['--mode', 'mirror']],
  ['host', ['--host', 'a b']],
  ['--volume', ['--volume', '11']],
  ['somewhere', ['somewhere']],
  ['--port', ['--port']],
  ['media.url', ['--livekit', 'http://x', '--livekit-key', 'k', '--livekit-secret', 's']],
])('an argument at fault is named: %s', (name, args) => {
  expect(() => readArguments(args)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  expect(() => readArguments(args)).toThrow(new RegExp(`^[^\\n]*${name}[^\\n]*$`));
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { mediaEntry } from '../media-entry.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { openPlainClient } from './plain-client.js';

const compiled = dirname(mediaEntry);
const cli = join(compiled, '../esm/cli.js');
let simulator: Simulator | undefined;
let program: ChildProcess | undefined;
afterEach(async () => {
  await simulator?.close();
  program?.kill('SIGKILL');
  simulator = undefined;
  program = undefined;
});

async function mediaPid({ stats }: Simulator): Promise<number> {
  const { process } = await stats();
  if (process === null) throw new Error('no media process');
  return process.pid;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    // No client has this number.
    return false;
  }
};

/** What this process has open. A test file before this one may have left some in the same process. */
const openNow = (): string[] => process.getActiveResourcesInfo().filter((name) => /^(Process|TCP|UDP)/.test(name));

test('media runs in another process, and close ends it', async () => {
  const before = openNow();
  simulator = await startSimulator();
  const pid = await mediaPid(simulator);
  expect(pid).not.toBe(process.pid);
  expect(isAlive(pid)).toBe(true);
  await simulator.close();
  expect(isAlive(pid)).toBe(false);
  for (const name of openNow()) {
    expect(before).toContain(name);
    before.splice(before.indexOf(name), 1);
  }
});

test('when the media process dies, sessions end with an error and the simulator still closes', async () => {
  simulator = await startSimulator();
  const client = await openPlainClient(simulator.baseUrl);
  client.send({ type: 'livekit_join', passthrough: true });
  await client.next('livekit_room_info');
  process.kill(await mediaPid(simulator), 'SIGKILL');
  expect(await client.next('error')).toMatchObject({ error: expect.stringContaining('SIGKILL') });
  expect(await client.closed).toMatchObject({ code: 1011 });
  const late = await openPlainClient(simulator.baseUrl);
  late.send({ type: 'livekit_join', passthrough: true });
  expect(await late.next('error')).toMatchObject({ error: expect.stringContaining('media process') });
  await expect(simulator.stats()).rejects.toMatchObject({ code: 'WEBRTC_SERVER_ERROR' });
});

test('a media process that hangs does not hold up the end', async () => {
  simulator = await startSimulator();
  const pid = await mediaPid(simulator);
  process.kill(pid, 'SIGSTOP');
  await simulator.close();
  expect(isAlive(pid)).toBe(false);
});

test('when the program that started it is killed, the media process ends itself', async () => {
  const script = `require(${JSON.stringify(join(compiled, 'index.js'))}).startSimulator()
    .then(({ baseUrl }) => console.log(baseUrl))`;
  program = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const client = await openPlainClient((await firstLine(program)) ?? '');
  client.send({ type: 'livekit_join', passthrough: true });
  const { hostname, port } = new URL(String((await client.next('livekit_room_info')).livekit_url));
  const connection = connect(Number(port), hostname);
  await once(connection, 'connect');
  program.kill('SIGKILL');
  // Somebody else's process sends no event when it ends, but its sockets do.
  await new Promise((resolve) => connection.once('close', resolve).on('error', () => {}));
  const again = connect(Number(port), hostname);
  // Refused, or reset when it arrives while the listener goes.
  expect(await once(again, 'error')).toMatchObject([{ code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/) }]);
});

test('from a shell it greets, serves and ends on SIGTERM', async () => {
  program = spawn(process.execPath, [cli, '--queue', '1', '--verbose'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(program, 'close');
  const lines: string[] = [];
  const baseUrl = await new Promise<string>((resolve) => {
    createInterface(program?.stdout ?? process.stdin).on('line', (line) => {
      lines.push(line);
      const [, url] = /signaling\s+(ws:\S+)/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const client = await openPlainClient(baseUrl);
  client.send({ type: 'livekit_join', passthrough: true });
  await client.next('queue_position');
  await client.next('livekit_room_info');
  program.kill('SIGTERM');
  expect(await client.closed).toMatchObject({ code: 1001 });
  expect(await ended).toEqual([0, null]);
  expect(lines.join('\n')).toMatch(/createDecartClient[\s\S]*< livekit_join/);
});

test.each([
  [['--mode', 'mirror'], '--mode'],
  [['--port', '99999'], 'port'],
  [['--scenario', '/nowhere.json'], '--scenario'],
])('from a shell, a mistake is one line: %j', async (args, name) => {
  program = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  program.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  expect(await once(program, 'close')).toEqual([1, null]);
  expect(said).toMatch(new RegExp(`^decart-sim: [^\\n]*${name}[^\\n]*\\n$`));
});

async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return undefined;
  for await (const line of createInterface(stdout)) return line;
  return undefined;
}

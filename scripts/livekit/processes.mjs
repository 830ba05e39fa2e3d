// Servers as child processes on loopback: found, started, waited for, ended.
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_LIMIT_MS = 20_000;
const SHOWN_OUTPUT = 8_000;

// An interrupted run takes its servers with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** The first of these programs on PATH; `null`: there is none. */
export function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isProgram) ?? null;
}

export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A TCP port that was free a moment ago, for servers that have to be given theirs. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/**
 * Starts a program, and waits until it accepts connections on `port`. What it says goes into the file `log`: a pipe that
 * is not read, because this process waits for another one, would stop it.
 */
export async function startProgram(program, args, port, log) {
  const file = openSync(log, 'w');
  const child = spawn(program, args, { stdio: ['ignore', file, file] });
  closeSync(file);
  process.once('exit', () => child.kill('SIGKILL'));
  const output = () => readFileSync(log, 'utf8');
  const gone = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
    child.once('error', (error) => resolve(error.message));
  });
  let ended = null;
  void gone.then((how) => {
    ended = how;
  });
  const end = async (signal) => {
    child.kill(signal);
    await gone;
  };
  const fromMs = performance.now();
  while (!(await accepts(port))) {
    if (ended !== null || performance.now() - fromMs > START_LIMIT_MS) {
      await end('SIGKILL');
      throw new Error(
        `${program} does not serve on port ${port} (${ended ?? 'no answer'}):\n${output().slice(-SHOWN_OUTPUT)}`,
      );
    }
    await delay(50);
  }
  return { pid: child.pid, signal: (name) => child.kill(name), end, gone, output };
}

// A sound card that nobody hears, for browsers that play sound only with one: a PulseAudio server of its own with a
// null sink.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const askEveryMs = 50;
/** In case that nobody is left to end it. */
const idleSeconds = 600;

/** @returns what a process's environment needs to play there; `null`: PulseAudio is not installed, or does not start */
export async function startSoundServer() {
  if (process.platform !== 'linux' || spawnSync('pulseaudio', ['--version']).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-sound-'));
  const socket = join(folder, 'socket');
  const server = spawn(
    'pulseaudio',
    [
      '-n',
      '--daemonize=no',
      '--use-pid-file=no',
      `--exit-idle-time=${idleSeconds}`,
      ...['-L', `module-native-protocol-unix socket=${socket} auth-anonymous=1`],
      ...['-L', 'module-null-sink'],
    ],
    { stdio: 'ignore', env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const isRunning = () => server.exitCode === null && server.signalCode === null;
  const close = async () => {
    if (isRunning()) server.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  while (isRunning() && !existsSync(socket)) await delay(askEveryMs);
  if (isRunning()) return { environment: { PULSE_SERVER: `unix:${socket}` }, close };
  await close();
  return null;
}

/** Whether this machine plays sound without that. */
export function hasSound() {
  const { PULSE_SERVER, XDG_RUNTIME_DIR } = process.env;
  if (process.platform !== 'linux' || PULSE_SERVER) return true;
  return Boolean(XDG_RUNTIME_DIR) && existsSync(join(XDG_RUNTIME_DIR, 'pulse/native'));
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';

// A process of its own runs what is built: npm test builds it first.
const dist = join(__dirname, '../../../dist');
const hasBuild = existsSync(join(dist, 'esm/transports/webrtc/node/index.js'));
const onBuild = hasBuild ? it : it.skip;
if (!hasBuild) process.stderr.write('Skipped the exit of a process: nothing is built (npm run build).\n');

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

let running: ChildProcess | null = null;
// One that never ends has failed its test.
afterEach(() => {
  running?.kill('SIGKILL');
});

function run(program: string): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: dist,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, ...output })));
}

/** Sends frames and sound into a peer connection of its own, which makes the native library's sources, and leaves. */
const visit = `
import { timer, map } from 'rxjs';
import { readFileSync } from 'node:fs';
import { createDirectNodeTransport } from './esm/transports/webrtc/node/index.js';
const publish = { preferredCodec: 'vp8', backupCodec: null, maxBitrate: 1e6, maxFramerate: 30, simulcast: false, degradationPreference: 'balanced' };
const data = new Uint8Array(64 * 64 * 1.5);
const videoTrack = { kind: 'video', width: 64, height: 64, fps: 30, outgoing$: timer(0, 30).pipe(map(() => ({ data, width: 64, height: 64 }))) };
const transport = createDirectNodeTransport();
const visit = (iceServers = []) => new Promise((complete) => {
  const room = transport.join({ localStream: null, videoTrack, publish, onMarker: null, iceServers, playsAudio: true });
  room.events$.subscribe({
    next(event) {
      if (event.type === 'signal') room.close();
      if (event.type === 'lost') console.log(event.failure.code);
    },
    complete,
  });
});
const threads = () => Number(/^Threads:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
`;

onBuild('a process that used the library exits by itself, with the code it chose', async () => {
  const program = `${visit} await visit(); await transport.release(); process.exitCode = 7;`;
  expect(await run(program)).toEqual({ code: 7, signal: null, stdout: '', stderr: '' });
});

onBuild("the app's own exit hooks run, those that were added later, too, and choose the code", async () => {
  const program = `
      process.on('exit', (code) => {
        console.log('before', code);
        process.exitCode = 4;
      });
      ${visit}
      await visit();
      process.once('exit', () => console.log('once'));
      process.on('exit', () => {
        console.log('after');
        process.exitCode += 5;
      });
      await transport.release();`;
  expect(await run(program)).toEqual({ code: 9, signal: null, stdout: 'before 0\nonce\nafter\n', stderr: '' });
});

onBuild('the same after servers that the library refuses', async () => {
  const program = `
      ${visit}
      for (const urls of ['turn:127.0.0.1:9', 'stun:127.0.0.1:99999']) await visit([{ urls }]);
      await transport.release();
      process.exitCode = 3;`;
  expect(await run(program)).toEqual({ code: 3, signal: null, stdout: 'INVALID_INPUT\nINVALID_INPUT\n', stderr: '' });
});

onBuild('the same with both native libraries in one process', async () => {
  const program = `
      ${visit}
      const { acquireLiveKitNode } = await import('./esm/transports/livekit/node/native.js');
      const hold = await acquireLiveKitNode();
      await visit();
      await hold.release();
      await transport.release();
      process.exitCode = 5;`;
  expect(await run(program)).toEqual({ code: 5, signal: null, stdout: '', stderr: '' });
});

const onLinux = hasBuild && process.platform === 'linux' ? it : it.skip;
onLinux('visits leave no threads behind', async () => {
  const program = `
      ${visit}
      for (let i = 0; i < 3; i += 1) await visit();
      const before = threads();
      for (let i = 0; i < 20; i += 1) await visit();
      // Those of the last visits may still be ending, and there is no event for it.
      while (threads() > before) await new Promise((resolve) => setTimeout(resolve, 10));
      console.log('none');`;
  expect(await run(program)).toMatchObject({ code: 0, stdout: 'none\n' });
});

onBuild('whoever does not ask for it loads nothing of the library', async () => {
  const program = `
    import { createRequire } from 'node:module';
    const { createDecartClient } = await import('./esm/adapters/node/index.js');
    const client = createDecartClient({ apiKey: 'key' });
    await client.release();
    const loaded = process.report.getReport().sharedObjects.filter((path) => /wrtc/.test(path));
    console.log(JSON.stringify([loaded, Object.keys(createRequire(import.meta.url).cache).filter((path) => /wrtc/.test(path))]));`;
  expect(await run(program)).toMatchObject({ code: 0, stdout: '[[],[]]\n' });
});

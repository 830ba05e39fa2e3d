import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccessToken, type MediaServer, startMediaServer } from '../../../testkit/simulator/sfu/media-server.js';

// A process of its own runs what is built: npm test builds it first.
const dist = join(__dirname, '../../../dist');
const hasBuild = existsSync(join(dist, 'esm/transports/livekit/node/index.js'));
const onBuild = hasBuild ? it : it.skip;
if (!hasBuild) process.stderr.write('Skipped the exit of a process: nothing is built (npm run build).\n');

// Joins and leaves through a transport that is released, and does so again through another.
const program = `
async function visit() {
  const transport = createLiveKitNodeTransport();
  const publish = { preferredCodec: 'vp8', backupCodec: null, maxBitrate: 1e6, maxFramerate: 30, simulcast: false, degradationPreference: 'balanced' };
  const { url, token } = JSON.parse(process.argv.at(-1));
  const room = transport.join({ url, token, localStream: null, videoTrack: null, publish, onMarker: null });
  const types = [];
  await new Promise((complete) => room.events$.subscribe({
    next: ({ type }) => { types.push(type); if (type === 'published') room.close(); },
    complete,
  }));
  await transport.release();
  if (types.join() !== 'joined,published,closed') throw new Error(types.join());
}
visit().then(visit);
`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], cwd = dist): Promise<Ended> {
  // As most users run it: the native library would log at its most talkative.
  const { NODE_ENV: _unset, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...output })));
}

let server: MediaServer;
let access: string;
beforeAll(async () => {
  server = await startMediaServer();
  const { url, apiKey, apiSecret } = server;
  access = JSON.stringify({ url, token: await createAccessToken({ apiKey, apiSecret, room: 'exit', identity: 'me' }) });
});
afterAll(() => server.close());

onBuild.each([
  [
    'as an ES module',
    [
      '--input-type=module',
      '-e',
      `import { createLiveKitNodeTransport } from './esm/transports/livekit/node/index.js'; ${program}`,
    ],
  ],
  [
    'as CommonJS',
    ['-e', `const { createLiveKitNodeTransport } = require('./cjs/transports/livekit/node/index.js'); ${program}`],
  ],
])('lets the process exit by itself after release, having said nothing, %s', async (_how, args) => {
  expect(await run([...args, access])).toEqual({ code: 0, stdout: '', stderr: '' });
});

// Joins a room without a server, and releases nothing. In a process where the library cannot be loaded, it tries twice.
const failing = `
async function join() {
  const transport = createLiveKitNodeTransport();
  const publish = { preferredCodec: 'vp8', backupCodec: null, maxBitrate: 1e6, maxFramerate: 30, simulcast: false, degradationPreference: 'balanced' };
  const room = transport.join({ url: 'ws://127.0.0.1:1', token: 'none', localStream: null, videoTrack: null, publish, onMarker: null });
  await new Promise((complete) => room.events$.subscribe({
    next: (event) => event.type === 'lost' && console.log(event.failure.message),
    complete,
  }));
}
join().then(join);
`;

onBuild('lets the process exit by itself after joins that failed, though nothing was released', async () => {
  const load = "import { createLiveKitNodeTransport } from './esm/transports/livekit/node/index.js';";
  const { code, stderr } = await run(['--input-type=module', '-e', `${load} ${failing}`]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

onBuild('says what is missing each time, where the native half is not installed, and ends no process', async () => {
  const app = mkdtempSync(join(tmpdir(), 'decart-rx-no-native-'));
  try {
    const modules = join(__dirname, '../../../node_modules');
    const within = (path: string): string => join(app, 'node_modules', path);
    mkdirSync(within('@livekit'), { recursive: true });
    const linked = readdirSync(modules).filter((name) => name !== '@livekit' && !name.startsWith('.'));
    for (const name of linked) symlinkSync(join(modules, name), within(name));
    // Copied, since a link is resolved where it points to, and there is a native half.
    const halves = readdirSync(join(modules, '@livekit')).filter((name) => !/^rtc-ffi-bindings-/.test(name));
    for (const name of halves) {
      cpSync(join(modules, '@livekit', name), within(`@livekit/${name}`), { recursive: true });
    }
    cpSync(join(dist, 'esm'), join(app, 'esm'), { recursive: true });
    const load = "import { createLiveKitNodeTransport } from './esm/transports/livekit/node/index.js';";
    const { code, stdout, stderr } = await run(['--input-type=module', '-e', `${load} ${failing}`], app);
    const message = /^The native library of @livekit\/rtc-node did not load on .*--include=optional\)\.$/;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toEqual([expect.stringMatching(message), expect.stringMatching(message)]);
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
});

onBuild('refuses a second thread of the process, and leaves the first alone', async () => {
  const load = "const { createLiveKitNodeTransport } = require('./cjs/transports/livekit/node/index.js');";
  const worker = `${load} ${failing}`;
  const main = `${load} ${program.replace('visit().then(visit);', '')}
      const { Worker } = require('node:worker_threads');
      const inWorker = () => new Promise((ended) => new Worker(${JSON.stringify(worker)}, { eval: true }).once('exit', ended));
      visit().then(inWorker).then(visit);`;
  const { code, stdout, stderr } = await run(['-e', main, access]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^connect\(\) needs the native library .* another thread of this process/);
});

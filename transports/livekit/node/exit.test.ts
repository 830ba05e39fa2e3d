import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
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

function run(args: readonly string[]): Promise<Ended> {
  // As most users run it: the native library would log at its most talkative.
  const { NODE_ENV: _unset, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd: dist, env, stdio: ['ignore', 'pipe', 'pipe'] });
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
])(
  'lets the process exit by itself after release, having said nothing, %s',
  async (_how, args) => {
    expect(await run([...args, access])).toEqual({ code: 0, stdout: '', stderr: '' });
  },
  15_000,
);

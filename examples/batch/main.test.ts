import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncScheduler } from 'rxjs';
import { createKeyRing } from '../../testkit/simulator/key-ring.js';
import { createRestHandler, type RestService } from '../../testkit/simulator/rest/rest-handler.js';
import { sampleMp4 } from '../../testkit/simulator/rest/sample-mp4.js';

let rest: RestService;
let server: Server;
let folder: string;

beforeEach(async () => {
  const media = { createToken: () => Promise.reject(new Error('there is no media here')) };
  const keys = createKeyRing('permanent', true, asyncScheduler);
  const timings = { pendingMs: 50, processingMs: 50 };
  rest = createRestHandler({ settings: { scheduler: asyncScheduler }, keys, media, timings });
  server = createServer((request, response) => rest.handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'decart-rx-batch-'));
  await mkdir(join(folder, 'in'));
  for (const name of ['a.mp4', 'b.mov', 'c.mp4']) await writeFile(join(folder, 'in', name), sampleMp4());
  await writeFile(join(folder, 'in', 'notes.txt'), 'no clip');
});

afterEach(async () => {
  rest.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** `until`: interrupts the run, as Ctrl+C does, when its output holds this. */
async function run({ until, prompt = 'as a watercolour' }: { until?: string; prompt?: string } = {}): Promise<Run> {
  const { port } = server.address() as AddressInfo;
  const args = [join(__dirname, 'main.mjs'), join(folder, 'in'), join(folder, 'out'), '--prompt', prompt];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, DECART_API_KEY: 'permanent', DECART_HTTP_BASE_URL: `http://127.0.0.1:${port}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let isInterrupted = false;
  child.stdout.on('data', (text: Buffer) => {
    output += text;
    // Once: a second Ctrl+C would not wait for anything.
    if (until === undefined || isInterrupted || !output.includes(until)) return;
    isInterrupted = true;
    child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

const outputs = async (): Promise<string[]> =>
  (await readdir(join(folder, 'out'))).filter((name) => name !== 'batch.json');

it('sends every clip of a folder, and skips them the next time', async () => {
  const first = await run();
  expect(first.output).toContain('100 %');
  expect(first.output).toContain('3 of 3 done now, 0 before, 0 failed.');
  expect(first.code).toBe(0);
  expect(await outputs()).toEqual(['a.mp4', 'b.mp4', 'c.mp4']);
  expect((await readFile(join(folder, 'out', 'b.mp4'))).equals(sampleMp4())).toBe(true);
  expect(rest.jobs).toHaveLength(3);

  const second = await run();
  expect(second.output).toContain('0 of 3 done now, 3 before, 0 failed.');
  expect(rest.jobs).toHaveLength(3);
});

it('takes up the jobs of a run that was stopped, and pays for none twice', async () => {
  const stopped = await run({ until: 'pending' });
  expect(stopped.code).toBe(130);
  const submitted = rest.jobs.length;
  expect(submitted).toBeGreaterThan(0);
  const { jobs } = JSON.parse(await readFile(join(folder, 'out', 'batch.json'), 'utf8')) as { jobs: object };
  const remembered = Object.keys(jobs).length;
  expect(remembered).toBeGreaterThan(0);

  expect((await run()).code).toBe(0);
  expect(await outputs()).toEqual(['a.mp4', 'b.mp4', 'c.mp4']);
  // What was submitted but not yet written down when it was stopped is lost; nothing else is.
  expect(rest.jobs.length).toBeLessThanOrEqual(3 + submitted - remembered);
});

it('goes on when a clip fails, says why, and tries it again the next time', async () => {
  rest.faults.failJobs(1, 'too dark');
  const first = await run();
  expect(first.output).toContain('failed: too dark');
  expect(first.output).toContain('2 of 3 done now, 0 before, 1 failed.');
  expect(first.code).toBe(1);
  expect((await run()).output).toContain('1 of 3 done now, 2 before, 0 failed.');
});

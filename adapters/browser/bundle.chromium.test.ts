import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser, testBrowser, testIn } from '../../testkit/browsers/test-browser.js';
import { type Simulator, startSimulator } from '../../testkit/simulator/index.js';

const root = process.cwd();
const node = promisify(execFile);
const run = (cwd: string, ...args: string[]) => node(process.execPath, args, { cwd });

/** What an application would write. */
const applicationAt = ({ apiKey, baseUrl, httpBaseUrl }: Simulator): string => `
  import { createDecartClient, createFrameProcessor, DecartError } from 'decart-rx/browser';
  const client = createDecartClient({ ...${JSON.stringify({ apiKey, baseUrl, httpBaseUrl })}, preload: false });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  setInterval(() => context.fillRect(Math.random() * 300, 0, 9, 150), 30);
  const stream = canvas.captureStream(30);
  const processor = createFrameProcessor({ mirror: true, nextMarker: null });
  const run = async () => {
    await processor.init({ kind: 'video', track: stream.getVideoTracks()[0] });
    const { path } = processor;
    await processor.destroy();
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    const remote = await client.realtime.connect({ model: 'lucy-2.1' }, stream);
    const error = await client.queue.status('').catch((reason) => reason);
    await client.release();
    return { path, loaded, remote: remote.id, code: error.code, isOurs: error instanceof DecartError };
  };
  run().catch(String).then((result) => { document.title = JSON.stringify(result); });
`;
const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>';

/** A worker of the application's own, which is all that some bundlers know about. */
const applicationWithWorker = `
  import { createFrameProcessor } from 'decart-rx/browser';
  const createWorker = () => new Worker(new URL('./frames.worker.js', import.meta.url), { type: 'module' });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  setInterval(() => {
    context.fillStyle = 'white';
    context.fillRect(0, 0, 300, 150);
    context.fillStyle = 'red';
    context.fillRect(0, 0, 40, 150);
  }, 30);
  const [track] = canvas.captureStream(30).getVideoTracks();
  const processor = createFrameProcessor({ mirror: true, nextMarker: null, createWorker });
  const run = async () => {
    await processor.init({ kind: 'video', track });
    const video = document.createElement('video');
    Object.assign(video, { muted: true, srcObject: new MediaStream([processor.processedTrack]) });
    await video.play();
    // Left in what goes in is right in what comes out.
    const isMirrored = await new Promise((resolve) => {
      const look = () => {
        const copy = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext('2d');
        copy.drawImage(video, 0, 0);
        const [red, green] = copy.getImageData(video.videoWidth - 20, 50, 1, 1).data;
        if (red > 150 && green < 100) resolve(true);
        else video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    });
    const { path } = processor;
    await processor.destroy();
    return { path, isMirrored };
  };
  run().catch(String).then((result) => { document.title = JSON.stringify(result); });
`;

interface Bundler {
  /** How frames are worked on with nothing configured. */
  readonly path: 'worker' | 'page';
  /** `workers`: the files of the application's own. */
  build(project: string, workers?: readonly string[]): Promise<unknown>;
}

const bundlers: Record<string, Bundler> = {
  esbuild: {
    // It leaves a worker's file where it is: frames are changed in the page then.
    path: 'page',
    async build(project, workers = []) {
      const flags = ['--bundle', '--splitting', '--format=esm', '--outdir=dist'];
      await node(join(root, 'node_modules/.bin/esbuild'), ['main.js', ...workers, ...flags], { cwd: project });
      cpSync(join(project, 'index.html'), join(project, 'dist/index.html'));
    },
  },
  vite: {
    path: 'worker',
    build: (project) => run(project, join(root, 'node_modules/vite/bin/vite.js'), 'build', '--base', './'),
  },
  webpack: {
    path: 'worker',
    async build(project) {
      const config = {
        mode: 'production',
        // Half of the time, and how names are shortened is not asked here.
        optimization: { minimize: false },
        context: project,
        entry: './main.js',
        output: { path: join(project, 'dist'), filename: 'main.js' },
      };
      const script = `
        require(${JSON.stringify(join(root, 'node_modules/webpack'))})(${JSON.stringify(config)}, (error, stats) => {
          if (!error && !stats.hasErrors()) return;
          console.error(error ?? stats.toString());
          process.exitCode = 1;
        });`;
      await run(project, '-e', script);
      cpSync(join(project, 'index.html'), join(project, 'dist/index.html'));
    },
  },
};

describe('a bundle of an application', () => {
  let browser: Browser;
  let folder: string;
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
    folder = mkdtempSync(join(tmpdir(), 'decart-rx-bundle-'));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await simulator?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A project with this program, and its worker, as `build` leaves it; what its page says in the end. */
  async function outcomeOf(name: string, files: Record<string, string>, build: (project: string) => Promise<unknown>) {
    const project = join(folder, name);
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(root, join(project, 'node_modules/decart-rx'));
    const all = { 'package.json': '{ "private": true, "type": "module" }', 'index.html': page, ...files };
    for (const [file, text] of Object.entries(all)) writeFileSync(join(project, file), text);
    await build(project);

    const dist = join(project, 'dist');
    const server = createServer((request, response) => {
      const file = join(dist, new URL(request.url ?? '/', 'http://page').pathname.replace(/\/$/, '/index.html'));
      try {
        const type = file.endsWith('.html') ? 'text/html' : 'text/javascript';
        response.setHeader('Content-Type', type).end(readFileSync(file));
      } catch {
        response.writeHead(404).end();
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const opened = await browser.newPage();
      // How long a bundle may take is the test's to say.
      opened.setDefaultTimeout(0);
      await opened.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await opened.waitForFunction(() => document.title !== '');
      const outcome = JSON.parse(await opened.title());
      await opened.close();
      return { dist, outcome };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test.each(Object.entries(bundlers))('by %s needs no configuration', async (name, { path, build }) => {
    const { dist, outcome } = await outcomeOf(name, { 'main.js': applicationAt(simulator) }, build);
    const { loaded, ...result } = outcome;
    // Errors are of one class, wherever they come from.
    expect(result).toEqual({
      // Without frame streams frames are drawn.
      path: testBrowser === 'firefox' ? 'canvas' : path,
      remote: 'stream-remote',
      code: 'INVALID_INPUT',
      isOurs: true,
    });
    // What was needed before the connect came without what a session needs, and without the media library.
    const inAll = readdirSync(dist, { recursive: true }).filter((file) => String(file).endsWith('.js')).length;
    expect(loaded.length).toBeLessThan(inAll - 4);
    expect(loaded.filter((url: string) => url.includes('livekit'))).toEqual([]);
  });

  for (const [name, { build }] of Object.entries(bundlers)) {
    const testWorker = testIn('chromium', 'Firefox has no frame streams, and starts no worker');
    testWorker(`by ${name} runs a worker that imports the frame worker`, async () => {
      const worker = 'frames.worker.js';
      const files = { 'main.js': applicationWithWorker, [worker]: "import 'decart-rx/frame-worker';\n" };
      const { outcome } = await outcomeOf(`${name}-worker`, files, (project) => build(project, [worker]));
      expect(outcome).toEqual({ path: 'worker', isMirrored: true });
    });
  }
});

test('importing it on a server touches nothing of a browser', async () => {
  const names = [
    'window',
    'document',
    'navigator',
    'WebSocket',
    'RTCPeerConnection',
    'MediaStream',
    'Worker',
    'localStorage',
  ];
  const script = `
    const touched = [];
    for (const name of ${JSON.stringify(names)}) {
      Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); } });
    }
    const { createDecartClient } = await import(${JSON.stringify(join(root, 'dist/esm/adapters/browser/index.js'))});
    console.log(JSON.stringify(touched));
    await createDecartClient({ apiKey: 'key' }).release();`;
  const { stdout } = await run(root, '--input-type=module', '-e', script);
  expect(JSON.parse(stdout)).toEqual([]);
});

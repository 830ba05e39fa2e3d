// Memory of a large upload in Node: a file of SIZE_MB (default 1024, sparse) goes through `files.upload` to a server in
// another process, which counts its bytes. Prints the most memory that was in use above the start. Goal: under 60 MB.
//
//   node bench/upload.mjs [path|stream|blob|url]      after `npm run build`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asyncScheduler } from 'rxjs';

const GOAL_MB = 60;
const MB = 1024 * 1024;

if (process.argv[2] === 'server') serve();
else await measure(process.argv[2] ?? 'path', Number(process.env.SIZE_MB ?? 1024));

/** Counts what comes, and answers as the service does. */
function serve() {
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') return createReadStream(process.argv[3]).pipe(response);
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      const file = { id: 'file_bench', mime_type: 'video/mp4', size_bytes: bytes, created_at: '2026-01-01T00:00:00Z' };
      response.end(JSON.stringify(file));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}

async function measure(kind, sizeMb) {
  const dist = process.env.DIST ?? fileURLToPath(new URL('../dist/esm', import.meta.url));
  const { createFilesClient } = await import(join(dist, 'core/rest/files.js'));
  const { createNodeHttpTransport } = await import(join(dist, 'transports/http/node.js'));

  const folder = await mkdtemp(join(tmpdir(), 'decart-rx-bench-'));
  const path = join(folder, 'large.mp4');
  const file = await open(path, 'w');
  await file.truncate(sizeMb * MB);
  await file.close();
  const server = fork(fileURLToPath(import.meta.url), ['server', path]);
  const [port] = await once(server, 'message');

  const inputs = {
    path: () => path,
    stream: () => () => createReadStream(path),
    blob: () => openAsBlob(path),
    url: () => `http://127.0.0.1:${port}/large.mp4`,
  };
  const input = await inputs[kind]();
  const files = createFilesClient({
    http: createNodeHttpTransport(),
    baseUrl: `http://127.0.0.1:${port}`,
    apiKey: 'bench',
    userAgent: 'decart-rx/bench',
    scheduler: asyncScheduler,
  });
  await files.upload(new Uint8Array(MB)); // Everything is loaded and warm before it is measured.
  global.gc?.();
  await pause(200);

  const before = process.memoryUsage();
  let rss = before.rss;
  let external = before.external;
  const sampling = setInterval(() => {
    const now = process.memoryUsage();
    rss = Math.max(rss, now.rss);
    external = Math.max(external, now.external);
  }, 10);
  const start = performance.now();
  const stored = await files.upload(input);
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampling);
  server.disconnect();
  await rm(folder, { recursive: true });

  const extraMb = (rss - before.rss) / MB;
  const report = {
    kind,
    sizeMb,
    arrivedMb: Math.floor(stored.sizeBytes / MB),
    seconds: Number(seconds.toFixed(2)),
    extraRssMb: Number(extraMb.toFixed(1)),
    extraExternalMb: Number(((external - before.external) / MB).toFixed(1)),
    goalMb: GOAL_MB,
  };
  console.log(JSON.stringify(report));
  if (extraMb >= GOAL_MB || report.arrivedMb < sizeMb) process.exitCode = 1;
}

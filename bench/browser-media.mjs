// A session in Chromium against the simulator, 640x360@30, with the numbers that the browser itself tells: how soon its
// estimate of the outgoing bit rate reaches 2 Mbps, and how often the picture freezes on a clean path and with 2 % of
// the datagrams lost each way. Run `npm run build` first, then `node bench/browser-media.mjs [--seconds 20] [--rounds 1]`.
// Exits with 1 when a target is missed.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startSimulator } from 'decart-rx-simulator';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { loadSource } from './load-source.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, rounds: { type: 'string', default: '1' } },
});
const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
const targets = { kbps: 2_000, withinMs: 3_000, freezes: { clean: 0, lossy: 1 } };

const page = `
  import { createDecartClient } from 'decart-rx/browser';
  // A picture that is hard to compress, so that the encoder uses the bit rate it is given.
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const pen = canvas.getContext('2d');
  let drawn = 0;
  setInterval(() => {
    drawn += 1;
    for (let i = 0; i < 400; i += 1) {
      pen.fillStyle = 'hsl(' + ((i * 37 + drawn * 5) % 360) + ' 70% ' + (30 + ((i * 13) % 50)) + '%)';
      pen.fillRect((i * 97 + drawn * 7) % 640, (i * 61 + drawn * 3) % 360, 24, 16);
    }
  }, 1000 / 30);
  const video = Object.assign(document.createElement('video'), { muted: true });
  document.body.append(video);
  globalThis.measure = async (config, seconds, kbps) => {
    const { realtime } = createDecartClient(config);
    const remote = await realtime.connect({ model: 'lucy-2.1' }, canvas.captureStream(30));
    const connectedMs = performance.now();
    remote.attach(video);
    const told = { reachedMs: null, bestKbps: 0, freezes: 0, fps: [], framesDropped: 0, lost: 0 };
    await new Promise((resolve) => {
      realtime.stats$.subscribe(({ connection, video: inbound }) => {
        const nowMs = performance.now() - connectedMs;
        const available = (connection.availableOutgoingBitrate ?? 0) / 1000;
        told.bestKbps = Math.max(told.bestKbps, Math.round(available));
        if (available >= kbps) told.reachedMs ??= Math.round(nowMs);
        told.freezes = inbound?.freezeCount ?? 0;
        told.framesDropped = inbound?.framesDropped ?? 0;
        told.lost = inbound?.packetsLost ?? 0;
        if (inbound?.framesPerSecond) told.fps.push(inbound.framesPerSecond);
        if (nowMs >= seconds * 1000) resolve();
      });
    });
    await realtime.disconnect();
    return told;
  };
  globalThis.isReady = true;`;

const bundle = await build({
  stdin: { contents: page, resolveDir: process.cwd(), loader: 'js' },
  bundle: true,
  write: false,
  format: 'esm',
  logLevel: 'error',
});
const server = createServer(({ url }, response) => {
  if (url === '/page.js') return response.setHeader('Content-Type', 'text/javascript').end(bundle.outputFiles[0].text);
  response
    .setHeader('Content-Type', 'text/html')
    .end('<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
const simulator = await startSimulator({ seed: 1 });
const config = { apiKey: simulator.apiKey, baseUrl: simulator.baseUrl };
const missed = [];
try {
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const [path, lossPercent] of Object.entries({ clean: 0, lossy: 2 })) {
      simulator.faults.lossPercent(lossPercent);
      const tab = await browser.newPage();
      await tab.goto(`http://127.0.0.1:${server.address().port}/`);
      await tab.waitForFunction('globalThis.isReady === true');
      const told = await tab.evaluate(
        ([given, seconds, kbps]) => globalThis.measure(given, seconds, kbps),
        [config, Number(values.seconds), targets.kbps],
      );
      await tab.close();
      const { reachedMs, bestKbps, freezes, fps, framesDropped, lost } = told;
      const mean = fps.reduce((sum, each) => sum + each, 0) / Math.max(1, fps.length);
      console.log(
        `${path}: ${targets.kbps} kbps ${reachedMs === null ? 'not reached' : `after ${reachedMs} ms`} (best ${bestKbps}); ${freezes} freezes in ${values.seconds} s, ${mean.toFixed(1)} fps, ${framesDropped} frames dropped, ${lost} packets lost`,
      );
      if (freezes > targets.freezes[path]) missed.push(`${path}: ${freezes} freezes`);
      if (path === 'clean' && (reachedMs === null || reachedMs > targets.withinMs))
        missed.push(`${path}: 2 Mbps came late`);
    }
  }
} finally {
  await browser.close();
  await simulator.close();
  server.closeAllConnections();
  server.close();
}
// Freezes on a machine that is busy with something else say nothing.
console.log(`load average: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores`);
for (const text of missed) console.log(`MISSED: ${text}`);
process.exitCode = missed.length > 0 ? 1 : 0;

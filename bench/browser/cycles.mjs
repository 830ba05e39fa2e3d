// Does a page grow from session to session? Connect, one frame, disconnect, over and over: by decart-rx, and by
// livekit-client and a WebSocket alone, which keep some memory of each room by themselves. Run `npm run build` first,
// then `node bench/browser/cycles.mjs [--cycles 1000] [--results FILE]`. Exits with 1 when decart-rx's heap grows faster.
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { loadSource } from '../load-source.mjs';
import { slopeOf } from '../slope.mjs';
import { servePages } from './serve-pages.mjs';

const { values } = parseArgs({
  options: { cycles: { type: 'string', default: '1000' }, results: { type: 'string' } },
});
const cycles = Number(values.cycles);
/** Heap is read so often, after a collection. */
const stretches = 50;
const perStretch = Math.max(1, Math.round(cycles / stretches));

const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
const server = await servePages(['cycles']);
const simulator = await startSimulator({ receivedLimit: 10 });
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
const reports = {};
for (const name of ['floor', 'decart-rx']) reports[name] = await measure(name);

async function measure(name) {
  const context = await browser.newContext({ permissions: ['camera'] });
  const opened = await context.newPage();
  await opened.goto(`${server.url}cycles`);
  await opened.waitForFunction(() => globalThis.isReady === true);
  const { apiKey, baseUrl } = simulator;
  await opened.evaluate(([which, config]) => globalThis.prepare(which, config), [name, { apiKey, baseUrl }]);
  const cdp = await context.newCDPSession(opened);
  const samples = [];
  const beganMs = performance.now();
  for (let done = perStretch; done <= cycles; done += perStretch) {
    await opened.evaluate((times) => globalThis.cycle(times), perStretch);
    await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    samples.push({ cycle: done, heapKb: usedSize / 1024 });
  }
  const perCycleMs = (performance.now() - beganMs) / cycles;
  await context.close();
  const heapKb = slopeOf(samples, 'cycle', 'heapKb');
  console.log(
    `${name}: ${cycles} cycles, ${perCycleMs.toFixed(0)} ms each; heap ${heapKb.first.toFixed(0)} → ${heapKb.last.toFixed(0)} KB, ${heapKb.rise.toFixed(2)} ± ${heapKb.error.toFixed(2)} KB per cycle`,
  );
  return { perCycleMs: Math.round(perCycleMs), heapKb };
}

const [floor, client] = [reports.floor, reports['decart-rx']];
const excess = client.heapKb.rise - floor.heapKb.rise - 2 * Math.hypot(client.heapKb.error, floor.heapKb.error);
const missed = excess > 0 ? [`the heap grows by ${excess.toFixed(2)} KB per cycle more than the floor's`] : [];
for (const text of missed) console.log(`MISSED: ${text}`);
if (values.results) {
  const where = {
    date: new Date().toISOString().slice(0, 16),
    browser: `Chromium ${browser.version()}`,
    cores: availableParallelism(),
    load: Math.round(loadavg()[0] * 10) / 10,
  };
  writeFileSync(values.results, `${JSON.stringify({ ...where, cycles, floor, client, missed }, null, 2)}\n`);
}
process.exitCode = missed.length > 0 ? 1 : 0;
await browser.close();
await simulator.close();
server.close();

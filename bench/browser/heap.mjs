// What a connect cycle leaves on a page's heap: a client each, a camera, a connect, frames, a release. Beside raw
// livekit-client and a raw WebSocket doing the same in the same run. Everything is on loopback.
// Usage: npm run build && node bench/browser/heap.mjs [--cycles 60] [--from 20] [--check]
// `--from`: the first cycles fill caches and compiled code; what is counted begins after them.
// --check: exit code 1 when a cycle of the package leaves more than one of the floor, beyond twice the error of both.
import { parseArgs } from 'node:util';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { loadSource } from '../load-source.mjs';
import { servePages } from './serve-pages.mjs';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '60' },
    from: { type: 'string', default: '20' },
    check: { type: 'boolean' },
  },
});
const cycles = Number(values.cycles);
const from = Number(values.from);
/** At least nine points for the line. */
const every = Math.max(1, Math.floor((cycles - from) / 20));
const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
const clients = ['floor', 'decart-rx'];

const server = await servePages(clients.map((client) => `heap-${client}`));

const simulator = await startSimulator({ receivedLimit: 10 });
const { apiKey, baseUrl } = simulator;
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });

/** Kilobytes of heap after some of the cycles, garbage collected. */
async function measure(client) {
  const context = await browser.newContext({ permissions: ['camera'] });
  const page = await context.newPage();
  await page.goto(`${server.url}heap-${client}`);
  await page.waitForFunction(() => globalThis.isReady === true);
  const cdp = await context.newCDPSession(page);
  const samples = [];
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    await page.evaluate((config) => globalThis.cycle(config), { apiKey, baseUrl });
    if (cycle < from || (cycle - from) % every !== 0) continue;
    // What ends one garbage may hold another.
    for (let time = 0; time < 3; time += 1) await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    samples.push([cycle, usedSize / 1024]);
  }
  await context.close();
  return samples;
}

/** Least squares: what each cycle adds, and the standard error of that. */
function slopeOf(samples) {
  const mean = (at) => samples.reduce((sum, sample) => sum + sample[at], 0) / samples.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = samples.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = samples.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = samples.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / Math.max(1, samples.length - 2) / spread) };
}

const found = {};
try {
  for (const client of clients) {
    const samples = await measure(client);
    const { slope, error } = slopeOf(samples);
    found[client] = { slope, error };
    console.log(
      JSON.stringify({
        bench: 'heap',
        where: 'chromium',
        client,
        cycles: `${from} to ${cycles}`,
        kbPerCycle: Number(slope.toFixed(1)),
        error: Number(error.toFixed(1)),
        firstKb: Math.round(samples[0][1]),
        lastKb: Math.round(samples.at(-1)[1]),
      }),
    );
  }
} finally {
  await browser.close();
  await simulator.close();
  server.close();
}
const { floor, 'decart-rx': own } = found;
if (values.check && own.slope - floor.slope > 2 * Math.hypot(own.error, floor.error)) process.exitCode = 1;

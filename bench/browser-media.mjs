// A session in Chromium against the simulator, 640x360@30, with the browser's own numbers: how soon its
// estimate of the outgoing bit rate reaches 2 Mbps, and how often the picture freezes on a clean path and with 2 % of
// the datagrams lost each way. Run `npm run build` first, then `node bench/browser-media.mjs [--seconds 20] [--rounds 1]`.
// Exits with 1 when a target is missed.
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { servePages } from './browser/serve-pages.mjs';
import { loadSource } from './load-source.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, rounds: { type: 'string', default: '1' } },
});
const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
const targets = { kbps: 2_000, withinMs: 3_000, freezes: { clean: 0, lossy: 1 } };

const server = await servePages(['media']);
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
const simulator = await startSimulator({ seed: 1 });
const config = { apiKey: simulator.apiKey, baseUrl: simulator.baseUrl };
const missed = [];
try {
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const [path, lossPercent] of Object.entries({ clean: 0, lossy: 2 })) {
      simulator.faults.lossPercent(lossPercent);
      const tab = await browser.newPage();
      await tab.goto(`${server.url}media`);
      await tab.waitForFunction('globalThis.isReady === true');
      const measured = await tab.evaluate(
        ([given, seconds, kbps]) => globalThis.measure(given, seconds, kbps),
        [config, Number(values.seconds), targets.kbps],
      );
      await tab.close();
      const { reachedMs, bestKbps, freezes, fps, framesDropped, lost } = measured;
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
  server.close();
}
// Freezes on a machine that is busy with something else say nothing.
console.log(`load average: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores`);
for (const text of missed) console.log(`MISSED: ${text}`);
process.exitCode = missed.length > 0 ? 1 : 0;

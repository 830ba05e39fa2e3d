// Whole sessions one after the other, with real media both ways: does anything stay behind, in the client or in the
// simulator? Run `npm run build` first, then `node --expose-gc bench/soak.mjs [--cycles 500]`. Exits with 1 when a
// target is missed.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createDecartClient } from 'decart-rx/node';
import { startSimulator } from 'decart-rx/testkit';
import { firstValueFrom } from 'rxjs';

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '500' } } });
const cycles = Number(values.cycles);
const sampleEvery = Math.max(1, Math.round(cycles / 25));
/** Kilobytes per cycle, over the second half, when caches are warm. */
const mostSlope = { heapKb: 5, mediaRssKb: 20 };

const simulator = await startSimulator({ receivedLimit: 10 });
const client = createDecartClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 160, height: 96, fps: 15 };
const camera = await client.realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });

const samples = [];
async function sample(cycle) {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const stats = await simulator.stats();
  const kb = (bytes) => bytes / 1024;
  samples.push({
    cycle,
    heapKb: kb(heapUsed),
    rssKb: kb(rss),
    mediaRssKb: kb(stats.process.rssBytes),
    rooms: stats.rooms,
  });
}

const beganMs = performance.now();
for (let cycle = 0; cycle < cycles; cycle += 1) {
  const remote = await client.realtime.connect({ model }, camera);
  await firstValueFrom(remote.frames$);
  await client.realtime.disconnect();
  if (cycle % sampleEvery === sampleEvery - 1) await sample(cycle + 1);
}
const perCycleMs = (performance.now() - beganMs) / cycles;

/** Least squares over the second half, per cycle, with its standard error. */
function slope(key) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const meanX = mean(half.map(({ cycle }) => cycle));
  const meanY = mean(half.map((each) => each[key]));
  const spread = half.reduce((sum, { cycle }) => sum + (cycle - meanX) ** 2, 0);
  const rise = half.reduce((sum, each) => sum + (each.cycle - meanX) * (each[key] - meanY), 0) / spread;
  const errors = half.reduce((sum, each) => sum + (each[key] - meanY - rise * (each.cycle - meanX)) ** 2, 0);
  return { rise, error: Math.sqrt(errors / Math.max(1, half.length - 2) / spread) };
}

const wrong = [];
for (const key of ['heapKb', 'rssKb', 'mediaRssKb']) {
  const { rise, error } = slope(key);
  const [first, last] = [samples[0], samples.at(-1)];
  const mb = (kb) => (kb / 1024).toFixed(1);
  console.log(
    `${key.replace('Kb', '')}: ${mb(first[key])} → ${mb(last[key])} MB; second half ${rise.toFixed(1)} ± ${error.toFixed(1)} KB per cycle`,
  );
  const most = mostSlope[key];
  if (most !== undefined && rise - 2 * error > most) wrong.push(`${key} grows by ${rise.toFixed(1)} KB per cycle`);
}
console.log(`${cycles} cycles, ${perCycleMs.toFixed(0)} ms each from connect to disconnected, a frame seen in each`);
if (samples.at(-1).rooms > 0) wrong.push(`${samples.at(-1).rooms} rooms are left`);
await camera.dispose();
await client.release();
await simulator.close();
// The pipes of stdout and stderr are not ours.
const left = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS)/.test(name));
console.log(`open at the end: ${left.length === 0 ? 'nothing' : left.join(', ')}`);
if (left.length > 0) wrong.push(`open at the end: ${left.join(', ')}`);
for (const text of wrong) console.log(`MISSED: ${text}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

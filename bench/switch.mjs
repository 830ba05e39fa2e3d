// Changes to another session while frames are shown: from the last frame of one session to the first of the next, in
// units of the time from frame to frame of the same run. In Node and in Chromium, on loopback.
// Usage: npm run build && node bench/switch.mjs [--switches 20] [--only node,chromium] [--check]
// --check: exit code 1 when a change takes longer than two frames, and than the longest pause within a session.
import { parseArgs } from 'node:util';
import { startSimulator } from 'decart-rx-simulator';
import { loadSource } from './load-source.mjs';

const { values } = parseArgs({
  options: {
    switches: { type: 'string', default: '20' },
    only: { type: 'string', default: 'node,chromium' },
    check: { type: 'boolean' },
  },
});
const switches = Number(values.switches);
const framesBetween = 20;
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 640, height: 360, fps: 30 };

/** Every frame as `{ atMs, session }`. */
async function inNode(config) {
  process.env.NODE_ENV ??= 'production';
  const { createDecartClient } = await import('decart-rx/node');
  const { EMPTY, filter, firstValueFrom, switchMap, take, lastValueFrom, share } = await import('rxjs');
  const client = createDecartClient(config);
  const { realtime } = client;
  const local = await realtime.createLocalVideoStream(model, { source: 'test-pattern', mirror: 'off' });
  await realtime.connect({ model }, local);
  const seen = [];
  let session = 0;
  const frames$ = realtime.remoteStream$.pipe(
    switchMap((stream) => {
      if (stream === null) return EMPTY;
      session += 1;
      return stream.frames$;
    }),
    share(),
  );
  frames$.subscribe(() => seen.push({ atMs: performance.now(), session }));
  const more = () => lastValueFrom(frames$.pipe(take(framesBetween)));
  await more();
  for (let n = 0; n < switches; n += 1) {
    const arrived = firstValueFrom(frames$.pipe(filter(() => session === n + 2)));
    await realtime.switchTo({ model });
    await arrived;
    await more();
  }
  await client.release();
  await local.dispose();
  return seen;
}

async function inChromium(config) {
  const { chromium } = await import('playwright-core');
  const { servePages } = await import('./browser/serve-pages.mjs');
  const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
  const server = await servePages(['switch']);
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
  try {
    const context = await browser.newContext({ permissions: ['camera'] });
    const page = await context.newPage();
    await page.goto(`${server.url}switch`);
    await page.waitForFunction('globalThis.isReady === true');
    return await page.evaluate((given) => globalThis.measure(...given), [config, model.name, switches, framesBetween]);
  } finally {
    await browser.close();
    server.close();
  }
}

const quantile = (numbers, q) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
};

function report(where, seen) {
  const gaps = seen.slice(1).map((frame, n) => ({
    ms: frame.atMs - seen[n].atMs,
    isChange: frame.session !== seen[n].session,
  }));
  const changes = gaps.filter(({ isChange }) => isChange).map(({ ms }) => ms);
  const within = gaps.filter(({ isChange }) => !isChange).map(({ ms }) => ms);
  const intervalMs = quantile(within, 0.5);
  const inTwo = changes.filter((ms) => ms <= 2 * intervalMs).length;
  console.log(
    JSON.stringify({
      bench: 'switch',
      where,
      changes: changes.length,
      intervalMs: Math.round(intervalMs),
      changeMs: [0.5, 0.9, 1].map((q) => Math.round(quantile(changes, q))),
      inIntervals: [0.5, 0.9, 1].map((q) => Number((quantile(changes, q) / intervalMs).toFixed(2))),
      withinTwoIntervals: inTwo,
      longestWithinMs: Math.round(Math.max(...within)),
    }),
  );
  return Math.max(...changes) <= Math.max(2 * intervalMs, ...within);
}

const simulator = await startSimulator();
const { apiKey, baseUrl } = simulator;
const measures = { node: inNode, chromium: inChromium };
let isMissed = false;
for (const where of values.only.split(',')) {
  const seen = await measures[where]({ apiKey, baseUrl });
  if (!report(where, seen)) isMissed = true;
}
await simulator.close();
if (values.check && isMissed) process.exitCode = 1;

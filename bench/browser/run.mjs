// What a session in a browser costs, beside a floor (raw livekit-client and raw WebSocket doing the same) and beside
// @decartai/sdk, taking turns within one run. Everything is on loopback.
// Usage: npm run build && node bench/browser/run.mjs [--rounds 9] [--seconds 8]
//   [--only connect,at-once,recover,thread,mirror]
// `at-once`: the client is made in the moment of the connect, on a page that imports livekit-client and on one that
// leaves loading it to the package; beside a floor of each kind, and with a service that takes 200 ms more to name the
// room.
import { parseArgs } from 'node:util';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { loadSource } from '../load-source.mjs';
import { servePages } from './serve-pages.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '8' },
    only: { type: 'string', default: 'connect,at-once,recover,thread,mirror' },
  },
});
const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const wanted = new Set(values.only.split(','));
const clients = ['floor', 'decart-rx', 'official'];

const server = await servePages(
  [...clients, 'floor-loading', 'decart-rx-imported'],
  ['../../dist/esm/adapters/browser/frames/frame-worker.js'],
);

const simulator = await startSimulator();
const { apiKey, baseUrl } = simulator;
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
const debuggers = await browser.newBrowserCDPSession();

const frameIntervalMs = 1000 / 30;

/** As a page that has settled before its user presses the button. */
const settleMs = 1_000;

/** A fresh page of one client, its camera open. */
async function openPage(client, { width = 640, height = 360 } = {}) {
  const context = await browser.newContext({ permissions: ['camera'] });
  const page = await context.newPage();
  await page.goto(`${server.url}${client}`);
  await page.waitForFunction(() => globalThis.isReady === true);
  await page.evaluate((given) => globalThis.bench.open(...given), [{ apiKey, baseUrl }, width, height]);
  await page.waitForTimeout(settleMs);
  return {
    context,
    page,
    connect: () => page.evaluate(() => globalThis.bench.connect()),
  };
}

/** Milliseconds of the page's own thread in a second. */
async function threadTime(page, context) {
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  const read = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return { task: of('TaskDuration'), at: of('Timestamp') };
  };
  const before = await read();
  await page.waitForTimeout(seconds * 1000);
  const after = await read();
  return ((after.task - before.task) / (after.at - before.at)) * 1000;
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length % 2
    ? sorted[sorted.length >> 1]
    : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
};
const summary = (numbers) =>
  numbers.length === 0
    ? 'never'
    : `median ${median(numbers).toFixed(1)}, best ${Math.min(...numbers).toFixed(1)}, worst ${Math.max(...numbers).toFixed(1)} (n=${numbers.length})`;

async function inTurns(title, times, measure) {
  const results = new Map(clients.map((client) => [client, []]));
  for (let round = 0; round < times; round += 1) {
    // Each begins as often as the others.
    for (let turn = 0; turn < clients.length; turn += 1) {
      const client = clients[(round + turn) % clients.length];
      const value = await measure(client, round);
      if (value !== null) results.get(client).push(value);
    }
  }
  console.log(`\n${title}`);
  const floor = median(results.get('floor'));
  for (const [client, numbers] of results) {
    const ratio = numbers.length > 0 ? `${(median(numbers) / floor).toFixed(2)} × floor` : '';
    console.log(`  ${client.padEnd(10)} ${summary(numbers)}  ${ratio}`);
  }
}

/**
 * From connecting to the first frame, on a fresh page that runs by itself: a debugger, as Playwright attaches it to its
 * pages, makes the first run of a script a good deal slower. Each round connects in another moment between two frames of
 * the camera: a sender that is ready just after one has to wait for the next.
 */
async function firstFrameMs(client, { round, ...how }) {
  const waitMs = settleMs + (round / rounds) * frameIntervalMs;
  const task = { config: { apiKey, baseUrl }, width: 640, height: 360, how, waitMs };
  const { browserContextId } = await debuggers.send('Target.createBrowserContext');
  const reported = server.result();
  const url = `${server.url}${client}#${encodeURIComponent(JSON.stringify(task))}`;
  await debuggers.send('Target.createTarget', { url, browserContextId });
  const { ms, error } = await reported;
  await debuggers.send('Target.disposeBrowserContext', { browserContextId });
  if (error) throw new Error(`${client}: ${error}`);
  return ms;
}

/** Prints one line of JSON for each contender: a page, and what sets it apart. Those that are called floor are compared with. */
async function takeTurns(bench, way, contenders, times) {
  const names = Object.keys(contenders);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < times; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      const [page, how] = contenders[name];
      results[name].push(await firstFrameMs(page, { ...way, ...how, round }));
    }
  }
  const floors = names.filter((name) => name.startsWith('floor'));
  for (const name of names) {
    const medianMs = median(results[name]);
    const ratios = floors.map((floor) => [floor, Number((medianMs / median(results[floor])).toFixed(2))]);
    const rounded = { medianMs: Math.round(medianMs), bestMs: Math.round(Math.min(...results[name])) };
    const beside = floors.includes(name) ? {} : Object.fromEntries(ratios);
    console.log(JSON.stringify({ bench, where: 'chromium', ...way, client: name, n: times, ...rounded, beside }));
  }
}

if (wanted.has('connect')) {
  await inTurns('connect → first rendered remote frame, fresh page, ms', rounds, (client, round) =>
    firstFrameMs(client, { round }),
  );
}
if (wanted.has('at-once')) {
  const ways = [
    { isAtOnce: true, delayMs: 0 },
    { isAtOnce: true, delayMs: 200 },
    { isAtOnce: false, delayMs: 200 },
  ];
  for (const way of ways) {
    const contenders = {
      floor: ['floor'],
      ...(way.delayMs === 0 && {
        'floor h264': ['floor', { codec: 'h264' }],
        'floor, loading livekit-client': ['floor-loading'],
        'floor h264, loading livekit-client': ['floor-loading', { codec: 'h264' }],
      }),
      ...(way.isAtOnce && { 'decart-rx': ['decart-rx-imported'] }),
      'decart-rx, loading livekit-client': ['decart-rx'],
    };
    await takeTurns('firstFrame', way, contenders, rounds);
  }
}
if (wanted.has('recover')) {
  await inTurns('socket cut → first new remote frame, ms', Math.min(rounds, 5), async (client) => {
    const { context, page, connect } = await openPage(client);
    await connect();
    await page.waitForTimeout(500);
    const recovered = page.evaluate(() => globalThis.bench.recover(5_000));
    simulator.faults.dropSocket(1006);
    const value = await recovered;
    await context.close();
    return value;
  });
}
if (wanted.has('thread')) {
  await inTurns('main-thread time in a steady session, ms per second', 3, async (client) => {
    const { context, page, connect } = await openPage(client);
    await connect();
    await page.waitForTimeout(2_000);
    const value = await threadTime(page, context);
    await context.close();
    return value;
  });
}
if (wanted.has('mirror')) {
  console.log('\nmirroring 1280x720 at 30 fps: main-thread time in ms per second, frames shown per second');
  for (const way of [null, 'worker', 'page', 'canvas', null, 'worker', 'page', 'canvas']) {
    const { context, page } = await openPage('decart-rx');
    await page.evaluate((by) => globalThis.mirror(by, 1280, 720), way);
    await page.waitForTimeout(1_000);
    const before = await page.evaluate(() => globalThis.framesShown());
    const thread = await threadTime(page, context);
    const shown = ((await page.evaluate(() => globalThis.framesShown())) - before) / seconds;
    console.log(`  ${(way ?? 'unmirrored').padEnd(10)} ${thread.toFixed(2)} ms/s  ${shown.toFixed(1)} fps`);
    await context.close();
  }
}

await browser.close();
await simulator.close();
server.close();

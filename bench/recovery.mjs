// How long the picture stands still when the media path of a session dies, in Node and in Chromium, with real media:
// from the last frame to the next one. Run `npm run build` first, then
// `node bench/recovery.mjs [--only node,chromium] [--case resume-refused,path-dead,udp-dropped] [--rounds 1]`.
// Exits with 1 when a target is missed.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { decodeSubscribeToken } from 'decart-rx';
import { startSimulator } from 'decart-rx-simulator';
import { loadSource } from './load-source.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'node,chromium' },
    case: { type: 'string', default: 'resume-refused,path-dead,udp-dropped' },
    rounds: { type: 'string', default: '1' },
  },
});
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 192, fps: 30 };
const blackoutMs = 40_000;
const targetMs = 16_000;

// A media server of our own, so that one room alone can go wrong.
const { startMediaServer } = await loadSource('testkit/simulator/sfu/media-server.ts');
const media = await startMediaServer();
const { url, apiKey: mediaKey, apiSecret } = media;
const simulator = await startSimulator({ media: { url, apiKey: mediaKey, apiSecret } });
const config = { apiKey: simulator.apiKey, baseUrl: simulator.baseUrl };

/** What happens to the media of `room`, and what undoes it after 40 s. */
const cases = {
  'resume-refused': {
    says: 'the path of the room is dead, and each resume is refused',
    from: 'the last frame',
    begin(room) {
      media.faults.refuseResume(true);
      media.faults.setNetwork({ blackout: true }, { room });
    },
  },
  'path-dead': {
    says: 'UDP of the room is dropped for 40 s',
    from: 'the last frame',
    begin: (room) => media.faults.setNetwork({ blackout: true }, { room }),
  },
  'udp-dropped': {
    says: 'UDP of all rooms is dropped for 40 s',
    from: 'the end of that',
    begin: () => media.faults.setNetwork({ blackout: true }),
  },
};
const restore = (room) => {
  media.faults.refuseResume(false);
  media.faults.clearNetwork({ room });
  media.faults.clearNetwork();
};

const platforms = { node: openNode, chromium: openChromium };

/** A session in this process. `watch` has the times of its frames and of what was done about the loss. */
async function openNode() {
  const { createDecartClient } = await import('decart-rx/node');
  const { EMPTY, switchMap } = await import('rxjs');
  const client = createDecartClient(config);
  const { realtime } = client;
  const frames = [];
  const steps = [];
  realtime.remoteStream$
    .pipe(switchMap((remote) => remote?.frames$ ?? EMPTY))
    .subscribe(() => frames.push(performance.now()));
  const note = (what) => steps.push([performance.now(), what]);
  realtime.connectionState$.subscribe(note);
  realtime.diagnostics$.subscribe((event) => {
    if (event.name === 'videoStall') note(event.stalled ? 'stalled' : 'recovered');
    if (event.name === 'stallRecovery') note(event.step);
    if (event.name.startsWith('media')) note(event.name);
  });
  const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  await realtime.connect({ model }, camera);
  return {
    now: async () => performance.now(),
    token: async () => realtime.subscribeToken,
    seen: async () => ({ frames, steps }),
    close: async () => {
      await realtime.disconnect();
      await camera.dispose();
      await client.release();
    },
  };
}

let site = null;
/** One browser, and the page. */
async function openSite() {
  const { chromium } = await import('playwright-core');
  const { servePages } = await import('./browser/serve-pages.mjs');
  const { chromiumFlags, chromiumPath } = await loadSource('testkit/chromium.ts');
  const server = await servePages(['recovery']);
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
  return {
    browser,
    url: `${server.url}recovery`,
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function openChromium() {
  site ??= await openSite();
  const context = await site.browser.newContext({ permissions: ['camera'] });
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => globalThis.recovery !== undefined);
  await page.evaluate((given) => globalThis.recovery.connect(...given), [config, model]);
  return {
    now: () => page.evaluate(() => globalThis.performance.now()),
    token: () => page.evaluate(() => globalThis.recovery.token()),
    seen: () => page.evaluate(() => globalThis.recovery.seen()),
    close: () => context.close(),
  };
}

/** Milliseconds without a frame, and what happened meanwhile. */
async function measure(open, { begin }) {
  const session = await open();
  const { roomName: room } = decodeSubscribeToken(await session.token());
  const until = async (holds) => {
    for (;;) {
      const seen = await session.seen();
      if (holds(seen)) return seen;
      await delay(250);
    }
  };
  await until(({ frames }) => frames.length > 90);
  const beganMs = await session.now();
  begin(room);
  await delay(blackoutMs);
  const endedMs = await session.now();
  restore(room);
  const { frames, steps } = await until((seen) => gapOf(seen.frames, beganMs) !== null);
  await session.close();
  const { lastMs, nextMs } = gapOf(frames, beganMs);
  return {
    gapMs: nextMs - lastMs,
    afterEndMs: nextMs - endedMs,
    steps: steps
      .filter(([atMs]) => atMs >= lastMs && atMs <= nextMs + 2_000)
      .map(([atMs, what]) => `${((atMs - lastMs) / 1000).toFixed(1)} ${what}`),
  };
}

/**
 * The pause that the loss made: from the last frame before it to the first of those that flow again. A single one does
 * not count: an element shows its old picture once more when it is given another stream.
 */
function gapOf(frames, fromMs) {
  const last = frames.findIndex((atMs, n) => frames[n + 1] > fromMs && frames[n + 1] - atMs > 1_500);
  const flows = (n) => frames[n + 10] - frames[n] < 2_000;
  const next = frames.findIndex((_, n) => last >= 0 && n > last && flows(n));
  return next < 0 ? null : { lastMs: frames[last], nextMs: frames[next] };
}

let missed = 0;
for (const name of values.case.split(',')) {
  const { says, from, ...fault } = cases[name];
  console.log(`\n${name}: ${says}`);
  for (const platform of values.only.split(',')) {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const { gapMs, afterEndMs, steps } = await measure(platforms[platform], fault);
      const judgedMs = from === 'the last frame' ? gapMs : afterEndMs;
      const isMissed = judgedMs > targetMs;
      if (isMissed) missed += 1;
      const verdict = `${(judgedMs / 1000).toFixed(1)} s after ${from}${isMissed ? `, MISSED: ${targetMs / 1000} s` : ''}`;
      console.log(`  ${platform}: still for ${(gapMs / 1000).toFixed(1)} s; moves ${verdict}`);
      console.log(`    seconds after the last frame: ${steps.join(', ')}`);
    }
  }
}
await site?.close();
await simulator.close();
await media.close();
process.exitCode = missed > 0 ? 1 : 0;

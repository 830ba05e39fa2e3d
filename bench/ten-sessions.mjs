// Concurrent echo sessions at 320x180@15 with real media both ways: frames per second and freezes of each.
// Run `npm run build` first, then `node bench/ten-sessions.mjs [--sessions 10] [--seconds 20]`. The clients are in this
// process and share the machine with the server. Exits with 1 when a session froze.
import { availableParallelism, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createDecartClient } from 'decart-rx/node';
import { startSimulator } from 'decart-rx-simulator';
import { skip, takeUntil, timer } from 'rxjs';

const { values } = parseArgs({
  options: { sessions: { type: 'string', default: '10' }, seconds: { type: 'string', default: '20' } },
});
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };
const simulator = await startSimulator();
const clients = Array.from({ length: Number(values.sessions) }, () =>
  createDecartClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl }),
);

/** Counts frames and freezes as webrtc-stats does: a gap of more than three times the mean, and 150 ms more than it. */
function watch(frames$, doneAfterMs) {
  const gaps = [];
  let lastMs = null;
  const seen = { frames: 0, freezes: 0, longestMs: 0 };
  return new Promise((resolve) => {
    frames$.pipe(skip(15), takeUntil(timer(doneAfterMs))).subscribe({
      next: () => {
        const nowMs = performance.now();
        if (lastMs !== null) {
          const gap = nowMs - lastMs;
          const mean = gaps.length === 0 ? gap : gaps.reduce((sum, each) => sum + each, 0) / gaps.length;
          if (gap > Math.max(3 * mean, mean + 150)) seen.freezes += 1;
          seen.longestMs = Math.max(seen.longestMs, gap);
          gaps.push(gap);
          if (gaps.length > 30) gaps.shift();
        }
        lastMs = nowMs;
        seen.frames += 1;
      },
      complete: () => resolve(seen),
    });
  });
}

const cameras = [];
const remotes = await Promise.all(
  clients.map(async ({ realtime }) => {
    const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
    cameras.push(camera);
    return realtime.connect({ model }, camera);
  }),
);
const seconds = Number(values.seconds);
const before = (await simulator.stats()).process;
const beganMs = performance.now();
const sessions = await Promise.all(remotes.map(({ frames$ }) => watch(frames$, seconds * 1000)));
const after = (await simulator.stats()).process;
const cpu = ((after.cpuMs - before.cpuMs) / (performance.now() - beganMs)) * 100;
for (const [index, { frames, freezes, longestMs }] of sessions.entries()) {
  console.log(
    `session ${index + 1}: ${(frames / seconds).toFixed(1)} fps, ${freezes} freezes, longest gap ${longestMs.toFixed(0)} ms`,
  );
}
const freezes = sessions.reduce((sum, each) => sum + each.freezes, 0);
console.log(
  `${sessions.length} sessions, ${seconds} s: ${freezes} freezes; media process ${cpu.toFixed(0)} % of a core, ${(after.rssBytes / 2 ** 20).toFixed(0)} MB RSS`,
);
// Freezes on a machine that is busy with something else say nothing.
console.log(`load average: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores`);
for (const camera of cameras) await camera.dispose();
for (const client of clients) await client.release();
await simulator.close();
process.exitCode = freezes > 0 ? 1 : 0;

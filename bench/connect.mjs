// Time from connect() to the first remote frame, on loopback, warm, against a program that does the same by hand.
// Usage: npm run build && node bench/connect.mjs [--runs N] [--check]
// --check: exit code 1 when the median is above 1.15 times that of the program by hand.
import { parseArgs } from 'node:util';
import { createDecartClient } from 'decart-rx/node';
import { startSimulator } from 'decart-rx-simulator';
import { filter, firstValueFrom, switchMap } from 'rxjs';

const TARGET = 1.15;
const WARM_UP_RUNS = 2;
const model = { name: 'bench-360p', urlPath: '/v1/stream', width: 640, height: 360, fps: 30 };

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, check: { type: 'boolean' } } });
const runs = Number(values.runs);

async function connectByPackage({ client }) {
  const { realtime } = client;
  const local = await realtime.createLocalVideoStream(model, { source: 'test-pattern', mirror: 'off' });
  const beganMs = performance.now();
  const phases = [];
  const watching = realtime.diagnostics$.subscribe((diagnostic) => {
    if (diagnostic.name === 'phaseTiming') phases.push([diagnostic.phase, diagnostic.durationMs]);
  });
  const firstFrame = firstValueFrom(
    realtime.remoteStream$.pipe(
      filter((stream) => stream !== null),
      switchMap(({ frames$ }) => frames$),
    ),
  );
  await realtime.connect({ model }, local);
  await firstFrame;
  const firstFrameMs = performance.now() - beganMs;
  return {
    firstFrameMs,
    phases,
    async close() {
      watching.unsubscribe();
      await realtime.disconnect();
      await local.dispose();
    },
  };
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, q) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))];
const median = (numbers) => quantile(numbers, 0.5);
const ms = (number) => `${number.toFixed(1).padStart(7)} ms`;
const line = (name, numbers) =>
  `${name.padEnd(14)} median ${ms(median(numbers))}   quartiles ${ms(quantile(numbers, 0.25))} ${ms(quantile(numbers, 0.75))}`;

// In development, the native library logs to stdout.
process.env.NODE_ENV ??= 'production';
const simulator = await startSimulator({ models: [model.name] });
const client = createDecartClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
const { connectByHand } = await import('./connect-floor.mjs');
const contenders = {
  package: () => connectByPackage({ client }),
  'by hand': () => connectByHand({ baseUrl: simulator.baseUrl, apiKey: simulator.apiKey, model }),
};
const times = { package: [], 'by hand': [] };
const phases = new Map();
for (let run = -WARM_UP_RUNS; run < runs; run += 1) {
  // Turn about, so that neither always goes first.
  const order = run % 2 === 0 ? ['package', 'by hand'] : ['by hand', 'package'];
  for (const name of order) {
    const connected = await contenders[name]();
    if (run >= 0) {
      times[name].push(connected.firstFrameMs);
      for (const [phase, durationMs] of connected.phases ?? []) {
        phases.set(phase, [...(phases.get(phase) ?? []), durationMs]);
      }
    }
    await connected.close();
  }
}
await client.release();
await simulator.close();

const ratio = median(times.package) / median(times['by hand']);
console.log(`connect() to first remote frame, ${runs} runs each, turn about, 640x360 echo on loopback`);
for (const [name, numbers] of Object.entries(times)) console.log(`  ${line(name, numbers)}`);
console.log(`  ratio of medians ${ratio.toFixed(3)} (target: at most ${TARGET})`);
for (const [phase, numbers] of phases) console.log(`    ${line(phase, numbers)}`);
if (values.check && ratio > TARGET) process.exitCode = 1;

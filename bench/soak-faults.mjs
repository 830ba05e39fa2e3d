// One session for a long time, with a random fault every few seconds: does it come back from each, and does anything
// stay behind? Run `npm run build` first, then `node bench/soak-faults.mjs [--minutes 60] [--seed 1] [--results FILE]`.
// Exits with 1 when a fault was not overcome, or something is left open.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { slopeOf } from './slope.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    results: { type: 'string' },
    part: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };
/** A session that shows no frame for so long after a fault has passed is counted as lost. */
const lostAfterMs = 60_000;
const exitLimitMs = 30_000;
const sampleEveryMs = Math.min(20_000, (minutes * 60_000) / 30);

const parts = { simulator, client };
await (values.part === undefined ? supervise() : parts[values.part]());

/** Each part in a process of its own, where garbage can be collected before memory is read. */
function start(part) {
  return fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--part', part], {
    execArgv: ['--expose-gc'],
  });
}

async function supervise() {
  const child = start('client');
  let report;
  child.on('message', (message) => {
    report = message;
    // Nothing is left to do: a process that stays is kept by something that was not given back.
    setTimeout(() => {
      report.missed.push(`the process did not end within ${exitLimitMs / 1000} s after release()`);
      child.kill();
    }, exitLimitMs).unref();
  });
  const [code] = await once(child, 'exit');
  if (!report) throw new Error(`The client ended with ${code} and without a report.`);
  if (values.results) writeFileSync(values.results, `${JSON.stringify(report, null, 2)}\n`);
  print(report);
  process.exitCode = report.missed.length > 0 || code !== 0 ? 1 : 0;
}

async function simulator() {
  const { startSimulator } = await import('decart-rx-simulator');
  const running = await startSimulator({ receivedLimit: 10, inProcess: true, seed: Number(values.seed) });
  process.on('disconnect', () => process.exit(0));
  process.on('message', async ({ faults }) => {
    if (faults) for (const fault of faults) running.faults.apply(fault);
    globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    process.send({
      serverHeapKb: heapUsed / 1024,
      serverRssKb: rss / 1024,
      serverRooms: (await running.stats()).rooms,
    });
  });
  process.send({ apiKey: running.apiKey, baseUrl: running.baseUrl });
}

/** What can go wrong, as the simulator's faults; `forMs` is how long one lasts before it is taken back. */
function faultKinds(random) {
  const upTo = (most) => Math.ceil(random() * most);
  const drop = (code) => ({ kind: 'drop-socket', code, reason: 'soak' });
  return {
    'socket dropped': () => ({ faults: [drop([1001, 1006, 1011, 1012][upTo(4) - 1])] }),
    'join refused': () => ({
      faults: [{ kind: 'refuse-joins', times: 1, error: 'No capacity', closeCode: 1011 }, drop(1011)],
    }),
    'join unanswered': () => ({ faults: [{ kind: 'silent-joins', times: 1 }, drop(1006)] }),
    'upgrade refused': () => ({ faults: [{ kind: 'refuse-upgrade', status: 503, times: 1 }, drop(1006)] }),
    'frame that is no JSON': () => ({ faults: [{ kind: 'send-text', text: '{"type":' }] }),
    'binary frame': () => ({ faults: [{ kind: 'send-binary', bytes: [222, 202, 251, 173] }] }),
    'ack lost': () => ({ faults: [{ kind: 'ack', mode: { kind: 'lost' }, times: 1 }] }),
    'ack refused': () => ({ faults: [{ kind: 'ack', mode: { kind: 'failed', error: 'not this one' }, times: 1 }] }),
    kicked: () => ({ faults: [{ kind: 'kick-from-room' }] }),
    'media signalling cut': () => ({ faults: [{ kind: 'cut-media-signalling' }] }),
    'full reconnect': () => ({ faults: [{ kind: 'force-full-reconnect' }] }),
    'packets lost': () => ({ faults: [{ kind: 'network-change', lossPercent: upTo(30) }], forMs: 4_000 }),
    'packets late': () => ({
      faults: [{ kind: 'network-change', delayMs: upTo(400), jitterMs: upTo(100) }],
      forMs: 4_000,
    }),
    'little bandwidth': () => ({ faults: [{ kind: 'network-change', bandwidthKbps: 100 + upTo(400) }], forMs: 4_000 }),
    'no packets': () => ({ faults: [{ kind: 'network-change', blackout: true }], forMs: upTo(3_000) }),
    'inference stalled': () => ({ faults: [{ kind: 'stall-inference', stalled: true }], forMs: upTo(5_000) }),
    'inference late': () => ({ faults: [{ kind: 'inference-lag', lagMs: upTo(1_000) }], forMs: 3_000 }),
    'generation ended': () => ({ faults: [{ kind: 'end-generation', reason: 'soak', closeAfterMs: 0 }] }),
  };
}

function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function client() {
  const { createDecartClient } = await import('decart-rx/node');
  const { EMPTY, filter, firstValueFrom, race, Subject, switchMap, timer } = await import('rxjs');
  const service = start('simulator');
  const [config] = await once(service, 'message');
  const ask = async (message) => {
    service.send(message);
    return (await once(service, 'message'))[0];
  };
  const unhandled = [];
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

  const sdk = createDecartClient(config);
  const { realtime } = sdk;
  const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  const counts = { frames: 0, rooms: 0, reconnects: 0 };
  const errors = {};
  const count = (code) => {
    errors[code] = (errors[code] ?? 0) + 1;
  };
  const frame$ = new Subject();
  realtime.remoteStream$.pipe(switchMap((stream) => stream?.frames$ ?? EMPTY)).subscribe(() => {
    counts.frames += 1;
    frame$.next();
  });
  realtime.remoteStream$.pipe(filter((stream) => stream !== null)).subscribe(() => {
    counts.rooms += 1;
  });
  realtime.diagnostics$.subscribe(({ name }) => {
    if (name === 'reconnect') counts.reconnects += 1;
  });
  let isOver = true;
  realtime.connectionState$.subscribe((state) => {
    isOver = state === 'disconnected';
  });
  realtime.errors$.subscribe(({ code }) => count(code));
  /** Waits for a frame; a session that has ended is followed by another. `false` when none comes. */
  const frames = async () => {
    const beganMs = performance.now();
    while (performance.now() - beganMs < lostAfterMs) {
      if (isOver) await realtime.connect({ model, initialPrompt: { text: 'soak' } }, camera).catch(() => undefined);
      const step = await firstValueFrom(
        race(frame$.pipe(switchMap(() => ['frame'])), timer(500).pipe(switchMap(() => ['later']))),
      );
      if (step === 'frame') return true;
    }
    return false;
  };

  const samples = [];
  const sample = async () => {
    const server = await ask({});
    globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    const handles = process.getActiveResourcesInfo().length;
    samples.push({
      minute: (performance.now() - beganMs) / 60_000,
      heapKb: heapUsed / 1024,
      rssKb: rss / 1024,
      handles,
      ...counts,
      ...server,
    });
  };

  const random = seeded(Number(values.seed));
  const kinds = faultKinds(random);
  const names = Object.keys(kinds);
  const pauses = Object.fromEntries(names.map((name) => [name, []]));
  const lost = [];
  const beganMs = performance.now();
  const loads = [];
  await frames();
  let sampledMs = Number.NEGATIVE_INFINITY;
  for (let round = 0; performance.now() - beganMs < minutes * 60_000; round += 1) {
    const name = names[Math.floor(random() * names.length)];
    const { faults, forMs = 0 } = kinds[name]();
    await ask({ faults });
    void realtime.setPrompt(`prompt ${round}`).catch(({ code }) => count(`prompt ${code}`));
    await delay(forMs);
    await ask({ faults: forMs > 0 ? [{ kind: 'clear' }] : [] });
    const sinceMs = performance.now();
    // What is cut takes a moment to be noticed: frames on their way do not count.
    await delay(300);
    if (await frames()) pauses[name].push(performance.now() - sinceMs);
    else lost.push(`${name} in round ${round}`);
    await ask({ faults: [{ kind: 'clear' }] });
    await delay(500 + random() * 2_000);
    if (performance.now() - sampledMs < sampleEveryMs) continue;
    sampledMs = performance.now();
    loads.push(loadavg()[0]);
    await sample();
  }
  const ranMinutes = (performance.now() - beganMs) / 60_000;
  await sdk.release();
  await camera.dispose();
  const { serverRooms } = await ask({});
  service.disconnect();
  await once(service, 'exit');
  // Node lets go of the process's own handle after the immediates of this turn.
  await setImmediate();
  await setImmediate();
  // The pipes of stdout and stderr and the supervisor's channel are not ours.
  const left = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS)/.test(name));

  const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
  const rounded = (object) =>
    Object.fromEntries(Object.entries(object).map(([key, n]) => [key, Math.round(n * 10) / 10]));
  const keys = ['heapKb', 'rssKb', 'serverHeapKb', 'serverRssKb', 'handles'];
  const missed = [
    ...lost.map((text) => `no frame within ${lostAfterMs / 1000} s after: ${text}`),
    ...unhandled.map((text) => `an unhandled rejection: ${text}`),
    ...(left.length > 0 ? [`open at the end: ${left.join(', ')}`] : []),
    ...(serverRooms > 0 ? [`${serverRooms} rooms at the end`] : []),
  ];
  process.send(
    {
      date: new Date().toISOString().slice(0, 16),
      node: process.version,
      minutes: Math.round(ranMinutes * 10) / 10,
      seed: Number(values.seed),
      cores: availableParallelism(),
      load: rounded({ mean: loads.reduce((sum, each) => sum + each, 0) / loads.length, most: Math.max(...loads) }),
      ...counts,
      errors,
      faults: Object.fromEntries(
        names
          .filter((name) => pauses[name].length > 0)
          .map((name) => {
            const ms = sorted(pauses[name]);
            const medianMs = ms[Math.floor(ms.length / 2)];
            return [name, { times: ms.length, ...rounded({ medianMs, mostMs: ms.at(-1) }) }];
          }),
      ),
      perMinute: Object.fromEntries(keys.map((key) => [key, rounded(slopeOf(samples, 'minute', key))])),
      perRoom: Object.fromEntries(keys.map((key) => [key, rounded(slopeOf(samples, 'rooms', key))])),
      missed,
    },
    () => process.disconnect(),
  );
}

function print({ minutes: ran, load, frames, rooms, reconnects, errors, faults, perMinute, perRoom, missed }) {
  console.log(`${ran} min at a load of ${load.mean}: ${frames} frames, ${rooms} rooms, ${reconnects} reconnects`);
  for (const [name, { times, medianMs, mostMs }] of Object.entries(faults)) {
    console.log(`  ${name}: ${times} times, frames again after ${medianMs} ms (median), ${mostMs} ms at most`);
  }
  console.log(`  errors: ${JSON.stringify(errors)}`);
  for (const [key, { first, last, rise, error }] of Object.entries(perMinute)) {
    const room = perRoom[key];
    console.log(`  ${key}: ${first} → ${last}; ${rise} ± ${error} per minute, ${room.rise} ± ${room.error} per room`);
  }
  for (const text of missed) console.log(`MISSED: ${text}`);
}

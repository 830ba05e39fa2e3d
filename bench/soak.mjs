// Whole sessions one after the other, with real media both ways: does anything stay behind, in the client or in the
// simulator? The floor is the native library alone, which keeps some memory of each room by itself; it is measured in
// the same run. Run `npm run build` first, then `node bench/soak.mjs [--cycles 500] [--floor-cycles 150] [--client-each]
// [--results FILE]`. `--client-each`: a client for each session instead of one for all. Exits with 1 when a target is missed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '500' },
    'floor-cycles': { type: 'string', default: '150' },
    'client-each': { type: 'boolean', default: false },
    results: { type: 'string' },
    part: { type: 'string' },
  },
});
const size = { width: 160, height: 96 };
/** Kilobytes per cycle over the second half, when caches are warm; of the client's memory, above the floor. */
const most = { heapKb: 5, serverHeapKb: 10, serverRssKb: 60, rssKb: 100 };
/** Threads that a process may have more at the end than when its caches are warm: those of the pools come late. */
const mostThreads = 2;

const parts = { simulator, floor, client };
await (values.part === undefined ? supervise() : parts[values.part]());

/** Each part in a process of its own, where garbage can be collected before memory is read. */
function start(part) {
  return fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--part', part], {
    execArgv: ['--expose-gc'],
  });
}

async function supervise() {
  const wrong = [];
  const reports = {};
  for (const part of ['floor', 'client']) {
    const child = start(part);
    child.once('message', (report) => {
      reports[part] = report;
    });
    const [code] = await once(child, 'exit');
    if (code !== 0) wrong.push(`the ${part} ended with ${code}`);
  }
  for (const [part, { cycles, perCycleMs, slopes, threads, left, rooms }] of Object.entries(reports)) {
    console.log(`${part}: ${cycles} cycles, ${perCycleMs.toFixed(0)} ms each`);
    for (const [key, { first, last, rise, error }] of Object.entries(slopes)) {
      const mb = (kb) => (kb / 1024).toFixed(1);
      const name = key.replace('Kb', '');
      console.log(`  ${name}: ${mb(first)} → ${mb(last)} MB, ${rise.toFixed(1)} ± ${error.toFixed(1)} KB per cycle`);
      const floorRise = key === 'rssKb' ? (reports.floor?.slopes.rssKb.rise ?? 0) : 0;
      const excess = rise - floorRise - 2 * error;
      if (part === 'client' && excess > most[key]) wrong.push(`${name} grows by ${rise.toFixed(1)} KB per cycle`);
    }
    if (threads) {
      console.log(`  threads: ${threads.join(' → ')}`);
      if (threads[1] - threads[0] > mostThreads) wrong.push(`the ${part} grows from ${threads.join(' to ')} threads`);
    }
    const rises = Object.entries(slopes).map(([key, { rise }]) => [key, Number(rise.toFixed(1))]);
    const each = part === 'client' && values['client-each'];
    console.log(JSON.stringify({ bench: 'soak', part, each, cycles, perCycle: Object.fromEntries(rises), threads }));
    console.log(`  open at the end: ${left.length === 0 ? 'nothing' : left.join(', ')}; rooms: ${rooms}`);
    if (left.length > 0 || rooms > 0) wrong.push(`the ${part} leaves something open`);
  }
  if (values.results) {
    const machine = { cores: availableParallelism(), load: Math.round(loadavg()[0] * 10) / 10 };
    const conditions = { date: new Date().toISOString().slice(0, 16), node: process.version, ...machine };
    writeFileSync(values.results, `${JSON.stringify({ ...conditions, ...reports, missed: wrong }, null, 2)}\n`);
  }
  for (const text of wrong) console.log(`MISSED: ${text}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

async function simulator() {
  const { startSimulator } = await import('decart-rx-simulator');
  const running = await startSimulator({ receivedLimit: 10, inProcess: true });
  process.on('disconnect', () => process.exit(0));
  process.on('message', async () => {
    globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    process.send({ serverHeapKb: heapUsed / 1024, serverRssKb: rss / 1024, rooms: (await running.stats()).rooms });
  });
  process.send({ apiKey: running.apiKey, baseUrl: running.baseUrl });
}

/** Runs `cycle` so often, and reports to the supervisor how memory went. */
async function soak(cycles, service, cycle, end) {
  const every = Math.max(1, Math.round(cycles / 25));
  const samples = [];
  const beganMs = performance.now();
  for (let done = 1; done <= cycles; done += 1) {
    await cycle();
    if (done % every !== 0) continue;
    globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    service.send('memory');
    const [server] = await once(service, 'message');
    samples.push({ cycle: done, heapKb: heapUsed / 1024, rssKb: rss / 1024, threads: threadCount(), ...server });
  }
  const perCycleMs = (performance.now() - beganMs) / cycles;
  service.send('memory');
  const [{ rooms }] = await once(service, 'message');
  await end();
  service.disconnect();
  await once(service, 'exit');
  // Node lets go of the process's own handle after the immediates of this turn.
  await setImmediate();
  await setImmediate();
  // The pipes of stdout and stderr and the supervisor's channel are not ours.
  const left = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS)/.test(name));
  const keys = ['heapKb', 'rssKb', 'serverHeapKb', 'serverRssKb'];
  const slopes = Object.fromEntries(keys.map((key) => [key, slopeOf(samples, key)]));
  const half = samples[Math.floor(samples.length / 2)];
  const threads = half.threads === null ? null : [half.threads, samples.at(-1).threads];
  process.send({ cycles, perCycleMs, slopes, threads, left, rooms }, () => process.disconnect());
}

/** Of this process; `null` where the system does not list them. */
function threadCount() {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return null;
  }
}

/** Least squares over the second half, per cycle, with its standard error. */
function slopeOf(samples, key) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const meanX = mean(half.map(({ cycle }) => cycle));
  const meanY = mean(half.map((each) => each[key]));
  const spread = half.reduce((sum, { cycle }) => sum + (cycle - meanX) ** 2, 0);
  const rise = half.reduce((sum, each) => sum + (each.cycle - meanX) * (each[key] - meanY), 0) / spread;
  const errors = half.reduce((sum, each) => sum + (each[key] - meanY - rise * (each.cycle - meanX)) ** 2, 0);
  const error = Math.sqrt(errors / Math.max(1, half.length - 2) / spread);
  return { first: samples[0][key], last: samples.at(-1)[key], rise, error };
}

async function client() {
  const { createDecartClient } = await import('decart-rx/node');
  const { firstValueFrom } = await import('rxjs');
  const service = start('simulator');
  const [config] = await once(service, 'message');
  let sdk = createDecartClient(config);
  const model = { name: 'lucy-2.1', urlPath: '/v1/stream', ...size, fps: 15 };
  const camera = await sdk.realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  const cycle = async () => {
    const remote = await sdk.realtime.connect({ model }, camera);
    await firstValueFrom(remote.frames$);
    await sdk.realtime.disconnect();
    if (!values['client-each']) return;
    await sdk.release();
    sdk = createDecartClient(config);
  };
  await soak(Number(values.cycles), service, cycle, async () => {
    await camera.dispose();
    await sdk.release();
  });
}

/** The same with nothing but a socket and the native library. */
async function floor() {
  process.env.NODE_ENV = 'production';
  const rtc = await import('@livekit/rtc-node');
  const { default: WebSocket } = await import('ws');
  const service = start('simulator');
  const [{ baseUrl, apiKey }] = await once(service, 'message');
  const pixels = new Uint8Array((size.width * size.height * 3) / 2).fill(100);
  const cycle = async () => {
    const socket = new WebSocket(`${baseUrl}/v1/stream?api_key=${apiKey}&model=lucy-2.1`);
    socket.on('open', () => socket.send('{"type":"livekit_join","passthrough":true}'));
    const [data] = await once(socket, 'message');
    const { livekit_url: url, token } = JSON.parse(data);
    const room = new rtc.Room();
    const subscribed = new Promise((resolve) => room.on(rtc.RoomEvent.TrackSubscribed, resolve));
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
    const source = new rtc.VideoSource(size.width, size.height);
    const track = rtc.LocalVideoTrack.createVideoTrack('camera', source);
    const options = { source: rtc.TrackSource.SOURCE_CAMERA, videoCodec: rtc.VideoCodec.VP8 };
    await room.localParticipant.publishTrack(track, new rtc.TrackPublishOptions(options));
    const frame = new rtc.VideoFrame(pixels, size.width, size.height, rtc.VideoBufferType.I420);
    const timer = setInterval(() => source.captureFrame(frame), 66);
    const reader = new rtc.VideoStream(await subscribed).getReader();
    await reader.read();
    clearInterval(timer);
    await reader.cancel();
    await track.close(true);
    await room.disconnect();
    socket.close();
    await once(socket, 'close');
  };
  await soak(Number(values['floor-cycles']), service, cycle, () => rtc.dispose());
}

// What the simulator costs: its start, a session's share of the CPU and memory in each mode, many sessions at once,
// and whether sessions that come and go leave anything behind. Run `npm run build` first, then
// `node bench/simulator.mjs [--seconds 10] [--cycles 500]`. Exits with 1 when a target is missed.
import { execFileSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as rtc from '@livekit/rtc-node';
import WebSocket from 'ws';

const built = process.env.SIMULATOR_MODULE ?? import.meta.resolve('decart-rx-simulator');
const { startSimulator } = await import(built);
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, cycles: { type: 'string', default: '500' } },
});
const width = 640;
const height = 360;
const targets = { startMs: 1_000, echoCpuPercent: 10, echoRssMb: 130, restyleFps: 12 };
const missed = [];
const check = (isMet, text) => {
  if (!isMet) missed.push(text);
};
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Fresh processes, so that nothing is warm; a bare Node process is the floor, measured in turn with them. */
function startUp() {
  const script = (mode) => `const { startSimulator } = await import(${JSON.stringify(built)});
    const from = performance.now();
    const simulator = await startSimulator({ mode: '${mode}' });
    console.log(performance.now() - from);
    await simulator.close();`;
  const run = (code) => Number(execFileSync(process.execPath, ['--input-type=module', '-e', code]).toString());
  const floors = [];
  const times = { echo: [], restyle: [] };
  for (let round = 0; round < 7; round += 1) {
    const from = performance.now();
    run('console.log(0)');
    floors.push(performance.now() - from);
    for (const mode of ['echo', 'restyle']) times[mode].push(run(script(mode)));
  }
  for (const mode of ['echo', 'restyle']) {
    const ms = median(times[mode]);
    console.log(
      `start (${mode}): median ${ms.toFixed(0)} ms, most ${Math.max(...times[mode]).toFixed(0)} ms; a bare node process: ${median(floors).toFixed(0)} ms`,
    );
    check(ms < targets.startMs, `start (${mode}) took ${ms.toFixed(0)} ms`);
  }
}

/** A bare signaling client. Resolves with the room info. */
function join(simulator, prompt) {
  const socket = new WebSocket(`${simulator.baseUrl}/v1/stream?api_key=${simulator.apiKey}&model=lucy-latest`);
  const info = new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'livekit_join', passthrough: prompt === undefined }));
      if (prompt !== undefined) socket.send(JSON.stringify({ type: 'prompt', prompt, enhance_prompt: true }));
    });
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.type === 'livekit_room_info') resolve(message);
    });
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const leave = () => {
    socket.close();
    return closed;
  };
  return { info, leave };
}

async function session(mode) {
  const simulator = await startSimulator({ mode });
  const fromMs = performance.now();
  const signaling = join(simulator, 'a rainy neon street');
  const { livekit_url, token } = await signaling.info;
  const room = new rtc.Room();
  let frames = 0;
  let reader;
  const first = new Promise((resolve) => {
    room.on(rtc.RoomEvent.TrackSubscribed, async (track) => {
      reader = new rtc.VideoStream(track).getReader();
      while (!(await reader.read()).done) {
        frames += 1;
        resolve(performance.now() - fromMs);
      }
    });
  });
  await room.connect(livekit_url, token, { autoSubscribe: true, dynacast: false });
  const source = new rtc.VideoSource(width, height);
  const track = rtc.LocalVideoTrack.createVideoTrack('camera', source);
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    for (let y = 0; y < height; y += 1) data.fill(60 + (((y + count * 3) >> 2) & 127), y * width, (y + 1) * width);
    source.captureFrame(new rtc.VideoFrame(data, width, height, rtc.VideoBufferType.I420));
  }, 1000 / 30);
  await room.localParticipant.publishTrack(
    track,
    new rtc.TrackPublishOptions({
      source: rtc.TrackSource.SOURCE_CAMERA,
      videoCodec: rtc.VideoCodec.VP8,
      videoEncoding: { maxBitrate: 2_000_000n, maxFramerate: 30 },
    }),
  );
  const firstFrameMs = await first;
  await delay(2_000);
  const before = { ...(await simulator.stats()).process, atMs: performance.now(), frames };
  await delay(Number(values.seconds) * 1_000);
  const after = { ...(await simulator.stats()).process, atMs: performance.now(), frames };
  const seconds = (after.atMs - before.atMs) / 1_000;
  const cpuPercent = (after.cpuMs - before.cpuMs) / seconds / 10;
  const rssMb = after.rssBytes / 2 ** 20;
  const fps = (after.frames - before.frames) / seconds;
  console.log(
    `${mode} ${width}x${height}@30: ${cpuPercent.toFixed(1)} % of a core, ${rssMb.toFixed(0)} MB RSS, ${fps.toFixed(1)} fps back, first frame after ${firstFrameMs.toFixed(0)} ms`,
  );
  clearInterval(timer);
  await reader.cancel();
  await track.close(true);
  await room.disconnect();
  await signaling.leave();
  await simulator.close();
  if (mode === 'restyle') check(fps >= targets.restyleFps, `restyle: ${fps.toFixed(1)} fps`);
  else {
    check(cpuPercent <= targets.echoCpuPercent, `echo: ${cpuPercent.toFixed(1)} % of a core`);
    check(rssMb <= targets.echoRssMb, `echo: ${rssMb.toFixed(0)} MB`);
  }
}

async function crowd() {
  const simulator = await startSimulator({ media: 'none' });
  const fromMs = performance.now();
  const sessions = Array.from({ length: 200 }, () => join(simulator, 'a crowd'));
  await Promise.all(sessions.map(({ info }) => info));
  console.log(`200 signaling-only sessions at once: all joined after ${(performance.now() - fromMs).toFixed(0)} ms`);
  await Promise.all(sessions.map(({ leave }) => leave()));
  await simulator.close();
}

/** Sessions with rooms, one after the other. Memory of both processes, after a warm-up, at both ends. */
async function cycles() {
  const count = Number(values.cycles);
  const simulator = await startSimulator({ receivedLimit: 10 });
  const memory = async () => {
    globalThis.gc?.();
    return {
      media: (await simulator.stats()).process.rssBytes / 2 ** 20,
      here: process.memoryUsage().heapUsed / 2 ** 20,
      rooms: (await simulator.stats()).rooms,
    };
  };
  const samples = [];
  for (let cycle = 0; cycle < count; cycle += 1) {
    if (cycle % Math.max(1, count / 5) === 0) samples.push(await memory());
    const { info, leave } = join(simulator, `cycle ${cycle}`);
    await info;
    await leave();
  }
  samples.push(await memory());
  const shown = (key) => samples.map((sample) => sample[key].toFixed(0)).join(' ');
  console.log(`${count} sessions in turn: media process ${shown('media')} MB RSS, simulator ${shown('here')} MB heap`);
  check(samples.at(-1).rooms === 0, 'rooms are left over');
  await simulator.close();
}

startUp();
await crowd();
await cycles();
await session('echo');
await session('restyle');
await rtc.dispose();
for (const text of missed) console.log(`MISSED: ${text}`);
process.exitCode = missed.length > 0 ? 1 : 0;

// What a session costs the service's side, with the embedded media server and with a LiveKit server, in turn in one run:
// processor time per session, and so sessions per core. Run `npm run build` first, then
// `node bench/livekit-load.mjs [--sessions 2] [--rounds 3] [--seconds 6] [--write]`. The LiveKit server is LIVEKIT_SERVER or
// livekit-server on PATH. --write puts the figures into bench/results/livekit-load.json and docs/scaling.md. Linux only:
// the server's processor time is read from /proc.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createDecartClient } from 'decart-rx/node';
import { startSimulator } from 'decart-rx-simulator';
import { bufferCount, EMPTY, filter, firstValueFrom, map, of, switchMap, take, timeout } from 'rxjs';
import { findLiveKitServer, howToGet, startLiveKitServer, versionOf } from '../scripts/livekit/server.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    write: { type: 'boolean', default: false },
  },
});
const program = findLiveKitServer();
if (program === null) {
  console.log(howToGet);
  process.exit(1);
}
const [count, rounds, seconds] = [values.sessions, values.rounds, values.seconds].map(Number);
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 640, height: 360, fps: 30 };
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
const TICKS_PER_SECOND = 100;
/** A session that is not up to speed by then is measured as it is; its rate is in the result. */
const LONGEST_START_MS = 40_000;

/** Processor time that a process has used, user and system. */
function cpuMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
}

/**
 * Emits once frames come in full size and at nine tenths of the rate for a second. A LiveKit server leaves it to the
 * client's bandwidth estimate, which takes its time.
 */
const isUpToSpeed = () => (frames$) =>
  frames$.pipe(
    map(({ width }) => ({ width, atMs: performance.now() })),
    bufferCount(model.fps, 5),
    filter((second) => second[0].width === model.width && second.at(-1).atMs - second[0].atMs < 1_100),
    take(1),
    map(() => true),
  );

async function openSession({ apiKey, baseUrl }) {
  const client = createDecartClient({ apiKey, baseUrl });
  const { realtime } = client;
  const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  await realtime.connect({ model, initialPrompt: { text: 'a rainy neon street' } }, camera);
  const session = { frames: 0 };
  const frames$ = realtime.remoteStream$.pipe(switchMap((stream) => stream?.frames$ ?? EMPTY));
  const counting = frames$.subscribe(() => {
    session.frames += 1;
  });
  await firstValueFrom(frames$.pipe(isUpToSpeed(), timeout({ first: LONGEST_START_MS, with: () => of(false) })));
  session.end = async () => {
    counting.unsubscribe();
    await client.release();
    await camera.dispose();
  };
  return session;
}

/** Percent of a core for each session, of the media process and of the server beside it. */
async function measure(mode, server) {
  const media = server === null ? 'embedded' : { url: server.url, apiKey: server.apiKey, apiSecret: server.apiSecret };
  const simulator = await startSimulator({ mode, media });
  const used = async () => ({
    atMs: performance.now(),
    media: (await simulator.stats()).process.cpuMs,
    server: server === null ? 0 : cpuMsOf(server.pid),
  });
  const share = (from, to, key) => ((to[key] - from[key]) / (to.atMs - from.atMs)) * 100;
  const idle = [await used()];
  await delay(2_000);
  idle.push(await used());
  const sessions = [];
  for (let each = 0; each < count; each += 1) sessions.push(await openSession(simulator));
  const framesBefore = sessions.map(({ frames }) => frames);
  const before = await used();
  await delay(seconds * 1_000);
  const after = await used();
  const fps = sessions.map(({ frames }, index) => (frames - framesBefore[index]) / seconds);
  for (const { end } of sessions) await end();
  await simulator.close();
  const each = (key) => (share(before, after, key) - share(idle[0], idle[1], key)) / count;
  return {
    media: each('media'),
    server: each('server'),
    total: each('media') + each('server'),
    fps: fps.reduce((sum, one) => sum + one, 0) / count,
  };
}

const version = versionOf(program);
const server = await startLiveKitServer(program);
const samples = { echo: { embedded: [], livekit: [] }, restyle: { embedded: [], livekit: [] } };
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const mode of ['echo', 'restyle']) {
      samples[mode].embedded.push(await measure(mode, null));
      samples[mode].livekit.push(await measure(mode, server));
      const [own, other] = [samples[mode].embedded.at(-1), samples[mode].livekit.at(-1)];
      console.log(
        `round ${round + 1}, ${mode}: embedded ${own.total.toFixed(1)} % (${own.fps.toFixed(1)} fps), ` +
          `LiveKit ${other.server.toFixed(1)} % and inference ${other.media.toFixed(1)} % (${other.fps.toFixed(1)} fps)`,
      );
    }
  }
} finally {
  await server.close();
}

/** Milliseconds of processor time for each frame that came back: a machine that is busy delivers fewer of them. */
const perFrameMs = (percent, fps) => (percent * 10) / fps;
const rows = ['echo', 'restyle'].map((mode) => {
  const of = (kind, key) => median(samples[mode][kind].map((sample) => perFrameMs(sample[key], sample.fps)));
  const total = (sample) => perFrameMs(sample.total, sample.fps);
  const ratios = samples[mode].livekit.map((sample, round) => total(sample) / total(samples[mode].embedded[round]));
  const sessionsPerCore = (kind) => 1_000 / (of(kind, 'total') * model.fps);
  return {
    mode,
    embedded: { perFrameMs: of('embedded', 'total'), sessionsPerCore: sessionsPerCore('embedded') },
    livekit: {
      serverPerFrameMs: of('livekit', 'server'),
      inferencePerFrameMs: of('livekit', 'media'),
      sessionsPerCore: sessionsPerCore('livekit'),
      sessionsPerServerCore: 1_000 / (of('livekit', 'server') * model.fps),
    },
    ratio: median(ratios),
    samples: samples[mode],
  };
});
const result = {
  date: new Date().toISOString().slice(0, 10),
  livekitServer: version,
  node: process.version,
  machine: `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, ${process.platform} ${process.arch}`,
  load: loadavg()[0],
  video: `${model.width}x${model.height}@${model.fps}, VP8`,
  sessions: count,
  rounds,
  seconds,
  rows,
};
const table = tableOf(result);
console.log(table);
if (values.write) {
  const root = new URL('..', import.meta.url);
  mkdirSync(new URL('bench/results', root), { recursive: true });
  writeFileSync(new URL('bench/results/livekit-load.json', root), `${JSON.stringify(result, null, 2)}\n`);
  const page = new URL('docs/scaling.md', root);
  const text = readFileSync(page, 'utf8');
  const marked = /(<!-- livekit-load -->\n)[\s\S]*(\n<!-- \/livekit-load -->)/;
  if (!marked.test(text)) throw new Error('docs/scaling.md has no place for the figures: <!-- livekit-load -->.');
  writeFileSync(
    page,
    text.replace(marked, (_all, open, close) => `${open}\n${table}\n${close}`),
  );
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'format', '--write', 'bench/results', 'docs/scaling.md'], {
    cwd: fileURLToPath(root),
    stdio: 'ignore',
  });
}
process.exit(0);

function tableOf({ rows: all, ...run }) {
  const ms = (value) => `${value.toFixed(2)} ms`;
  const whole = (value) => value.toFixed(0);
  const cells = all.map(({ mode, embedded, livekit, ratio }) => [
    `\`${mode}\``,
    ms(embedded.perFrameMs),
    ms(livekit.serverPerFrameMs),
    ms(livekit.inferencePerFrameMs),
    whole(embedded.sessionsPerCore),
    whole(livekit.sessionsPerCore),
    whole(livekit.sessionsPerServerCore),
    `${ratio.toFixed(2)}×`,
  ]);
  const head = [
    'mode',
    'embedded',
    'LiveKit server',
    'its inference',
    'sessions per core, embedded',
    'sessions per core, LiveKit',
    'sessions per core, LiveKit server alone',
    'cost, LiveKit to embedded',
  ];
  const line = (row) => `| ${row.join(' | ')} |`;
  const lines = [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...cells.map(line), ''];
  const machine = `livekit-server ${run.livekitServer}, Node ${run.node}, ${run.machine}, load ${run.load.toFixed(1)}, ${run.date}.`;
  const how = `${run.video}; ${run.sessions} sessions, medians of ${run.rounds} rounds of ${run.seconds} s, both servers in turn in each.`;
  return [...lines, `${machine} ${how}`].join('\n');
}

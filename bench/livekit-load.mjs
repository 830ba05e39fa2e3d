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
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
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
  return { media: each('media'), server: each('server'), total: each('media') + each('server'), fps: Math.min(...fps) };
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

const rows = ['echo', 'restyle'].map((mode) => {
  const of = (kind, key) => median(samples[mode][kind].map((sample) => sample[key]));
  const ratios = samples[mode].livekit.map(({ total }, round) => total / samples[mode].embedded[round].total);
  return {
    mode,
    embedded: {
      percentOfCore: of('embedded', 'total'),
      sessionsPerCore: 100 / of('embedded', 'total'),
      fps: of('embedded', 'fps'),
    },
    livekit: {
      serverPercentOfCore: of('livekit', 'server'),
      inferencePercentOfCore: of('livekit', 'media'),
      sessionsPerCore: 100 / of('livekit', 'total'),
      sessionsPerServerCore: 100 / of('livekit', 'server'),
      fps: of('livekit', 'fps'),
    },
    ratio: median(ratios),
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
  const percent = (value) => `${value.toFixed(1)} %`;
  const whole = (value) => value.toFixed(0);
  const cells = all.map(({ mode, embedded, livekit, ratio }) => [
    `\`${mode}\``,
    percent(embedded.percentOfCore),
    percent(livekit.serverPercentOfCore),
    percent(livekit.inferencePercentOfCore),
    whole(embedded.sessionsPerCore),
    whole(livekit.sessionsPerCore),
    `${ratio.toFixed(2)}×`,
  ]);
  const head = [
    'mode',
    'embedded',
    'LiveKit server',
    'its inference',
    'sessions per core, embedded',
    'sessions per core, LiveKit',
    'cost, LiveKit to embedded',
  ];
  const line = (row) => `| ${row.join(' | ')} |`;
  const machine = `livekit-server ${run.livekitServer}, Node ${run.node}, ${run.machine}, ${run.date}.`;
  const how = `${run.video}; ${run.sessions} sessions, medians of ${run.rounds} rounds of ${run.seconds} s, both servers in turn in each.`;
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? '---' : '--:'))),
    ...cells.map(line),
    '',
    `${machine} ${how}`,
  ].join('\n');
}

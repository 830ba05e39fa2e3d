// Sessions on a cluster: two LiveKit servers and Redis on loopback, one address for both nodes.
//   node scripts/livekit-cluster.mjs [--if-found] [--results FILE] [--sessions 4]
// The server is LIVEKIT_SERVER or livekit-server on PATH, redis-server is on PATH. --if-found: without them nothing is
// run, which is said. Run `npm run build` first.
import { strict as assert } from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDecartClient } from 'decart-rx/node';
import { startSimulator } from 'decart-rx-simulator';
import { EMPTY, firstValueFrom, skip, switchMap, take } from 'rxjs';
import { startBalancer } from './livekit/balancer.mjs';
import { findRedis, howToGetRedis, startRedis } from './livekit/redis.mjs';
import { resultRow, writeResults } from './livekit/results.mjs';
import { findLiveKitServer, howToGet, startLiveKitServer, versionOf } from './livekit/server.mjs';

/** Long enough for any machine: it ends a run that hangs. */
const LIMIT_MS = 180_000;
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };

const { values } = parseArgs({
  options: {
    'if-found': { type: 'boolean', default: false },
    results: { type: 'string' },
    sessions: { type: 'string', default: '4' },
  },
});
const [program, redisProgram] = [findLiveKitServer(), findRedis()];
if (program === null || redisProgram === null) {
  const missing = program === null ? howToGet : howToGetRedis;
  console.log(values['if-found'] ? `Skipped: the tests on a cluster. ${missing}` : missing);
  process.exit(values['if-found'] ? 0 : 1);
}
const version = versionOf(program);
const most = Number(values.sessions);
const closing = [];
const rows = [];

const redis = await startRedis(redisProgram);
closing.push(() => redis.close());
const startNode = async () => {
  const node = await startLiveKitServer(program, { redis: redis.address });
  closing.push(() => node.close());
  return node;
};
const nodes = [await startNode(), await startNode()];
const ports = nodes.map(({ port }) => port);
const balancer = await startBalancer(ports);
closing.push(() => balancer.close());
const { apiKey, apiSecret } = nodes[0];
const simulator = await startOn(balancer.url);

try {
  const sessions = [];
  await step('Sessions spread over both nodes', async () => {
    // Nodes take rooms at random.
    while (sessions.length < most || new Set(await homesOf(sessions)).size < 2) {
      assert(sessions.length < 12, 'One node has taken all of 12 rooms.');
      sessions.push(await openSession(simulator));
    }
    await Promise.all(sessions.map(({ frames }) => frames(15)));
    const homes = await homesOf(sessions);
    return nodes.map(({ nodeId }) => homes.filter((home) => home === nodeId).length).join(' and ');
  });

  await step('A client connects through the node that does not hold its room', async () => {
    const [door, other] = nodes;
    const throughOne = await startOn(door.url);
    const visitors = [];
    do {
      assert(visitors.length < 12, 'No room came to the other node.');
      visitors.push(await openSession(throughOne));
    } while (!(await homesOf(visitors)).includes(other.nodeId));
    await visitors.at(-1).frames(30);
    for (const { end } of visitors) await end();
    return `after ${visitors.length} sessions`;
  });

  await step('A node is killed: its sessions come back on the other', () => lose(sessions, ['SIGKILL']));
  await step('A node shuts down: its sessions come back on the other', async () => {
    nodes.push(await startNode());
    ports.push(nodes.at(-1).port);
    // What is opened from now on may be on either; the node that is left holds all the others.
    for (let count = 0; count < 2; count += 1) sessions.push(await openSession(simulator));
    // At the second signal it does not wait for its participants any more. Two equal ones at once may arrive as one.
    return lose(sessions, ['SIGTERM', 'SIGINT']);
  });
  for (const { end } of sessions) await end();
} finally {
  for (const close of closing.reverse()) await close();
}
if (values.results) writeResults(values.results, rows);
process.exit(rows.every(({ result }) => result === 'works') ? 0 : 1);

async function startOn(url) {
  const started = await startSimulator({ media: { url, apiKey, apiSecret } });
  closing.push(() => started.close());
  return started;
}

async function openSession(host) {
  const client = createDecartClient({ apiKey: host.apiKey, baseUrl: host.baseUrl, httpBaseUrl: host.httpBaseUrl });
  const { realtime } = client;
  const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  await realtime.connect({ model }, camera);
  const frames$ = realtime.remoteStream$.pipe(switchMap((stream) => stream?.frames$ ?? EMPTY));
  const end = async () => {
    await client.release();
    await camera.dispose();
  };
  return {
    end,
    realtime,
    /** Resolves when so many more frames have come. */
    frames: (count) => firstValueFrom(frames$.pipe(skip(count - 1), take(1))),
    /** The id of the node that holds the session's room; `null`: it has none at present. */
    home: async () => {
      const present = await firstValueFrom(host.sessions$);
      const session = present.find(({ id }) => id === realtime.sessionId);
      return session === undefined ? null : redis.nodeOf(session.roomName);
    },
  };
}

function homesOf(sessions) {
  return Promise.all(sessions.map(({ home }) => home()));
}

/** Ends the node that holds the first session's room. Every session has its room on the node that is left, and frames. */
async function lose(sessions, signals) {
  const lostId = await sessions[0].home();
  const lost = nodes.find(({ nodeId }) => nodeId === lostId);
  const lostCount = (await homesOf(sessions)).filter((home) => home === lostId).length;
  ports.splice(ports.indexOf(lost.port), 1);
  const fromMs = performance.now();
  for (const signal of signals) lost.signal(signal);
  const times = await Promise.all(
    sessions.map(async (session) => {
      while ([lostId, null].includes(await session.home())) await delay(200);
      await session.frames(30);
      assert.equal(session.realtime.isConnected(), true);
      return (performance.now() - fromMs) / 1_000;
    }),
  );
  await lost.gone;
  return `${lostCount} of ${sessions.length} sessions were on it; all had frames after ${Math.max(...times).toFixed(1)} s`;
}

async function step(subject, work) {
  const limit = new AbortController();
  const tooLong = delay(LIMIT_MS, null, { signal: limit.signal }).then(() => {
    throw new Error(`not done after ${LIMIT_MS / 1_000} s`);
  });
  tooLong.catch(() => {});
  let row;
  try {
    row = resultRow('LiveKit cluster', subject, version, 'works', await Promise.race([work(), tooLong]));
  } catch (error) {
    row = resultRow('LiveKit cluster', subject, version, 'fails', error.message);
  }
  limit.abort();
  rows.push(row);
  console.log(`${row.result}: ${subject}: ${row.detail}`);
  if (row.result === 'fails') for (const { output } of nodes) console.log(output().slice(-4_000));
}

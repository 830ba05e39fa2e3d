// Broken input, live: datagrams, protobuf, SDP and JSON sent to a media server and a signaling server in a process of
// their own. Checks whether that process lives, answers and grows. Run `npm run build` first, then
// `node bench/fuzz.mjs [--inputs 100000] [--seed 1] [--results FILE]`. Exits with 1 when something is wrong.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SessionDescription } from '@livekit/protocol';
import WebSocket from 'ws';
import { loadSource } from './load-source.mjs';
import { slopeOf } from './slope.mjs';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    results: { type: 'string' },
    server: { type: 'boolean', default: false },
  },
});
/** Memory that may be kept, in MB: what a runtime needs to work on, not what every input leaves behind. */
const mostGrowthMb = 25;

await (values.server ? serve() : attack());

async function serve() {
  const { startMediaServer } = await loadSource('testkit/simulator/sfu/media-server.ts');
  const { startSimulator } = await import('decart-rx-simulator');
  const media = await startMediaServer();
  const simulator = await startSimulator({ media: 'none', receivedLimit: 10 });
  process.on('disconnect', () => process.exit(0));
  process.on('message', () => {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ rss, heapUsed, ...media.stats() });
  });
  const { url, apiKey, apiSecret } = media;
  process.send({ media: { url, apiKey, apiSecret }, baseUrl: simulator.baseUrl });
}

/** The tests' own client, which says what no real one says. */
async function loadRawClient() {
  return loadSource('testkit/simulator/sfu/e2e/raw-client.ts');
}

function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutated(sample, random) {
  const bytes = Buffer.from(sample);
  for (let change = 1 + Math.floor(random() * 6); change > 0 && bytes.length > 0; change -= 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  return random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

async function attack() {
  const { bindingRequest, plainOffer, RawClient } = await loadRawClient();
  const child = fork(fileURLToPath(import.meta.url), ['--server'], { execArgv: ['--expose-gc'] });
  let exit = null;
  child.once('exit', (code, signal) => {
    exit = signal ?? code;
  });
  const [{ media, baseUrl }] = await once(child, 'message');
  const usage = async () => {
    child.send('usage');
    return (await once(child, 'message'))[0];
  };
  const random = seeded(Number(values.seed));
  const count = Number(values.inputs);
  const sent = { datagrams: 0, protobuf: 0, sdp: 0, json: 0 };

  const hex = (text) => Buffer.from(text, 'hex');
  const datagrams = [
    bindingRequest('server:clnt', 'password'),
    hex('16fefd00000000000000000030010000240000000000000024fefd000000000000000000'),
    hex('17fefd000100000000000100100001020304050607'),
    hex(`80e00001000000010000${'04d2'}${'00'.repeat(40)}`),
    hex(`90e0000100000001000004d2bede0001401031ff${'11'.repeat(40)}`),
    hex(`80c8000600000001${'00'.repeat(60)}`),
    hex(`81cd000300000001000004d2000100ff${'00'.repeat(18)}`),
  ];
  let path = null;
  async function datagram() {
    if (path === null || random() < 0.0005) {
      await path?.client.close();
      const client = await RawClient.open(media, 'mallory');
      const { sdp } = await client.next('answer');
      path = { client, send: await client.connectPath(sdp) };
    }
    await path.send(mutated(datagrams[sent.datagrams % datagrams.length], random));
    sent.datagrams += 1;
  }

  let raw = null;
  async function signalling(data) {
    if (raw === null || raw.socket.readyState !== WebSocket.OPEN) {
      await raw?.close();
      raw = await RawClient.open(media, 'trudy');
    }
    raw.socket.send(data);
  }
  const offer = (sdp) => new SessionDescription({ type: 'offer', sdp, id: 1 });
  const requests = [
    Buffer.from(offer(plainOffer).toBinary()),
    hex('0a0a0a08763d300d0a6f3d2d'),
    hex('2206' + '0a0663616d657261'),
    hex('8201020805'),
  ];

  let socket = null;
  const messages = [
    '{"type":"livekit_join","passthrough":true}',
    '{"type":"livekit_join","initial_state":{"type":"prompt","prompt":"a","enhance_prompt":true}}',
    '{"type":"prompt","prompt":"a forest","enhance_prompt":true}',
    '{"type":"set_image","image_data":"AAEC","prompt":null}',
    '{"type":"set_image","image_ref":"file_1"}',
  ].map((text) => Buffer.from(text));
  async function json() {
    if (socket === null || socket.readyState !== WebSocket.OPEN) {
      socket = new WebSocket(`${baseUrl}/v1/stream?api_key=any&model=lucy-2.1`);
      socket.on('error', () => {});
      await once(socket, 'open');
    }
    socket.send(mutated(messages[sent.json % messages.length], random).toString('latin1'));
    sent.json += 1;
    if (random() < 0.002) socket.terminate();
  }

  async function run(inputs) {
    for (let n = 0; n < inputs && exit === null; n += 1) {
      const kind = n % 10;
      if (kind < 5) await datagram();
      else if (kind < 7) {
        await signalling(mutated(requests[n % requests.length], random));
        sent.protobuf += 1;
      } else if (kind === 7) {
        const sdp = mutated(Buffer.from(plainOffer), random).toString('latin1');
        raw === null || raw.socket.readyState !== WebSocket.OPEN
          ? await signalling(Buffer.alloc(0))
          : raw.request({ case: 'offer', value: offer(sdp) });
        sent.sdp += 1;
      } else await json();
      // What the sender is quicker with than the server would only fill the kernel's queue.
      if (n % 500 === 499) await delay(5);
    }
  }

  const warmUp = Math.floor(count / 5);
  await run(warmUp);
  await delay(500);
  const before = await usage();
  const beganMs = performance.now();
  const samples = [];
  for (let stretch = 1; stretch <= 20; stretch += 1) {
    await run(Math.round((count - warmUp) / 20));
    // What was sent last is on its way.
    await delay(100);
    const { heapUsed, rss } = await usage();
    samples.push({ inputs: stretch * ((count - warmUp) / 20_000), heapKb: heapUsed / 1024, rssKb: rss / 1024 });
  }
  const tookMs = performance.now() - beganMs;
  await delay(500);
  const after = await usage();
  const heap = slopeOf(samples, 'inputs', 'heapKb');
  const joinMs = performance.now();
  const probe = await RawClient.open(media, 'probe');
  await probe.next('answer');
  const answeredMs = performance.now() - joinMs;
  await Promise.all([probe.close(), path?.client.close(), raw?.close()]);
  socket?.terminate();
  const mb = (bytes) => Math.round(bytes / 1e5) / 10;
  const growthMb = mb(after.heapUsed - before.heapUsed);
  console.log(
    JSON.stringify({
      seed: Number(values.seed),
      sent,
      packetsIn: after.packetsIn,
      mishandled: after.packetsMishandled,
    }),
  );
  console.log(
    `${count - warmUp} inputs in ${Math.round(tookMs / 1000)} s after ${warmUp} to warm up; heap ${mb(before.heapUsed)} → ${mb(after.heapUsed)} MB, RSS ${mb(before.rss)} → ${mb(after.rss)} MB; over the second half ${heap.rise.toFixed(2)} ± ${heap.error.toFixed(2)} KB of heap per 1000 inputs; a join afterwards took ${Math.round(answeredMs)} ms`,
  );
  const wrong = [
    exit !== null && `the server ended with ${exit}`,
    after.packetsMishandled > 0 && `${after.packetsMishandled} datagrams were mishandled`,
    growthMb > mostGrowthMb && `the heap grew by ${growthMb} MB`,
    answeredMs > 2_000 && `a join took ${Math.round(answeredMs)} ms`,
  ].filter(Boolean);
  if (values.results) {
    const report = {
      date: new Date().toISOString().slice(0, 16),
      node: process.version,
      seed: Number(values.seed),
      inputs: count,
      sent,
      mishandled: after.packetsMishandled,
      heapMb: [mb(before.heapUsed), mb(after.heapUsed)],
      rssMb: [mb(before.rss), mb(after.rss)],
      heapKbPerThousand: { rise: Math.round(heap.rise * 100) / 100, error: Math.round(heap.error * 100) / 100 },
      joinMs: Math.round(answeredMs),
      missed: wrong,
    };
    writeFileSync(values.results, `${JSON.stringify(report, null, 2)}\n`);
  }
  for (const text of wrong) console.log(`MISSED: ${text}`);
  child.disconnect();
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

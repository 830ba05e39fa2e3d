// What the logic of a session costs: the reducer alone, the way from a frame to the observables, and the memory of
// sessions that idle. Usage: npm run build && node bench/core.mjs [--check]
// --check: exit code 1 when a goal is missed.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VirtualTimeScheduler } from 'rxjs';
import { createDecartClient, initialSessionState, reduceSession } from '../dist/esm/core/index.js';
import { createLedger } from '../dist/esm/testkit/ledger.js';
import { createMemoryPlatform } from '../dist/esm/testkit/memory-platform.js';
import { createMemoryLocalStream, createMemoryNetwork } from '../dist/esm/transports/memory/index.js';

const GOALS = { reducedPerSecond: 1_000_000, deliveredPerSecond: 200_000, bytesPerSession: 8192 };
const SESSIONS = 10_000;

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const roomInfo = JSON.stringify({
  type: 'livekit_room_info',
  livekit_url: 'ws://127.0.0.1:7880',
  token: 'token',
  room_name: 'room',
  session_id: 'session',
});

/** Calls per second of the best of many short rounds: what else the machine does only ever makes it slower. */
function rate(job, count) {
  let best = 0;
  for (let round = 0; round < 40; round += 1) {
    const begin = performance.now();
    job(count);
    best = Math.max(best, (count / (performance.now() - begin)) * 1000);
  }
  return best;
}

/** A live session over a network in memory, in a time that stands still. */
function connectSession(scheduler = new VirtualTimeScheduler()) {
  const network = createMemoryNetwork({
    scheduler,
    onSocket: (socket) => {
      socket.accept();
      socket.received$.subscribe((frame) => {
        if (frame.includes('livekit_join')) socket.deliver(roomInfo);
      });
    },
    onRoom: (room) => {
      room.publishRemote();
      room.accept();
    },
  });
  const client = createDecartClient({ apiKey: 'bench-key', scheduler }, createMemoryPlatform({ network }));
  const subscription = client.realtime.session$({ model: 'lucy-2.1' }, createMemoryLocalStream()).subscribe();
  scheduler.maxFrames = 0;
  scheduler.flush();
  if (!client.realtime.isConnected()) throw new Error('The session is not live.');
  return { client, network, scheduler, subscription };
}

/** The state of a live session, for the reducer alone. */
function liveState() {
  const { client } = connectSession();
  let state = initialSessionState;
  client.realtime.state$.subscribe((value) => {
    state = value;
  });
  const attempt = state.attempt.id;
  return [reduceSession(state, { type: 'server.generationStarted', attempt, atMs: 1 })[0], attempt];
}

function benchReducer() {
  const [live, attempt] = liveState();
  const tick = { type: 'server.generationTicked', attempt, seconds: 1, atMs: 2 };
  const stale = { type: 'server.generationTicked', attempt: attempt - 1, seconds: 1, atMs: 2 };
  const ack = { type: 'server.promptAcked', attempt, prompt: 'p', success: true, error: null, atMs: 3 };
  let sink = 0;
  const run = (events) => (count) => {
    let state = live;
    for (let n = 0; n < count; ) {
      for (const event of events) {
        const [next, effects] = reduceSession(state, event);
        state = next;
        sink += effects.length;
        n += 1;
      }
    }
  };
  let requestId = 1_000_000;
  const prompts = (count) => {
    let state = live;
    for (let n = 0; n < count; n += 2) {
      requestId += 1;
      [state] = reduceSession(state, {
        type: 'caller.promptRequested',
        requestId,
        prompt: 'p',
        enhance: true,
        timeoutMs: null,
        atMs: 2,
      });
      [state] = reduceSession(state, ack);
    }
    sink += state.prompts.length;
  };
  const result = {
    ticks: rate(run([tick]), 200_000),
    staleEvents: rate(run([stale]), 200_000),
    promptsAndAcks: rate(prompts, 20_000),
    // Of ten events eight ticks, a prompt and its ack.
    mixed: rate((count) => {
      run([tick])(count * 0.8);
      prompts(count * 0.2);
    }, 50_000),
  };
  if (sink < 0) throw new Error('Nothing was reduced.');
  return result;
}

function benchDelivery() {
  const { client, network } = connectSession();
  const [socket] = network.sockets;
  const { realtime } = client;
  let seen = 0;
  const observables = [
    realtime.connectionState$,
    realtime.remoteStream$,
    realtime.queuePosition$,
    realtime.sessionStarted$,
    realtime.generationTicks$,
    realtime.errors$,
    realtime.diagnostics$,
  ];
  for (const observable of observables) observable.subscribe(() => (seen += 1));
  const frames = [
    '{"type":"generation_tick","seconds":12}',
    '{"type":"generation_tick","seconds":13,"new_field":{"a":[1,2,3]}}',
    '{"type":"status","status":"busy"}',
    '{"type":"generation_started"}',
  ];
  const count = 20_000;
  const deliver = (total) => {
    for (let n = 0; n < total; n += 1) socket.deliver(frames[n % frames.length]);
  };
  let parsed = 0;
  const parse = (total) => {
    for (let n = 0; n < total; n += 1) if (JSON.parse(frames[n % frames.length]).type) parsed += 1;
  };
  // Interleaved, so that both see the same machine.
  let [delivered, floor] = [0, 0];
  for (let round = 0; round < 3; round += 1) {
    floor = Math.max(floor, rate(parse, count));
    delivered = Math.max(delivered, rate(deliver, count));
  }
  if (seen < count || parsed < count) throw new Error('Nothing was delivered.');
  return { delivered, jsonParseAlone: floor };
}

function heap() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** The memory of the test's own network, for as many sockets and rooms. */
function networkBytes() {
  const kept = [];
  const before = heap();
  for (let n = 0; n < SESSIONS; n += 1) {
    const scheduler = new VirtualTimeScheduler();
    const network = createMemoryNetwork({ scheduler });
    const platform = createMemoryPlatform({ network });
    const socket = network.signaling.open({ url: 'memory://bench' });
    const room = network.media.join({ url: 'memory://bench', token: 'token', localStream: null, onMarker: null });
    kept.push([
      socket.events$.subscribe(),
      room.events$.subscribe(),
      createMemoryLocalStream(),
      platform,
      socket,
      room,
    ]);
    network.sockets[0].accept();
    network.sockets[0].deliver(roomInfo);
    network.rooms[0].publishRemote();
    network.rooms[0].accept();
  }
  const bytes = (heap() - before) / SESSIONS;
  for (const [socket, room] of kept) {
    socket.unsubscribe();
    room.unsubscribe();
  }
  return bytes;
}

function benchMemory() {
  const networkOnly = networkBytes();
  const before = heap();
  const sessions = [];
  const begin = performance.now();
  for (let n = 0; n < SESSIONS; n += 1) sessions.push(connectSession());
  const connectMs = performance.now() - begin;
  const total = (heap() - before) / SESSIONS;
  let open = 0;
  for (const { client, network, scheduler, subscription } of sessions) {
    void client.realtime.disconnect();
    subscription.unsubscribe();
    scheduler.maxFrames = Number.POSITIVE_INFINITY;
    scheduler.flush();
    open += network.open.sockets + network.open.rooms + network.open.streams + scheduler.actions.length;
  }
  return { total, networkOnly, session: total - networkOnly, connectMs, openAfterDisconnect: open };
}

function checkLedger() {
  const ledger = createLedger();
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({ scheduler });
  const wrapped = { signaling: ledger.signaling(network.signaling), media: ledger.media(network.media) };
  const config = { apiKey: 'bench-key', scheduler: ledger.scheduler(scheduler) };
  const clients = Array.from({ length: SESSIONS }, () =>
    createDecartClient(config, createMemoryPlatform({ network: wrapped })),
  );
  for (const { realtime } of clients) realtime.session$({ model: 'lucy-2.1' }).subscribe({ error: () => undefined });
  const opened = ledger.total;
  for (const { realtime } of clients) void realtime.disconnect();
  return { opened, left: ledger.open.timers };
}

const grouped = (value) => Math.round(value).toLocaleString('en-US');
const reducer = benchReducer();
console.log('reduceSession, events/s');
for (const [name, perSecond] of Object.entries(reducer)) console.log(`  ${name.padEnd(18)} ${grouped(perSecond)}`);
const delivery = benchDelivery();
console.log('frame in to observables out, messages/s');
console.log(`  ${'delivered'.padEnd(18)} ${grouped(delivery.delivered)}`);
console.log(`  ${'JSON.parse alone'.padEnd(18)} ${grouped(delivery.jsonParseAlone)}`);
const memory = benchMemory();
console.log(`${grouped(SESSIONS)} idle sessions, bytes of heap for each`);
console.log(`  ${'session'.padEnd(18)} ${grouped(memory.session)}`);
console.log(`  ${'network in memory'.padEnd(18)} ${grouped(memory.networkOnly)}`);
console.log(`  ${'both'.padEnd(18)} ${grouped(memory.total)}`);
console.log(`  connected in ${grouped(memory.connectMs)} ms; open after disconnect: ${memory.openAfterDisconnect}`);
const timers = checkLedger();
console.log(`  timers of ${grouped(SESSIONS)} connecting sessions left after disconnect: ${timers.left}`);

if (values.check) {
  const missed = [
    reducer.mixed < GOALS.reducedPerSecond && 'reduceSession',
    delivery.delivered < GOALS.deliveredPerSecond && 'delivery',
    memory.session > GOALS.bytesPerSession && 'memory',
    memory.openAfterDisconnect + timers.left > 0 && 'resources left open',
  ].filter(Boolean);
  if (missed.length > 0) {
    console.error(`Missed: ${missed.join(', ')}`);
    process.exitCode = 1;
  }
}

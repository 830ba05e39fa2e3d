// Walks the reducer: every state that events lead to, from the first on, and which event leads where. What it finds is
// what the code does, not what somebody drew.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// From the sources, so that no build is needed.
const root = fileURLToPath(new URL('../..', import.meta.url));
const { outputFiles } = await build({
  stdin: {
    contents: `
      export { reduceSession } from './core/session/machine/reduce.js';
      export { initialSessionState } from './core/session/machine/state.js';
      export { checkConnectOptions } from './core/session/client/options.js';`,
    resolveDir: root,
  },
  bundle: true,
  format: 'esm',
  write: false,
  logLevel: 'error',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { reduceSession, initialSessionState, checkConnectOptions } = await import(`data:text/javascript;base64,${code}`);

const prompt = { text: 'a prompt', enhance: true };
const options = {
  model: 'lucy-2.1',
  initialPrompt: prompt,
  reconnect: { retries: 1, initialDelayMs: 1_000 },
};
const { plan } = checkConnectOptions(options, 'caller', { priceOf: () => null, requiredCodec: undefined });

/** What a reader distinguishes: the public state, and how far a try has come. */
function nameOf(state) {
  const { status, released, attempt, connection } = state;
  if (status === 'disconnected') return released ? 'released' : 'disconnected';
  if (attempt === null) return connection.offline ? `${status}: offline` : `${status}: next try waits`;
  if (status === 'connected' || status === 'generating') return status;
  if (attempt.socket === 'opening') return `${status}: socket opens`;
  if (attempt.roomInfo === null) return attempt.queue ? `${status}: in the queue` : `${status}: joins`;
  return `${status}: enters the room`;
}

const failure = { code: 'WEBRTC_ICE_ERROR', message: 'lost' };
const roomInfo = {
  type: 'server.roomInfoReceived',
  livekitUrl: 'wss://media',
  token: 'a token',
  roomName: 'a room',
  sessionId: 'a session',
};

/** Everything that may happen in a state, with the ids that are valid there. */
function eventsFor(state) {
  const connectId = state.connection?.connectId ?? 0;
  const attempt = state.attempt?.id ?? 0;
  const ofCaller = [
    { type: 'caller.connectRequested', connectId: state.nextId, plan, seed: 1 },
    { type: 'caller.disconnectRequested' },
    { type: 'caller.releaseRequested' },
    { type: 'caller.connectAborted', connectId },
    { type: 'network.changed', isOnline: false },
    { type: 'network.changed', isOnline: true },
  ];
  const { socket, joinSent, room } = state.attempt ?? {};
  const ofSocket =
    socket === 'opening'
      ? [{ type: 'socket.opened' }, { type: 'socket.failed', failure }]
      : [
          { type: 'server.queuePositionChanged', position: 2, queueSize: 3 },
          roomInfo,
          { type: 'server.promptAcked', prompt: prompt.text, success: true, error: null },
          { type: 'server.generationStarted' },
          { type: 'server.generationTicked', seconds: 1 },
          { type: 'server.generationEnded', seconds: 1, reason: 'timeout' },
          { type: 'server.errorReported', error: 'Invalid API key' },
        ].filter(() => joinSent);
  const ofRoom = [
    ...(room === 'joining' ? [{ type: 'room.joined' }] : []),
    ...(room === 'joined' ? [{ type: 'room.published' }] : []),
    { type: 'room.lost', failure },
  ].filter(() => room !== 'none');
  const ofTry = [...ofSocket, { type: 'socket.closed', code: 1006, reason: '' }, ...ofRoom].map((event) => ({
    ...event,
    attempt,
  }));
  const timers = state.timers.map((timer) => ({ type: 'timer.fired', timer }));
  return [...ofCaller, ...(state.attempt ? ofTry : []), ...timers];
}

/** A timer by what it limits. */
const eventName = (event) => {
  if (event.type === 'timer.fired') return `timer: ${event.timer.stage ?? event.timer.step ?? event.timer.kind}`;
  if (event.type === 'network.changed') return `network ${event.isOnline ? 'back' : 'gone'}`;
  return event.type;
};

/** The event, and those that it raises itself, one after the other, as the loop does. */
function advance(state, event, atMs) {
  const waiting = [event];
  let next = state;
  while (waiting.length > 0) {
    const [after, effects] = reduceSession(next, { ...waiting.shift(), atMs });
    next = after;
    waiting.push(...effects.filter(({ type }) => type === 'event.raise').map((effect) => effect.event));
  }
  return next;
}

/** States that differ in what decides the way on, and in nothing else. */
const keyOf = (state) =>
  JSON.stringify([
    nameOf(state),
    state.connection?.tries,
    state.connection?.wasLive,
    state.connection?.offline,
    state.attempt?.room,
    state.attempt?.joinSent,
    state.attempt?.initial,
    state.attempt?.generating,
    state.timers.map(({ kind, stage, step }) => [kind, stage, step]).sort(),
  ]);

/** @returns {{ names: string[], edges: { from: string, to: string, events: string[] }[], visited: number }} */
export function walkStates() {
  const seen = new Set([keyOf(initialSessionState)]);
  const waiting = [{ state: initialSessionState, atMs: 0 }];
  const names = [nameOf(initialSessionState)];
  const edges = new Map();
  while (waiting.length > 0) {
    const { state, atMs } = waiting.shift();
    for (const event of eventsFor(state)) {
      const later = atMs + 1_000;
      const next = advance(state, event, later);
      const [from, to] = [nameOf(state), nameOf(next)];
      if (!names.includes(to)) names.push(to);
      if (from !== to) {
        const edge = `${from} → ${to}`;
        const known = edges.get(edge) ?? { from, to, events: new Set() };
        known.events.add(eventName(event));
        edges.set(edge, known);
      }
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push({ state: next, atMs: later });
    }
  }
  return {
    names,
    edges: [...edges.values()].map(({ from, to, events }) => ({ from, to, events: [...events] })),
    visited: seen.size,
  };
}

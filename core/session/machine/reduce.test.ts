// The reducer's own promises, over random events that can come at that moment: it changes nothing in place, it throws
// nothing, and what it orders adds up. What is opened is closed once, what is asked for is answered once, and nothing
// is left when the session is over.
import fc from 'fast-check';
import { checkConnectOptions } from '../client/options.js';
import type { SessionEffect } from './effects.js';
import type { SessionEvent, UntimedEvent } from './events.js';
import { reduceSession } from './reduce.js';
import { hasAttempt, initialSessionState, isActive, type SessionState } from './state.js';
import { type Timer, timerKey } from './timers.js';

const failure = { code: 'WEBRTC_ICE_ERROR', message: 'It is gone.' } as const;
const publish = { priceOf: () => 0.01, requiredCodec: undefined };

/** The options of a connect, by the bits of a number. */
function planOf(bits: number) {
  const has = (bit: number): boolean => (bits & (1 << bit)) !== 0;
  const options = {
    model: 'lucy-2.1',
    ...(has(0) && { initialPrompt: { text: 'a' } }),
    ...(has(1) && { initialImage: 'AAAA' }),
    ...(has(2) && { handshake: 'bundled' as const }),
    ...(has(3) && { transport: 'webrtc' as const }),
    ...(has(4) && { limits: { maxSeconds: 3, idleMs: 60_000, hiddenMs: 1000 } }),
    ...(has(5) && { whenFull: 'wait' as const }),
    ...(has(6) && { recoverStalledAfterMs: false as const }),
    reconnect: { retries: has(7) ? 5 : 1, afterEnd: has(8), ...(has(9) && { shouldRetry: () => true }) },
    holdUntilInitialState: has(10),
  };
  const localStream = has(11) ? 'none' : has(12) ? 'owned' : 'caller';
  return checkConnectOptions(options, localStream, publish).plan;
}

/** What is open around a session, as its orders and events say. */
class Surroundings {
  readonly sockets = new Map<number, 'opening' | 'open'>();
  readonly prepared = new Set<number>();
  readonly rooms = new Set<number>();
  readonly local = new Map<number, 'opening' | 'open'>();
  readonly reading = new Set<number>();
  /** Ended by the present event. */
  readonly ended = new Set<number>();
  readonly timers = new Map<string, Timer>();
  readonly closing = new Set<string>();
  readonly requests = new Set<number>();
  /** `true`: its call is answered. */
  readonly connects = new Map<number, boolean>();
  readonly asked = new Set<number>();
  readonly raised: UntimedEvent[] = [];

  carryOut(effect: SessionEffect): void {
    const must = (holds: boolean): void => {
      if (!holds) throw new Error(`${JSON.stringify(effect)} does not fit.`);
    };
    switch (effect.type) {
      case 'socket.open':
        must(!this.sockets.has(effect.attempt));
        return void this.sockets.set(effect.attempt, 'opening');
      case 'socket.send':
      case 'socket.ping':
        return must(this.sockets.get(effect.attempt) === 'open');
      case 'socket.close':
        must(this.sockets.delete(effect.attempt));
        return void this.closing.add(`socket:${effect.attempt}`);
      case 'room.prepare':
        must(this.sockets.get(effect.attempt) === 'open' && !this.prepared.has(effect.attempt));
        return void this.prepared.add(effect.attempt);
      case 'room.join':
        must(this.prepared.delete(effect.attempt) && this.local.get(effect.connectId) !== 'opening');
        return void this.rooms.add(effect.attempt);
      case 'room.joinDirect':
        must(this.sockets.get(effect.attempt) === 'open' && !this.rooms.has(effect.attempt));
        must(this.local.get(effect.connectId) !== 'opening');
        return void this.rooms.add(effect.attempt);
      case 'room.resume':
        return must(this.rooms.has(effect.attempt));
      case 'room.close':
        if (this.prepared.delete(effect.attempt)) return;
        must(this.rooms.delete(effect.attempt));
        return void this.closing.add(`room:${effect.attempt}`);
      case 'local.open':
        return void this.local.set(effect.connectId, 'opening');
      case 'local.close':
        must(this.local.delete(effect.connectId));
        return void this.closing.add(`local:${effect.connectId}`);
      case 'image.read':
        return void this.reading.add(effect.readId);
      case 'image.cancel':
        // One that has just failed may be called off, too.
        return must(this.reading.delete(effect.readId) || this.ended.delete(effect.readId));
      case 'timer.start':
        must(!this.timers.has(timerKey(effect.timer)) && Number.isFinite(effect.delayMs) && effect.delayMs >= 0);
        return void this.timers.set(timerKey(effect.timer), effect.timer);
      case 'timer.cancel':
        return must(this.timers.delete(timerKey(effect.timer)));
      case 'request.settle':
        return must(this.requests.delete(effect.requestId));
      case 'connect.resolve':
        must(this.connects.get(effect.connectId) === false);
        return void this.connects.set(effect.connectId, true);
      case 'connect.end':
        return must(this.connects.delete(effect.connectId));
      case 'retry.ask':
        return void this.asked.add(effect.connectId);
      case 'event.raise':
        return void this.raised.push(effect.event);
      default:
        return;
    }
  }

  /** What an event says of itself. */
  happened(event: UntimedEvent, state: SessionState): void {
    this.ended.clear();
    const isCurrent = 'connectId' in event && isActive(state) && state.connection.connectId === event.connectId;
    switch (event.type) {
      case 'caller.connectRequested':
        return void this.connects.set(event.connectId, false);
      case 'caller.promptRequested':
      case 'caller.imageRequested':
        return void this.requests.add(event.requestId);
      case 'caller.handedOver':
        return void (isCurrent && event.keepsLocalStream && this.local.delete(event.connectId));
      case 'caller.tookOver':
        return void (isCurrent && event.ownsLocalStream && this.local.set(event.connectId, 'open'));
      case 'caller.retryDecided':
        return void this.asked.delete(event.connectId);
      case 'socket.opened':
        return void this.sockets.set(event.attempt, 'open');
      case 'socket.failed':
      case 'socket.closed':
        this.sockets.delete(event.attempt);
        return void this.closing.delete(`socket:${event.attempt}`);
      case 'room.closed':
        this.rooms.delete(event.attempt);
        return void this.closing.delete(`room:${event.attempt}`);
      case 'local.opened':
        return void this.local.set(event.connectId, 'open');
      case 'local.failed':
        return void this.local.delete(event.connectId);
      case 'local.closed':
        return void this.closing.delete(`local:${event.connectId}`);
      case 'image.read':
      case 'image.failed':
        this.reading.delete(event.readId);
        return void this.ended.add(event.readId);
      case 'timer.fired':
        return void this.timers.delete(timerKey(event.timer));
      default:
        return;
    }
  }

  check(state: SessionState): void {
    const runs = state.timers.map(timerKey);
    same('timers', runs, [...this.timers.keys()]);
    same('closing', state.closing, [...this.closing]);
    const books: readonly { readonly id: number }[] = [...state.prompts, ...state.images];
    for (const timer of this.timers.values()) {
      if ('attempt' in timer && !(hasAttempt(state) && state.attempt.id === timer.attempt))
        throw new Error(`${timerKey(timer)} runs on after its try.`);
      if ('requestId' in timer && !books.some(({ id }) => id === timer.requestId))
        throw new Error(`${timerKey(timer)} runs on after its request.`);
    }
    // An image's ack has no id: there may be only one that waits for it.
    const sent = state.images.filter(({ stage }) => stage === 'sent').map(({ id }) => id);
    same('images on the wire', sent.slice(1), []);
    const { sockets, prepared, rooms, local, reading, connects } = this;
    if (!hasAttempt(state))
      same('left of a try', [...sockets.keys(), ...prepared, ...rooms, ...this.requests, ...books], []);
    // A connect that takes the place of another one begins in a step of its own.
    const begin = new Set(this.raised.map((event) => 'connectId' in event && event.connectId));
    const calls = [...connects.keys()].filter((connectId) => !begin.has(connectId));
    if (!isActive(state)) same('left of a session', [...local.keys(), ...reading, ...calls, ...runs], []);
  }
}

function same(what: string, actual: readonly unknown[], expected: readonly unknown[]): void {
  const [shown, wanted] = [actual, expected].map((values) => JSON.stringify([...values].sort()));
  if (shown !== wanted) throw new Error(`${what}: ${shown}, not ${wanted}`);
}

const texts = ['a', 'b'] as const;

/** What brings a session on. */
function nextOf(state: SessionState, around: Surroundings, n: number): UntimedEvent | null {
  if (!isActive(state)) return { type: 'caller.connectRequested', connectId: state.nextId, plan: planOf(n), seed: n };
  const [readId] = around.reading;
  if (readId !== undefined) return { type: 'image.read', readId, image: { data: 'AAAA' } };
  const { connectId } = state.connection;
  if (around.local.get(connectId) === 'opening' && n % 3 === 0) return { type: 'local.opened', connectId };
  if (!hasAttempt(state))
    return [...around.timers.values()].map((timer) => ({ type: 'timer.fired', timer }) as const)[0] ?? null;
  const { id: attempt, socket, initial, initialIntent, room, answered, joinSent } = state.attempt;
  if (socket === 'opening') return { type: 'socket.opened', attempt, canPing: n % 2 === 1 };
  if (initial === 'sent' && initialIntent?.image === null && initialIntent.prompt !== null)
    return { type: 'server.promptAcked', attempt, prompt: initialIntent.prompt.text, success: true, error: null };
  if (initial === 'sent') return { type: 'server.imageAcked', attempt, success: true, error: null };
  if (room === 'none') return roomInfoOf(attempt);
  if (!joinSent) return { type: 'room.signalled', attempt, signal: { type: 'offer', sdp: 'c' } };
  if (!answered) return { type: 'server.signalled', attempt, signal: { type: 'answer', sdp: 's' } };
  if (room === 'joining') return { type: 'room.joined', attempt };
  if (room === 'joined') return { type: 'room.published', attempt };
  return null;
}

/** What can happen now, likely or not. */
function possible(state: SessionState, around: Surroundings, n: number): readonly UntimedEvent[] {
  const id = state.nextId + (n % 2);
  const isOdd = n % 2 === 1;
  const text = texts[n % texts.length] ?? 'a';
  const connectId = isActive(state) && n % 5 > 0 ? state.connection.connectId : n % (state.nextId + 1);
  const requestId = [...around.requests][n % 3] ?? n % (state.nextId + 1);
  const attempt = hasAttempt(state) && n % 7 > 0 ? state.attempt.id : n % (state.nextId + 1);
  const socket = around.sockets.get(attempt);
  const isOlder = !hasAttempt(state) || state.attempt.id !== attempt;
  const events: UntimedEvent[] = [
    { type: 'caller.connectAborted', connectId },
    { type: 'caller.handedOver', connectId, keepsLocalStream: isOdd },
    { type: 'caller.tookOver', connectId, earlierSeconds: 2, ownsLocalStream: !around.local.has(connectId) && isOdd },
    { type: 'caller.activityReported' },
    { type: 'caller.promptRequested', requestId: id, prompt: text, enhance: isOdd, timeoutMs: null },
    { type: 'caller.promptRequested', requestId: id, prompt: text, enhance: true, timeoutMs: 1000 },
    { type: 'caller.imageRequested', requestId: id, hasImage: isOdd, prompt: text, enhance: true, timeoutMs: null },
    { type: 'caller.imageRequested', requestId: id, hasImage: true, prompt: undefined, enhance: true, timeoutMs: 1000 },
    { type: 'caller.requestCancelled', requestId },
    { type: 'network.changed', isOnline: isOdd },
    { type: 'page.visibilityChanged', isVisible: isOdd },
    { type: 'timer.fired', timer: { kind: 'budget', connectId: 0 } },
  ];
  if (n % 4 === 0) events.push({ type: 'caller.disconnectRequested' });
  if (n % 64 === 0) events.push({ type: 'caller.releaseRequested' });
  if (n % 8 === 0) events.push({ type: 'caller.connectRequested', connectId: id, plan: planOf(n), seed: n });
  for (const timer of around.timers.values()) events.push({ type: 'timer.fired', timer });
  for (const readId of around.reading)
    events.push({ type: 'image.read', readId, image: { data: 'AAAA' } }, { type: 'image.failed', readId, failure });
  for (const asked of around.asked)
    events.push({ type: 'caller.retryDecided', connectId: asked, failure, retry: isOdd });
  for (const [of, stage] of around.local)
    if (stage === 'opening')
      events.push({ type: 'local.opened', connectId: of }, { type: 'local.failed', connectId: of, failure });
  for (const closing of around.closing) {
    const [what, number] = closing.split(':');
    if (what === 'socket') events.push({ type: 'socket.closed', attempt: Number(number), code: 1000, reason: '' });
    if (what === 'room') events.push({ type: 'room.closed', attempt: Number(number) });
    if (what === 'local') events.push({ type: 'local.closed', connectId: Number(number) });
  }
  if (socket === 'opening') events.push({ type: 'socket.failed', attempt, failure });
  if (socket !== undefined)
    events.push({ type: 'socket.closed', attempt, code: [1006, 1009, 1013, 4401][n % 4] ?? 1006, reason: '' });
  if (socket === 'open' || isOlder)
    events.push(
      { type: 'socket.ponged', attempt },
      roomInfoOf(attempt),
      { type: 'server.signalled', attempt, signal: { type: isOdd ? 'answer' : 'offer', sdp: 's' } },
      { type: 'server.sessionIdReceived', attempt, sessionId: 's', serverIp: 'h', serverPort: n },
      { type: 'server.readyReported', attempt },
      { type: 'server.queuePositionChanged', attempt, position: n % 3, queueSize: 3 },
      ...texts.map(
        (prompt): UntimedEvent => ({
          type: 'server.promptAcked',
          attempt,
          prompt,
          success: n % 3 > 0,
          error: null,
        }),
      ),
      { type: 'server.imageAcked', attempt, success: n % 3 > 0, error: null },
      { type: 'server.imageAcked', attempt, success: true, error: null },
      { type: 'server.generationStarted', attempt },
      { type: 'server.generationTicked', attempt, seconds: n % 5 },
      { type: 'server.generationEnded', attempt, seconds: 1, reason: ['timeout', 'disconnect', 'error'][n % 3] ?? '' },
      { type: 'server.errorReported', attempt, error: ['Too many sessions', 'bad prompt', 'bad image'][n % 3] ?? '' },
    );
  if (around.rooms.has(attempt) || isOlder)
    events.push(
      { type: 'room.joined', attempt },
      { type: 'room.published', attempt },
      { type: 'room.signalled', attempt, signal: { type: isOdd ? 'answer' : 'offer', sdp: 'c' } },
      { type: 'room.streamChanged', attempt, streamId: isOdd ? id : null },
      { type: 'room.firstFrameReceived', attempt },
      { type: 'media.stalled', attempt },
      { type: 'media.recovered', attempt, durationMs: 1 },
      { type: 'room.lost', attempt, failure },
      { type: 'room.closed', attempt },
    );
  return events;
}

const roomInfoOf = (attempt: number): UntimedEvent => ({
  type: 'server.roomInfoReceived',
  attempt,
  livekitUrl: 'ws://h',
  token: 't',
  roomName: 'r',
  sessionId: 's',
});

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const content of Object.values(value)) frozen(content);
  }
  return value;
}

const step = fc.record({ pick: fc.nat(), n: fc.nat(8191), waitMs: fc.constantFrom(0, 1, 1000, 6000, 61_000) });

test('whatever comes: nothing is thrown, nothing is left, nothing is ordered that does not fit', () => {
  let lives = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), (steps) => {
      const around = new Surroundings();
      let state = initialSessionState;
      let atMs = 0;
      const happen = (untimed: UntimedEvent): void => {
        const event: SessionEvent = { ...untimed, atMs };
        around.happened(event, state);
        const [next, effects] = reduceSession(frozen(state), event);
        for (const effect of effects) around.carryOut(effect);
        state = next;
        around.check(state);
        lives += event.type === 'room.published' && state.status === 'connected' ? 1 : 0;
        for (let raised = around.raised.shift(); raised !== undefined; raised = around.raised.shift()) happen(raised);
      };
      for (const { pick, n, waitMs } of steps) {
        atMs += waitMs;
        const events = possible(state, around, n);
        const next = pick % 2 === 0 ? nextOf(state, around, n) : null;
        happen(next ?? (events[(pick >> 1) % events.length] as UntimedEvent));
      }
      happen({ type: 'caller.disconnectRequested' });
      expect(state.status).toBe('disconnected');
    }),
    { numRuns: 100 },
  );
  // Events that lead nowhere prove nothing.
  expect(lives).toBeGreaterThan(100);
});

test('ids are drawn one after the other', () => {
  const connect = { type: 'caller.connectRequested', connectId: 1, plan: planOf(0), seed: 1, atMs: 0 } as const;
  const [state] = reduceSession(initialSessionState, connect);
  expect(state).toMatchObject({ connection: { connectId: 1 }, attempt: { id: 2 }, nextId: 3 });
});

// The reducer alone, event by event: what it orders, in which order, and how long each thing may take.
import { type CheckedConnect, checkConnectOptions } from '../client/options.js';
import type { SessionEffect } from './effects.js';
import type { UntimedEvent } from './events.js';
import { reduceSession } from './reduce.js';
import { initialSessionState, type SessionState } from './state.js';

type Options = Partial<Parameters<typeof checkConnectOptions>[0]>;

const planOf = (options: Options, localStream: 'none' | 'caller' | 'owned' = 'none'): CheckedConnect['plan'] =>
  checkConnectOptions({ model: 'lucy-2.1', ...options }, localStream, { priceOf: () => 0.02, requiredCodec: undefined })
    .plan;

/** An order in short: its name, and what matters of it. */
function short(effect: SessionEffect): string {
  switch (effect.type) {
    case 'timer.start':
      return `${nameOf(effect.timer)} for ${effect.delayMs}`;
    case 'timer.cancel':
      return `no ${nameOf(effect.timer)}`;
    case 'socket.send':
      return `send ${effect.message.type}`;
    case 'output.emit': {
      const { output } = effect;
      if (output.type === 'error') return `say error: ${output.failure.message}`;
      if (output.type !== 'diagnostic') return `say ${output.type}`;
      const { name, atMs: _time, ...details } = output.diagnostic;
      return ['say', name, ...Object.values(details)].join(' ');
    }
    case 'event.raise':
      return `raise ${effect.event.type}`;
    case 'socket.close':
      return `socket.close ${effect.code}`;
    case 'connect.end':
      return `connect.end ${effect.failure.code}`;
    default:
      return effect.type;
  }
}

const nameOf = (timer: Extract<SessionEffect, { type: 'timer.start' }>['timer']): string =>
  'stage' in timer ? timer.stage : 'step' in timer ? `${timer.kind} ${timer.step}` : timer.kind;

/** A session that is played event by event. */
function session() {
  let state: SessionState = initialSessionState;
  const play = (atMs: number, event: UntimedEvent): readonly string[] => {
    const [next, effects] = reduceSession(state, { ...event, atMs });
    state = next;
    const raised = effects.flatMap((effect) => (effect.type === 'event.raise' ? play(atMs, effect.event) : []));
    return [...effects.map(short), ...raised];
  };
  const attempt = (): number => ('attempt' in state && state.attempt?.id) || 0;
  /** An event of the present try. */
  const comes = (atMs: number, event: { readonly type: UntimedEvent['type']; readonly [field: string]: unknown }) =>
    play(atMs, { ...event, attempt: attempt() } as UntimedEvent);
  const connect = (atMs: number, options: Options, localStream?: 'none' | 'caller' | 'owned') =>
    play(atMs, {
      type: 'caller.connectRequested',
      connectId: state.nextId,
      plan: planOf(options, localStream),
      seed: 1,
    });
  /** From the socket's opening to the live session, all at once. */
  const goLive = (atMs: number): void => {
    comes(atMs, { type: 'socket.opened' });
    comes(atMs, roomInfo);
    comes(atMs, { type: 'room.joined' });
    comes(atMs, { type: 'room.streamChanged', streamId: state.nextId });
    comes(atMs, { type: 'room.published' });
  };
  return { state: () => state, play, comes, connect, goLive };
}

const roomInfo = {
  type: 'server.roomInfoReceived',
  livekitUrl: 'ws://h',
  token: 't',
  roomName: 'r',
  sessionId: 's',
} as const;
const lost = { type: 'room.lost', failure: { code: 'WEBRTC_ICE_ERROR', message: 'Gone.' } } as const;
const prompt = (requestId: number, text: string, timeoutMs: number | null = null): UntimedEvent => ({
  type: 'caller.promptRequested',
  requestId,
  prompt: text,
  enhance: true,
  timeoutMs,
});
const acked = (text: string, success = true) =>
  ({ type: 'server.promptAcked', prompt: text, success, error: null }) as const;

test('a session in a LiveKit room, from its connect to its end', () => {
  const { connect, comes, play, state } = session();
  expect(connect(100, { initialPrompt: { text: 'a' }, initialImage: 'AAAA' }, 'owned')).toEqual([
    'local.open',
    'image.read',
    'budget for 60000',
    'socket.open',
    'room.preload',
    'socket for 15000',
  ]);
  expect(comes(110, { type: 'socket.opened', canPing: true })).toEqual([
    'no socket',
    'heartbeat for 20000',
    'say phaseTiming socket 10',
    'send livekit_join',
    'handshake for 15000',
  ]);
  expect(play(120, { type: 'local.opened', connectId: 1 })).toEqual([]);
  expect(comes(140, roomInfo)).toEqual([
    'no handshake',
    'say phaseTiming join 30',
    'room.prepare',
    'initialImage for 30000',
    'room for 15000',
    'room.join',
  ]);
  expect(play(150, { type: 'image.read', readId: 1, image: { data: 'AAAA' } })).toEqual([
    'no initialImage',
    'send set_image',
    'ack for 30000',
  ]);
  expect(comes(160, { type: 'room.joined' })).toEqual(['say phaseTiming roomConnect 20']);
  expect(comes(190, { type: 'room.published' })).toEqual([
    'no room',
    'say phaseTiming publish 30',
    'say phaseTiming total 90',
  ]);
  expect(comes(200, { type: 'room.streamChanged', streamId: 9 })).toEqual([]);
  expect(comes(230, { type: 'room.firstFrameReceived' })).toEqual([
    'say phaseTiming firstFrame 40',
    'say firstFrame 130',
  ]);
  expect(comes(240, { type: 'server.imageAcked', success: true, error: null })).toEqual([
    'no ack',
    'say phaseTiming initialState 90',
    'no budget',
    'connect.resolve',
  ]);
  expect(comes(250, { type: 'media.pairSelected', local: 'l', remote: 'r' })).toEqual([
    'say selectedCandidatePair l r',
  ]);
  expect(play(300, { type: 'caller.disconnectRequested' })).toEqual([
    'no heartbeat',
    'room.close',
    'socket.close 1000',
    'local.close',
    'say ended',
    'connect.end ABORTED',
  ]);
  expect(state().closing).toEqual(['room:2', 'socket:2', 'local:1']);
  expect(play(310, { type: 'local.closed', connectId: 1 })).toEqual([]);
  expect(state().closing).toEqual(['room:2', 'socket:2']);
});

test('a session in direct WebRTC mode, out of the queue', () => {
  const { connect, comes, state } = session();
  connect(0, { transport: 'webrtc', initialPrompt: { text: 'a' } });
  expect(comes(10, { type: 'socket.opened' }).slice(1)).toEqual([
    'say phaseTiming socket 10',
    'send prompt',
    'ack for 15000',
  ]);
  // Something of the other mode, and what may come at any time.
  expect(comes(20, roomInfo)).toEqual([]);
  expect(comes(20, { type: 'server.readyReported' })).toEqual([]);
  expect(comes(30, acked('a'))).toEqual([
    'no ack',
    'say phaseTiming initialState 20',
    'raise handshake.initialStateSettled',
    'room for 15000',
    'room.joinDirect',
  ]);
  expect(comes(40, { type: 'room.signalled', signal: { type: 'offer', sdp: 'c' } })).toEqual([
    'send offer',
    'no room',
    'handshake for 15000',
  ]);
  expect(comes(50, { type: 'server.queuePositionChanged', position: 1, queueSize: 2 })).toEqual([
    'queue for 300000',
    'no handshake',
    'no budget',
  ]);
  expect(comes(90_000, { type: 'server.signalled', signal: { type: 'answer', sdp: 's' } })).toEqual([
    'room.signal',
    'no queue',
    'budget for 60000',
    'say phaseTiming join 89960',
    'room for 15000',
  ]);
  // Once is enough.
  expect(comes(90_001, { type: 'server.signalled', signal: { type: 'answer', sdp: 's' } })).toEqual(['room.signal']);
  expect(comes(90_001, { type: 'room.signalled', signal: { type: 'answer', sdp: 'c' } })).toEqual(['send answer']);
  expect(state()).toMatchObject({ attempt: { answered: true, queue: null } });
});

test("in direct WebRTC mode this side's answer to the service's offer ends the handshake, too", () => {
  const { connect, comes } = session();
  connect(0, { transport: 'webrtc' });
  comes(10, { type: 'socket.opened' });
  expect(comes(20, { type: 'server.signalled', signal: { type: 'offer', sdp: 's' } })).toEqual(['room.signal']);
  expect(comes(30, { type: 'room.signalled', signal: { type: 'answer', sdp: 'c' } })).toEqual([
    'send answer',
    'no room',
    'say phaseTiming join 20',
    'room for 15000',
  ]);
});

test('a message of direct WebRTC mode is unknown in the other one', () => {
  const { connect, comes } = session();
  connect(0, {});
  comes(1, { type: 'socket.opened' });
  expect(
    [
      { type: 'server.readyReported' },
      { type: 'server.sessionIdReceived', sessionId: 's', serverIp: 'h', serverPort: 1 },
      { type: 'server.signalled', signal: { type: 'candidate', candidate: null } },
      { type: 'server.signalled', signal: { type: 'answer', sdp: 's' } },
    ].map((event) => comes(2, event as Parameters<typeof comes>[1])),
  ).toEqual(
    ['ready', 'session_id', 'ice-candidate', 'answer'].map((name, n) => [`say messageUnknown ${name} ${n + 1}`]),
  );
});

test.each([
  [4999, 'say reconnect 2 2 1000 Gone.'],
  [5000, 'say reconnect 1 2 0 Gone.'],
])('a session that was live for %d ms before its second loss: %s', (liveMs, expected) => {
  const { connect, comes, goLive } = session();
  connect(0, { reconnect: { retries: 2 } });
  goLive(1);
  expect(comes(10_001, lost).filter((order) => order.startsWith('say reconnect'))).toEqual([
    'say reconnect 1 2 0 Gone.',
  ]);
  goLive(10_002);
  const [said] = comes(10_002 + liveMs, lost).filter((order) => order.startsWith('say reconnect'));
  expect(said).toBe(expected);
});

test('a loss with a request and the initial state on the wire fails the request alone', () => {
  const { connect, comes, goLive, play } = session();
  connect(0, { initialPrompt: { text: 'a' }, holdUntilInitialState: false });
  goLive(1);
  play(2, prompt(50, 'b'));
  const orders = comes(3, lost);
  expect(orders.filter((order) => /settle|say error|initialState|retry.ask/.test(order))).toEqual(['request.settle']);
});

test('a refused prompt takes nothing of the initial one', () => {
  const { connect, comes, goLive, play, state } = session();
  connect(0, { initialPrompt: { text: 'a' } });
  goLive(1);
  comes(2, acked('a'));
  play(3, prompt(50, 'b'));
  comes(4, acked('b', false));
  expect(state().intent.prompt).toEqual({ text: 'a', enhance: true });
});

test('a bundled initial state is waited for, and none is not', () => {
  const asked = session();
  asked.connect(0, { handshake: 'bundled', initialPrompt: { text: 'a' } });
  asked.goLive(1);
  expect(asked.comes(2, acked('a'))).toEqual([
    'no ack',
    'say phaseTiming initialState 1',
    'no budget',
    'connect.resolve',
  ]);
  const plain = session();
  plain.connect(0, { handshake: 'bundled' });
  plain.goLive(1);
  expect(plain.state()).toMatchObject({ connection: { pending: false }, attempt: { initial: 'none' } });
});

test('the network is reported twice: the second time changes nothing', () => {
  const { connect, comes, play, state } = session();
  connect(0, {});
  comes(1, { type: 'socket.closed', code: 1006, reason: '' });
  const before = state();
  expect(play(2, { type: 'network.changed', isOnline: true })).toEqual([]);
  expect(state()).toBe(before);
});

test('a session without network that is lost waits for it, and for one try alone', () => {
  const { connect, comes, goLive, play } = session();
  connect(0, {});
  goLive(1);
  expect(play(6000, { type: 'network.changed', isOnline: false })).toEqual([]);
  expect(comes(6001, lost).at(-1)).toBe('socket.close 1000');
  expect(play(7000, { type: 'network.changed', isOnline: true })).toEqual([
    'socket.open',
    'room.preload',
    'socket for 15000',
  ]);
  // Its try is under way.
  expect(play(7001, { type: 'network.changed', isOnline: false })).toEqual([]);
  expect(play(7002, { type: 'network.changed', isOnline: true })).toEqual([]);
});

describe('a socket that cannot be pinged, when a request times out in silence', () => {
  const tick = (seconds: number) => ({ type: 'server.generationTicked', seconds }) as const;
  const timeOut = (ticks: readonly number[], heardMs: number) => {
    const { connect, comes, goLive, play } = session();
    connect(0, {});
    goLive(1);
    for (const seconds of ticks) comes(heardMs, tick(seconds));
    play(heardMs, prompt(50, 'b', 10_000));
    const orders = play(heardMs + 10_000, { type: 'timer.fired', timer: { kind: 'ack', requestId: 50 } });
    return orders.includes('socket.close 1000') ? 'is dead' : 'lives';
  };

  it.each([
    ['is dead', [1, 2]],
    ['lives', []],
    ['lives', [1]],
    ['lives', [1, 1]],
  ] as const)('%s after the ticks %j', (expected, ticks) => {
    expect(timeOut(ticks, 1000)).toBe(expected);
  });
});

test('an image that was not even sent in time says nothing of the socket', () => {
  const { connect, comes, goLive, play } = session();
  connect(0, {});
  goLive(1);
  for (const seconds of [1, 2]) comes(2, { type: 'server.generationTicked', seconds });
  play(3, {
    type: 'caller.imageRequested',
    requestId: 50,
    hasImage: true,
    prompt: undefined,
    enhance: true,
    timeoutMs: 20_000,
  });
  play(4, {
    type: 'caller.imageRequested',
    requestId: 51,
    hasImage: false,
    prompt: undefined,
    enhance: true,
    timeoutMs: 30_000,
  });
  expect(play(20_003, { type: 'timer.fired', timer: { kind: 'ack', requestId: 50 } })).toEqual([
    'image.cancel',
    'request.settle',
    // It lets the next one go.
    'no turn',
    'send set_image',
  ]);
});

test('an image without a prompt of its own does not wait for the answer to a later prompt', () => {
  const { connect, goLive, play } = session();
  connect(0, {});
  goLive(1);
  const image = { type: 'caller.imageRequested', hasImage: true, enhance: true, timeoutMs: null } as const;
  play(2, { ...image, requestId: 50, prompt: undefined });
  play(3, prompt(51, 'b'));
  const orders = play(4, { type: 'image.read', readId: 50, image: { data: 'AAAA' } });
  expect(orders).toEqual(['turn for 22500', 'no turn', 'send set_image']);
});

test('billing that begins and is never counted ends a limited session a second after its limit', () => {
  const { connect, comes, goLive, play } = session();
  connect(0, { limits: { maxSeconds: 3 } });
  goLive(1);
  expect(comes(2, { type: 'server.generationStarted' })).toEqual(['limit end for 4000']);
  const timer = { kind: 'limit', clock: 'billed', step: 'end', connectId: 1 } as const;
  expect(play(4002, { type: 'timer.fired', timer }).filter((order) => /ended|close/.test(order))).toEqual([
    'room.close',
    'socket.close 1000',
    'say ended',
  ]);
});

test('the end of a generation is said, also one that ends no session', () => {
  const { connect, comes, goLive } = session();
  connect(0, {});
  goLive(1);
  const ended = { type: 'server.generationEnded', seconds: 2, reason: 'disconnect' } as const;
  expect(comes(2, ended)).toEqual(['say generationEnded']);
});

test('a stall that lasts says for how long', () => {
  const { connect, comes, goLive, play } = session();
  connect(0, { recoverStalledAfterMs: 4000 });
  goLive(1);
  expect(comes(10_000, { type: 'media.stalled' })).toEqual(['say videoStall true ', 'stall resume for 4000']);
  const fired = (step: 'resume' | 'reconnect'): UntimedEvent => ({
    type: 'timer.fired',
    timer: { kind: 'stall', step, attempt: 2 },
  });
  expect(play(14_000, fired('resume'))).toEqual([
    'say stallRecovery resume',
    'room.resume',
    'stall reconnect for 4000',
  ]);
  expect(play(18_000, fired('reconnect'))).toContain('say reconnect 1 5 0 No video frames arrived for 8 s.');
});

describe('an account that is full', () => {
  const full = { type: 'socket.closed', code: 1013, reason: '' } as const;

  it('is waited for by a session that was lost, however late, for a minute', () => {
    const { connect, comes, goLive, play } = session();
    connect(100_000, {});
    goLive(100_001);
    comes(200_000, lost);
    for (const [n, atMs] of [200_001, 210_000, 259_999].entries()) {
      const orders = comes(atMs, full);
      expect(orders.find((order) => order.includes('capacityWait'))).toMatch(new RegExp(`^say capacityWait ${n + 1} `));
      play(atMs, { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } });
    }
    expect(comes(260_000, full).join()).not.toContain('capacityWait');
  });
});

test('the clocks of the limits begin with the first live moment, that of a hidden page where it is hidden', () => {
  const clocks = (isHidden: boolean) => {
    const { connect, comes, goLive, play } = session();
    connect(0, { limits: { idleMs: 60_000, hiddenMs: 80_000 } });
    if (isHidden) play(1, { type: 'page.visibilityChanged', isVisible: false });
    comes(2, { type: 'socket.opened' });
    comes(2, roomInfo);
    comes(2, { type: 'room.joined' });
    const first = comes(3, { type: 'room.published' });
    comes(4, lost);
    goLive(5);
    comes(6, lost);
    return first.filter((order) => order.startsWith('limit'));
  };
  const idle = ['limit warn for 50000', 'limit end for 60000'];
  expect(clocks(false)).toEqual(idle);
  expect(clocks(true)).toEqual([...idle, 'limit warn for 70000', 'limit end for 80000']);
});

test('a reconnect does not begin the clocks of the limits again', () => {
  const { connect, comes, goLive, state } = session();
  connect(0, { limits: { idleMs: 60_000 } });
  goLive(1);
  comes(2, lost);
  comes(3, { type: 'socket.opened' });
  comes(3, roomInfo);
  comes(3, { type: 'room.joined' });
  expect(comes(4, { type: 'room.published' }).filter((order) => order.includes('limit'))).toEqual([]);
  expect(state().timers.filter(({ kind }) => kind === 'limit')).toHaveLength(2);
});

describe('the tries of a connect', () => {
  const tryAgain: UntimedEvent = { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } };
  const closed = { type: 'socket.closed', code: 1006, reason: '' } as const;

  it('are counted, however long each took', () => {
    const { connect, comes, play } = session();
    connect(0, { reconnect: { retries: 2 } });
    expect(comes(6000, closed).find((order) => order.includes('reconnect'))).toMatch(/reconnect 1 2/);
    play(7000, tryAgain);
    expect(comes(13_000, closed).find((order) => order.includes('reconnect'))).toMatch(/reconnect 2 2/);
  });

  it.each([
    [4999, /reconnect 2 2/],
    [5000, /reconnect 1 2/],
  ])('of which one ends in the queue after %d ms: %s', (afterMs, expected) => {
    const { connect, comes, play } = session();
    connect(0, { reconnect: { retries: 2 } });
    comes(1, closed);
    play(1001, tryAgain);
    comes(1001, { type: 'socket.opened' });
    comes(1001, { type: 'server.queuePositionChanged', position: 1, queueSize: 2 });
    expect(comes(1001 + afterMs, closed).find((order) => order.includes('reconnect'))).toMatch(expected);
  });
});

test('a room that is only prepared opened nothing that has to close', () => {
  const { connect, comes, play, state } = session();
  connect(0, {}, 'owned');
  comes(1, { type: 'socket.opened' });
  comes(2, roomInfo);
  expect(play(3, { type: 'caller.disconnectRequested' })).toContain('room.close');
  expect(state().closing).toEqual(['socket:2', 'local:1']);
});

describe('in direct WebRTC mode with a camera of its own', () => {
  const opened: UntimedEvent = { type: 'local.opened', connectId: 1 };
  const join = ['room for 15000', 'room.joinDirect'];

  it('the peer connection waits for the camera', () => {
    const { connect, comes, play } = session();
    connect(0, { transport: 'webrtc', initialPrompt: { text: 'a' } }, 'owned');
    comes(1, { type: 'socket.opened' });
    expect(comes(2, acked('a')).at(-1)).toBe('raise handshake.initialStateSettled');
    expect(play(3, opened)).toEqual(join);
  });

  it('the camera waits for the socket and the ack', () => {
    const { connect, comes, play } = session();
    connect(0, { transport: 'webrtc', initialPrompt: { text: 'a' } }, 'owned');
    expect(play(1, opened)).toEqual([]);
    comes(2, { type: 'socket.opened' });
    expect(comes(3, acked('a')).slice(-2)).toEqual(join);
  });

  it('the camera waits for an initial image that is still being read', () => {
    const { connect, comes, play } = session();
    connect(0, { transport: 'webrtc', initialImage: 'AAAA' }, 'owned');
    expect(comes(1, { type: 'socket.opened' }).at(-1)).toBe('initialImage for 30000');
    expect(play(2, opened)).toEqual([]);
    expect(play(3, { type: 'image.read', readId: 1, image: { data: 'AAAA' } })).toEqual([
      'no initialImage',
      'send set_image',
      'ack for 30000',
    ]);
    expect(play(4, { type: 'local.opened', connectId: 1 })).toEqual([]);
  });
});

test('the answer of direct WebRTC mode ends the wait for a slot', () => {
  const { connect, comes, play, state } = session();
  connect(0, { transport: 'webrtc', whenFull: 'wait' });
  comes(1, { type: 'socket.closed', code: 1013, reason: '' });
  expect(state()).toMatchObject({ connection: { refusals: 1 } });
  play(5000, { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } });
  comes(5001, { type: 'socket.opened' });
  comes(5002, { type: 'room.signalled', signal: { type: 'offer', sdp: 'c' } });
  comes(5003, { type: 'server.signalled', signal: { type: 'answer', sdp: 's' } });
  expect(state()).toMatchObject({ connection: { refusals: 0 } });
});

describe('an initial image that cannot be read, in a session that is live already', () => {
  const failed: UntimedEvent = {
    type: 'image.failed',
    readId: 1,
    failure: { code: 'INVALID_INPUT', message: 'No image.' },
  };
  const image = { type: 'caller.imageRequested', hasImage: false, enhance: true, timeoutMs: null } as const;

  it('lets the images that wait behind it go', () => {
    const { connect, goLive, play } = session();
    connect(0, { initialImage: 'AAAA', holdUntilInitialState: false });
    goLive(1);
    expect(play(2, { ...image, requestId: 50, prompt: undefined }).at(-1)).toMatch('turn');
    expect(play(3, failed)).toEqual(['no initialImage', 'say error: No image.', 'no turn', 'send set_image']);
  });

  it('leaves the initial prompt to be sent, and what waits behind that', () => {
    const { connect, goLive, play, comes } = session();
    connect(0, { initialImage: 'AAAA', initialPrompt: { text: 'a' }, holdUntilInitialState: false });
    goLive(1);
    expect(play(3, failed)).toEqual(['no initialImage', 'say error: No image.', 'send prompt', 'ack for 15000']);
    expect(comes(4, acked('a'))).toEqual(['no ack', 'say phaseTiming initialState 1']);
  });

  it('does so also when a later prompt was on the wire and is accepted', () => {
    const { connect, goLive, play, comes } = session();
    connect(0, { initialImage: 'AAAA', initialPrompt: { text: 'a' }, holdUntilInitialState: false });
    goLive(1);
    play(2, prompt(50, 'b'));
    play(3, { ...image, requestId: 51, prompt: undefined });
    expect(play(4, failed)).toEqual(['no initialImage', 'say error: No image.']);
    expect(comes(5, acked('b'))).toEqual(['no ack', 'request.settle', 'no turn', 'send set_image']);
  });
});

test('a place in the queue after the answer to the join means nothing', () => {
  const { connect, comes } = session();
  connect(0, {});
  comes(1, { type: 'socket.opened' });
  comes(2, roomInfo);
  expect(comes(3, { type: 'server.queuePositionChanged', position: 1, queueSize: 2 })).toEqual([]);
});

test('an image that has waited for long ends the wait for the ack of one that has timed out', () => {
  const { connect, goLive, play } = session();
  connect(0, {});
  goLive(1);
  const image = { type: 'caller.imageRequested', hasImage: false, prompt: undefined, enhance: true } as const;
  const fired = (kind: 'ack' | 'turn', requestId: number) =>
    ({ type: 'timer.fired', timer: { kind, requestId } }) as const;
  play(2, { ...image, requestId: 50, timeoutMs: 1000 });
  expect(play(3, { ...image, requestId: 51, timeoutMs: 20_000 })).toEqual(['ack for 20000', 'turn for 15000']);
  expect(play(1002, fired('ack', 50))).toContain('lateAck for 15000');
  expect(play(15_003, fired('turn', 51))).toEqual(['no lateAck', 'send set_image']);
});

test('an initial image that takes too long is called off once', () => {
  const { connect, comes, play } = session();
  connect(0, { initialImage: 'AAAA' });
  comes(1, { type: 'socket.opened' });
  comes(2, roomInfo);
  const timer = { kind: 'stage', stage: 'initialImage', attempt: 2 } as const;
  expect(play(30_002, { type: 'timer.fired', timer }).filter((order) => order === 'image.cancel')).toHaveLength(1);
});

test('the clock of an idle user does not run before the session is live', () => {
  const { connect, play } = session();
  connect(0, { limits: { idleMs: 60_000 } });
  expect(play(1, { type: 'caller.activityReported' })).toEqual([]);
});

const failure = { code: 'INVALID_INPUT', message: 'No.' } as const;

test('what is said of another connect than the present one changes nothing', () => {
  const { connect, play, state, comes } = session();
  connect(0, { reconnect: { shouldRetry: () => true } }, 'owned');
  comes(1, { type: 'socket.opened' });
  comes(2, { type: 'socket.closed', code: 1006, reason: '' });
  const before = state();
  for (const connectId of [0, 7])
    for (const event of [
      { type: 'caller.connectAborted', connectId },
      { type: 'caller.retryDecided', connectId, failure, retry: true },
      { type: 'caller.handedOver', connectId, keepsLocalStream: true },
      { type: 'caller.tookOver', connectId, earlierSeconds: 1, ownsLocalStream: true },
      { type: 'local.opened', connectId },
      { type: 'local.failed', connectId, failure },
    ] as const)
      expect(play(3, event)).toEqual([]);
  expect(state()).toBe(before);
});

test('an image is read once, and a prompt is none', () => {
  const { connect, goLive, play, state } = session();
  connect(0, {});
  goLive(1);
  const image = { type: 'caller.imageRequested', hasImage: true, prompt: undefined, enhance: true } as const;
  play(2, prompt(50, 'a'));
  play(2, { ...image, requestId: 51, timeoutMs: null });
  const read = (readId: number): UntimedEvent => ({ type: 'image.read', readId, image: { data: 'AAAA' } });
  expect(play(3, read(51)).at(-1)).toBe('send set_image');
  const before = state();
  for (const readId of [50, 51, 52])
    for (const event of [read(readId), { type: 'image.failed', readId, failure } as const])
      expect(play(4, event)).toEqual([]);
  expect(state()).toBe(before);
});

test('a suspected socket is asked once', () => {
  const { connect, comes, goLive, play } = session();
  connect(0, {});
  comes(0, { type: 'socket.opened', canPing: true });
  goLive(1);
  for (const requestId of [50, 51]) play(2, prompt(requestId, `${requestId}`));
  const pings = [50, 51].map((requestId) =>
    play(15_002, { type: 'timer.fired', timer: { kind: 'ack', requestId } }).filter((order) => order === 'socket.ping'),
  );
  expect(pings).toEqual([['socket.ping'], []]);
});

test('a second stall before the first is acted upon begins its time again', () => {
  const { connect, comes, goLive } = session();
  connect(0, { recoverStalledAfterMs: 4000 });
  goLive(1);
  comes(2, { type: 'media.stalled' });
  expect(comes(1000, { type: 'media.stalled' })).toEqual([
    'say videoStall true ',
    'no stall resume',
    'stall resume for 4000',
  ]);
});

test('a retry that is decided after the next try has begun, with the network, begins no other', () => {
  const { connect, comes, play, state } = session();
  connect(0, { reconnect: { shouldRetry: () => true } });
  expect(comes(1, { type: 'socket.closed', code: 1006, reason: '' })).toContain('retry.ask');
  play(2, { type: 'network.changed', isOnline: false });
  expect(play(3, { type: 'network.changed', isOnline: true })).toContain('socket.open');
  const before = state();
  expect(play(4, { type: 'caller.retryDecided', connectId: 1, failure, retry: true })).toEqual([]);
  expect(state()).toBe(before);
});

test.each([
  ['none', 'connect() did not connect within 5000 ms (connectBudgetMs). No video was sent: pass it'],
  ['caller', 'connect() did not connect within 5000 ms (connectBudgetMs).'],
] as const)('a spent budget, with the local stream %s: %s', (localStream, message) => {
  const { connect, play } = session();
  connect(0, { connectBudgetMs: 5000 }, localStream);
  const timer = { kind: 'budget', connectId: 1 } as const;
  const [said = ''] = play(5000, { type: 'timer.fired', timer }).filter((order) => order.startsWith('say error'));
  expect(said).toContain(message);
  expect(said.includes('No video')).toBe(localStream === 'none');
});

test('a socket that closes says whether it had been open', () => {
  const { connect, comes, play } = session();
  const closed = { type: 'socket.closed', code: 1006, reason: '' } as const;
  const reasonOf = (orders: readonly string[]) => orders.find((order) => order.startsWith('say reconnect'));
  connect(0, {});
  expect(reasonOf(comes(1, closed))).toContain('could not be opened (code 1006)');
  play(1001, { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } });
  comes(1002, { type: 'socket.opened' });
  expect(reasonOf(comes(1003, closed))).toContain('The signaling socket closed (code 1006).');
});

// The reducer alone: what is tried again, when, and how often; clocks that end a try or a session.
import { failure, lost, playedSession, prompt, roomInfo } from '../../../testkit/played-session.js';
import type { UntimedEvent } from './events.js';

test.each([
  [4999, 'say reconnect 2 2 1000 Gone.'],
  [5000, 'say reconnect 1 2 0 Gone.'],
])('a session that was live for %d ms before its second loss: %s', (liveMs, expected) => {
  const { connect, comes, goLive } = playedSession();
  connect(0, { reconnect: { retries: 2 } });
  goLive(1);
  expect(comes(10_001, lost).filter((order) => order.startsWith('say reconnect'))).toEqual([
    'say reconnect 1 2 0 Gone.',
  ]);
  goLive(10_002);
  const [said] = comes(10_002 + liveMs, lost).filter((order) => order.startsWith('say reconnect'));
  expect(said).toBe(expected);
});

test('the network is reported twice: the second time changes nothing', () => {
  const { connect, comes, play, state } = playedSession();
  connect(0, {});
  comes(1, { type: 'socket.closed', code: 1006, reason: '' });
  const before = state();
  expect(play(2, { type: 'network.changed', isOnline: true })).toEqual([]);
  expect(state()).toBe(before);
});

test('a session without network that is lost waits for it, and for one try alone', () => {
  const { connect, comes, goLive, play } = playedSession();
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
    const { connect, comes, goLive, play } = playedSession();
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

test('billing that begins and is never counted ends a limited session a second after its limit', () => {
  const { connect, comes, goLive, play } = playedSession();
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

test('a stall that lasts says for how long', () => {
  const { connect, comes, goLive, play } = playedSession();
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
    const { connect, comes, goLive, play } = playedSession();
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
    const { connect, comes, goLive, play } = playedSession();
    connect(0, { limits: { idleMs: 60_000, hiddenMs: 80_000 } });
    if (isHidden) expect(play(1, { type: 'page.visibilityChanged', isVisible: false })).toEqual([]);
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
  const { connect, comes, goLive, state } = playedSession();
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
    const { connect, comes, play } = playedSession();
    connect(0, { reconnect: { retries: 2 } });
    expect(comes(6000, closed).find((order) => order.includes('reconnect'))).toMatch(/reconnect 1 2/);
    play(7000, tryAgain);
    expect(comes(13_000, closed).find((order) => order.includes('reconnect'))).toMatch(/reconnect 2 2/);
  });

  it.each([
    [4999, /reconnect 2 2/],
    [5000, /reconnect 1 2/],
  ])('of which one ends in the queue after %d ms: %s', (afterMs, expected) => {
    const { connect, comes, play } = playedSession();
    connect(0, { reconnect: { retries: 2 } });
    comes(1, closed);
    play(1001, tryAgain);
    comes(1001, { type: 'socket.opened' });
    comes(1001, { type: 'server.queuePositionChanged', position: 1, queueSize: 2 });
    expect(comes(1001 + afterMs, closed).find((order) => order.includes('reconnect'))).toMatch(expected);
  });
});

test('the answer of direct WebRTC mode ends the wait for a slot', () => {
  const { connect, comes, play, state } = playedSession();
  connect(0, { transport: 'webrtc', whenFull: 'wait' });
  comes(1, { type: 'socket.closed', code: 1013, reason: '' });
  expect(state()).toMatchObject({ connection: { refusals: 1 } });
  play(5000, { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } });
  comes(5001, { type: 'socket.opened' });
  comes(5002, { type: 'room.signalled', signal: { type: 'offer', sdp: 'c' } });
  comes(5003, { type: 'server.signalled', signal: { type: 'answer', sdp: 's' } });
  expect(state()).toMatchObject({ connection: { refusals: 0 } });
});

test('the clock of an idle user does not run before the session is live', () => {
  const { connect, play } = playedSession();
  connect(0, { limits: { idleMs: 60_000 } });
  expect(play(1, { type: 'caller.activityReported' })).toEqual([]);
});

test('a suspected socket is asked once', () => {
  const { connect, comes, goLive, play } = playedSession();
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
  const { connect, comes, goLive } = playedSession();
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
  const { connect, comes, play, state } = playedSession();
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
  const { connect, play } = playedSession();
  connect(0, { connectBudgetMs: 5000 }, localStream);
  const timer = { kind: 'budget', connectId: 1 } as const;
  const [said = ''] = play(5000, { type: 'timer.fired', timer }).filter((order) => order.startsWith('say error'));
  expect(said).toContain(message);
  expect(said.includes('No video')).toBe(localStream === 'none');
});

test('a socket that closes says whether it had been open', () => {
  const { connect, comes, play } = playedSession();
  const closed = { type: 'socket.closed', code: 1006, reason: '' } as const;
  const reasonOf = (orders: readonly string[]) => orders.find((order) => order.startsWith('say reconnect'));
  connect(0, {});
  expect(reasonOf(comes(1, closed))).toContain('could not be opened (code 1006)');
  play(1001, { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } });
  comes(1002, { type: 'socket.opened' });
  expect(reasonOf(comes(1003, closed))).toContain('The signaling socket closed (code 1006).');
});

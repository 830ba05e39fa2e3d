// The reducer alone: prompts and images, and the initial state that they wait for.
import { acked, failure, lost, playedSession, prompt, roomInfo } from '../../../testkit/played-session.js';
import type { UntimedEvent } from './events.js';

test('a loss with a request and the initial state on the wire fails the request alone', () => {
  const { connect, comes, goLive, play } = playedSession();
  connect(0, { initialPrompt: { text: 'a' }, holdUntilInitialState: false });
  goLive(1);
  play(2, prompt(50, 'b'));
  const orders = comes(3, lost);
  expect(orders.filter((order) => /settle|say error|initialState|retry.ask/.test(order))).toEqual(['request.settle']);
});

test('a refused prompt takes nothing of the initial one', () => {
  const { connect, comes, goLive, play, state } = playedSession();
  connect(0, { initialPrompt: { text: 'a' } });
  goLive(1);
  comes(2, acked('a'));
  play(3, prompt(50, 'b'));
  comes(4, acked('b', false));
  expect(state().intent.prompt).toEqual({ text: 'a', enhance: true });
});

test('a bundled initial state is waited for, and none is not', () => {
  const asked = playedSession();
  asked.connect(0, { handshake: 'bundled', initialPrompt: { text: 'a' } });
  asked.goLive(1);
  expect(asked.comes(2, acked('a'))).toEqual([
    'no ack',
    'say phaseTiming initialState 1',
    'no budget',
    'connect.resolve',
  ]);
  const plain = playedSession();
  plain.connect(0, { handshake: 'bundled' });
  plain.goLive(1);
  expect(plain.state()).toMatchObject({ connection: { pending: false }, attempt: { initial: 'none' } });
});

test('an image that was not even sent in time says nothing of the socket', () => {
  const { connect, comes, goLive, play } = playedSession();
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
  const { connect, goLive, play } = playedSession();
  connect(0, {});
  goLive(1);
  const image = { type: 'caller.imageRequested', hasImage: true, enhance: true, timeoutMs: null } as const;
  play(2, { ...image, requestId: 50, prompt: undefined });
  play(3, prompt(51, 'b'));
  const orders = play(4, { type: 'image.read', readId: 50, image: { data: 'AAAA' } });
  expect(orders).toEqual(['turn for 22500', 'no turn', 'send set_image']);
});

describe('an initial image that cannot be read, in a session that is live already', () => {
  const failed: UntimedEvent = {
    type: 'image.failed',
    readId: 1,
    failure: { code: 'INVALID_INPUT', message: 'No image.' },
  };
  const image = { type: 'caller.imageRequested', hasImage: false, enhance: true, timeoutMs: null } as const;

  it('lets the images that wait behind it go', () => {
    const { connect, goLive, play } = playedSession();
    connect(0, { initialImage: 'AAAA', holdUntilInitialState: false });
    goLive(1);
    expect(play(2, { ...image, requestId: 50, prompt: undefined }).at(-1)).toMatch('turn');
    expect(play(3, failed)).toEqual(['no initialImage', 'say error: No image.', 'no turn', 'send set_image']);
  });

  it('leaves the initial prompt to be sent, and what waits behind that', () => {
    const { connect, goLive, play, comes } = playedSession();
    connect(0, { initialImage: 'AAAA', initialPrompt: { text: 'a' }, holdUntilInitialState: false });
    goLive(1);
    expect(play(3, failed)).toEqual(['no initialImage', 'say error: No image.', 'send prompt', 'ack for 15000']);
    expect(comes(4, acked('a'))).toEqual(['no ack', 'say phaseTiming initialState 1']);
  });

  it('does so also when a later prompt was on the wire and is accepted', () => {
    const { connect, goLive, play, comes } = playedSession();
    connect(0, { initialImage: 'AAAA', initialPrompt: { text: 'a' }, holdUntilInitialState: false });
    goLive(1);
    play(2, prompt(50, 'b'));
    play(3, { ...image, requestId: 51, prompt: undefined });
    expect(play(4, failed)).toEqual(['no initialImage', 'say error: No image.']);
    expect(comes(5, acked('b'))).toEqual(['no ack', 'request.settle', 'no turn', 'send set_image']);
  });
});

test('an image that has waited for long ends the wait for the ack of one that has timed out', () => {
  const { connect, goLive, play } = playedSession();
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
  const { connect, comes, play } = playedSession();
  connect(0, { initialImage: 'AAAA' });
  comes(1, { type: 'socket.opened' });
  comes(2, roomInfo);
  const timer = { kind: 'stage', stage: 'initialImage', attempt: 2 } as const;
  expect(play(30_002, { type: 'timer.fired', timer }).filter((order) => order === 'image.cancel')).toHaveLength(1);
});

test('an image is read once, and a prompt is none', () => {
  const { connect, goLive, play, state } = playedSession();
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

// The reducer alone: what becomes of an initial state that comes late, is refused, or is overtaken.
import { acked, failure, lost, playedSession, prompt, roomInfo } from '../../../testkit/played-session.js';

const image = { initialImage: 'AAAA', holdUntilInitialState: false } as const;
const imageFailed = { type: 'image.failed', readId: 1, failure } as const;
const retry = { type: 'timer.fired', timer: { kind: 'retry', connectId: 1 } } as const;

test('an initial image that fails between two tries is reported, and nothing else comes of it', () => {
  const { connect, comes, play, goLive, state } = playedSession();
  connect(0, image);
  goLive(10);
  comes(20, lost);
  comes(30, lost);
  expect(state()).toMatchObject({ status: 'reconnecting', attempt: null });
  expect(play(40, imageFailed)).toEqual([`say error: ${failure.message}`]);
  expect(play(2000, retry)).toContain('socket.open');
});

test('an initial image that fails during a reconnect is reported as lost, once the session is live again', () => {
  const { connect, comes, play, goLive } = playedSession();
  connect(0, image);
  goLive(10);
  comes(20, lost);
  comes(30, { type: 'socket.opened' });
  expect(play(40, imageFailed)).toEqual([`say error: ${failure.message}`]);
  comes(50, roomInfo);
  comes(60, { type: 'room.joined' });
  expect(comes(70, { type: 'room.published' })).toContain('say intentRestored lost');
});

test('after a reconnect a prompt that was accepted takes the place of the initial state that it held back', () => {
  const { connect, comes, play, goLive, state } = playedSession();
  connect(0, { ...image, initialPrompt: { text: 'a' } });
  goLive(10);
  comes(20, lost);
  goLive(30);
  expect(play(40, prompt(state().nextId, 'b'))).toContain('send prompt');
  expect(play(50, imageFailed)).toEqual(['no initialImage', `say error: ${failure.message}`]);
  expect(comes(60, acked('b'))).toContain('say intentRestored none');
  expect(state()).toMatchObject({ attempt: { initial: 'none' }, intent: { prompt: { text: 'b' } } });
});

test('in direct WebRTC a first connect asks again for what was refused, if the caller has it tried again', () => {
  const { connect, comes, play } = playedSession();
  connect(0, { transport: 'webrtc', initialPrompt: { text: 'a' }, reconnect: { shouldRetry: () => true } });
  expect(comes(10, { type: 'socket.opened' })).toContain('send prompt');
  expect(comes(20, acked('a', false))).toContain('retry.ask');
  play(30, { type: 'caller.retryDecided', connectId: 1, failure, retry: true });
  expect(play(2000, retry)).toContain('socket.open');
  expect(comes(2010, { type: 'socket.opened' })).toContain('send prompt');
});

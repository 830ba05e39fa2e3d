// The reducer alone: events that come twice, too early, or too late, and change nothing.
import { playedSession } from '../../../testkit/played-session.js';
import type { LiveState } from './state.js';

test('an end of a resource that was not closing, and a sign of the user without a limit, leave the state as it is', () => {
  const { play, connect, goLive, state } = playedSession();
  const before = state();
  expect(play(0, { type: 'socket.closed', attempt: 99, code: 1000, reason: '' })).toEqual([]);
  expect(state()).toBe(before);
  connect(1, {});
  goLive(2);
  const live = state();
  expect(play(3, { type: 'caller.activityReported' })).toEqual([]);
  expect(state()).toBe(live);
});

test('messages change neither the try nor, without more seconds, what was used', () => {
  const { comes, connect, goLive, state } = playedSession();
  connect(0, {});
  goLive(1);
  const { usage } = state();
  comes(2, { type: 'server.statusReported', status: 'fine' });
  expect(state().usage).toBe(usage);
  comes(2, { type: 'server.generationTicked', seconds: 1 });
  const before = state();
  comes(3, { type: 'server.generationTicked', seconds: 1 });
  comes(4, { type: 'server.statusReported', status: 'fine' });
  expect(state()).toMatchObject({ liveness: { heardAtMs: 4, isTicking: false } });
  expect(state().usage).toBe(before.usage);
  expect((state() as LiveState).attempt).toBe((before as LiveState).attempt);
});

test('a room that says twice that it is joined, or published', () => {
  const { comes, connect, goLive } = playedSession();
  connect(0, {});
  goLive(1);
  expect(comes(2, { type: 'room.joined' })).toEqual([]);
  expect(comes(3, { type: 'room.published' })).toEqual([]);
});

test('frames that fail to come, or come again, before the session is live', () => {
  const { comes, connect } = playedSession();
  connect(0, { recoverStalledAfterMs: 4000 });
  comes(1, { type: 'socket.opened' });
  expect(comes(2, { type: 'media.stalled' })).toEqual([]);
  expect(comes(3, { type: 'media.recovered', durationMs: 1 })).toEqual([]);
});

test('a request without an answer, before the session is live', () => {
  const { comes, connect } = playedSession();
  connect(0, {});
  comes(1, { type: 'socket.opened', canPing: true });
  expect(comes(60_000, { type: 'request.unanswered' })).toEqual([]);
});

test('a timer that was cancelled while its firing was on the way', () => {
  const { comes, connect, play } = playedSession();
  connect(0, {});
  comes(1, { type: 'socket.opened' });
  const timer = { kind: 'stage', stage: 'socket', attempt: 2 } as const;
  expect(play(2, { type: 'timer.fired', timer })).toEqual([]);
});

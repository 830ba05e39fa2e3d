import { describe, expect, test } from '@jest/globals';
import { decodeClientMessage } from '../../../core/protocol/codec.js';
import type { AckMode } from './acks.js';
import { initialSession, reduceServiceSession, type SessionSettings, type SessionState } from './session.js';
import type { SessionEffect } from './session-effects.js';
import type { JoinMode, SessionEvent } from './session-events.js';

const settings: SessionSettings = {
  sessionId: 'session-1',
  roomName: 'room-1',
  queue: 0,
  queueIntervalMs: 1_000,
  ackDelayMs: 0,
  tickIntervalMs: 1_000,
  generationStart: 'media',
  maxSeconds: null,
  serverAddress: { ip: '127.0.0.1', port: 4000 },
  hasFile: () => true,
};

const frame = (
  message: object,
  ack: AckMode = { kind: 'normal' },
  join: JoinMode = { kind: 'served' },
): SessionEvent => ({
  type: 'frame.received',
  frame: decodeClientMessage(message),
  ack,
  join,
});
const join = frame({ type: 'livekit_join', passthrough: true });
const prompt = (text: string, ack?: AckMode) => frame({ type: 'prompt', prompt: text, enhance_prompt: true }, ack);
const opened: SessionEvent = { type: 'room.opened', url: 'ws://media', token: 'jwt' };

/** The effects of each event in turn, and the state after the last. */
function play(changes: Partial<SessionSettings>, ...events: readonly SessionEvent[]) {
  let state: SessionState = initialSession({ ...settings, ...changes });
  const effects: (readonly SessionEffect[])[] = [];
  for (const event of events) {
    const [next, ordered] = reduceServiceSession(state, event);
    state = next;
    effects.push(ordered);
  }
  return { state, effects, last: effects.at(-1) ?? [] };
}

const close = { type: 'socket.close', code: 1000, reason: 'generation ended' };
const send = (message: object) => ({ type: 'send', message });
const ack = (text: string, error: string | null = null) =>
  send({ type: 'prompt_ack', prompt: text, success: error === null, error });

describe('the road to a generation', () => {
  test('join, room, media', () => {
    const { effects, state } = play({}, join, opened, { type: 'media.started' });
    expect(effects).toEqual([
      [{ type: 'room.open' }],
      [
        send({
          type: 'livekit_room_info',
          livekit_url: 'ws://media',
          token: 'jwt',
          room_name: 'room-1',
          session_id: 'session-1',
        }),
      ],
      [send({ type: 'generation_started' }), { type: 'timer.start', timer: 'tick', afterMs: 1_000 }],
    ]);
    expect(state.phase).toBe('generating');
  });

  test('media that comes before the room info counts', () => {
    const { last } = play({}, join, { type: 'media.started' }, opened);
    expect(last).toContainEqual(send({ type: 'generation_started' }));
  });

  test('media starts a generation once', () => {
    expect(play({}, join, opened, { type: 'media.started' }, { type: 'media.started' }).last).toEqual([]);
  });

  test('a limit on its length ends it after the last tick', () => {
    const { last, state } = play({ maxSeconds: 1, generationStart: 'join' }, join, opened, {
      type: 'timer.fired',
      timer: 'tick',
    });
    expect(last).toEqual([{ type: 'second.charge' }]);
    const [ended, effects] = reduceServiceSession(state, { type: 'second.charged', charge: 'paid' });
    expect(effects).toEqual([
      send({ type: 'generation_tick', seconds: 1 }),
      send({ type: 'generation_ended', seconds: 1, reason: 'timeout' }),
      close,
    ]);
    expect(reduceServiceSession(ended, prompt('late'))).toEqual([ended, []]);
  });

  test('credits that run out end it, after the second that they still paid for', () => {
    const started = [join, opened, { type: 'media.started' }] as const;
    expect(play({}, ...started, { type: 'second.charged', charge: 'paid' }).last).toEqual([
      send({ type: 'generation_tick', seconds: 1 }),
      { type: 'timer.start', timer: 'tick', afterMs: 1_000 },
    ]);
    expect(play({}, ...started, { type: 'second.charged', charge: 'last' }).last).toEqual([
      send({ type: 'generation_tick', seconds: 1 }),
      send({ type: 'generation_ended', seconds: 1, reason: 'insufficient_credits' }),
      close,
    ]);
    expect(play({}, ...started, { type: 'second.charged', charge: 'refused' }).last).toEqual([
      send({ type: 'generation_ended', seconds: 0, reason: 'insufficient_credits' }),
      close,
    ]);
  });

  test.each([
    ['at once', 0, [close]],
    ['late', 250, [{ type: 'timer.start', timer: 'close', afterMs: 250 }]],
    ['never', null, []],
  ])('ended by the operator, its socket is closed %s', (_name, closeAfterMs, withTheEnd) => {
    const stopped: SessionEvent = { type: 'generation.stopped', reason: 'moderation_violation', closeAfterMs };
    const { state, last } = play({}, join, opened, { type: 'media.started' }, stopped);
    expect(last).toEqual([
      send({ type: 'generation_ended', seconds: 0, reason: 'moderation_violation' }),
      ...withTheEnd,
    ]);
    // The tick's timer may still run: nothing is charged, nothing is sent.
    expect(reduceServiceSession(state, { type: 'timer.fired', timer: 'tick' })).toEqual([state, []]);
    expect(reduceServiceSession(state, { type: 'second.charged', charge: 'paid' })).toEqual([state, []]);
    expect(reduceServiceSession(state, { type: 'timer.fired', timer: 'close' })).toEqual([state, [close]]);
  });

  test('messages that the service does not know do no harm', () => {
    const { state } = play({}, join, opened);
    for (const type of ['pause', 'resume']) expect(reduceServiceSession(state, frame({ type }))).toEqual([state, []]);
  });

  test('a room that cannot be opened ends the session', () => {
    const { last } = play({}, join, { type: 'room.failed', reason: 'no media' });
    expect(last).toEqual([
      send({ type: 'error', error: 'no media' }),
      { type: 'socket.close', code: 1011, reason: 'no media' },
    ]);
  });
});

describe('the queue', () => {
  test('holds the acks back until there is a slot, faults and all', () => {
    const { effects } = play(
      { queue: 1 },
      join,
      prompt('first', { kind: 'duplicated' }),
      prompt('second', { kind: 'failed', error: 'no' }),
      { type: 'timer.fired', timer: 'queue' },
      opened,
    );
    expect(effects[1]).toEqual([{ type: 'style.change', change: { prompt: 'first' } }]);
    expect(effects[2]).toEqual([]);
    expect(effects[3]).toEqual([{ type: 'room.open' }]);
    expect(effects[4]?.slice(1)).toEqual([ack('first'), ack('first'), ack('second', 'no')]);
  });
});

describe('acks', () => {
  test('wait for their own timers and may overtake each other', () => {
    const { effects } = play(
      { ackDelayMs: 10 },
      join,
      prompt('slow', { kind: 'slow', delayMs: 500 }),
      prompt('quick'),
      { type: 'timer.fired', timer: 'ack:2' },
      { type: 'timer.fired', timer: 'ack:1' },
      { type: 'timer.fired', timer: 'ack:1' },
    );
    expect(effects[1]).toContainEqual({ type: 'timer.start', timer: 'ack:1', afterMs: 510 });
    expect(effects[2]).toContainEqual({ type: 'timer.start', timer: 'ack:2', afterMs: 10 });
    expect(effects.slice(3)).toEqual([[ack('quick')], [ack('slow')], []]);
  });

  test('that are kept are released in order, once', () => {
    const late: AckMode = { kind: 'late' };
    const { effects } = play(
      {},
      join,
      prompt('a', late),
      prompt('b', late),
      { type: 'acks.released' },
      { type: 'acks.released' },
    );
    expect(effects.slice(3)).toEqual([[ack('a'), ack('b')], []]);
  });

  test('of a failed request leave the style as it was', () => {
    const { state } = play({}, join, prompt('kept'), prompt('refused', { kind: 'failed', error: 'no' }));
    expect(state.prompt).toBe('kept');
  });
});

describe('images', () => {
  const image = (fields: object) => frame({ type: 'set_image', ...fields });
  const change = (fields: object, changes: Partial<SessionSettings> = {}) =>
    play(changes, join, image(fields)).last.filter(({ type }) => type === 'style.change');

  test.each([
    [{ image_data: 'AAEC' }, { image: { base64: 'AAEC' } }],
    [{ image_data: null }, { image: null }],
    [
      { image_ref: 'file_1', prompt: null },
      { image: { fileId: 'file_1' }, prompt: null },
    ],
    [
      { image_data: 'AAEC', prompt: 'p' },
      { image: { base64: 'AAEC' }, prompt: 'p' },
    ],
  ])('%j changes the style', (fields, expected) => {
    expect(change(fields)).toEqual([{ type: 'style.change', change: expected }]);
  });

  test('of files that do not exist are refused', () => {
    const { last } = play({ hasFile: () => false }, join, image({ image_ref: 'file_1' }));
    expect(last).toEqual([
      send({ type: 'set_image_ack', success: false, error: 'The referenced file does not exist' }),
    ]);
  });
});

test('a refused join closes the socket, a silent one leaves it waiting', () => {
  const refused = frame(
    { type: 'livekit_join' },
    { kind: 'normal' },
    { kind: 'refused', error: 'full', closeCode: 1013 },
  );
  expect(play({}, refused).last).toEqual([
    send({ type: 'error', error: 'full' }),
    { type: 'socket.close', code: 1013, reason: 'full' },
  ]);
  const silent = frame({ type: 'livekit_join' }, { kind: 'normal' }, { kind: 'silent' });
  expect(play({}, silent).last).toEqual([]);
});

describe('direct WebRTC mode', () => {
  const offer = (sdp: string, mode?: JoinMode) => frame({ type: 'offer', sdp }, undefined, mode);
  const sessionId = send({ type: 'session_id', session_id: 'session-1', server_ip: '127.0.0.1', server_port: 4000 });

  test('begins with the initial state, whose ack does not wait for an offer', () => {
    const { effects, state } = play({}, prompt('a forest'), offer('v=0'), opened, {
      type: 'offer.answered',
      sdp: 'the answer',
    });
    expect(effects).toEqual([
      [sessionId, { type: 'style.change', change: { prompt: 'a forest' } }, ack('a forest')],
      [{ type: 'room.open' }],
      [{ type: 'offer.answer', sdp: 'v=0' }],
      [send({ type: 'answer', sdp: 'the answer' })],
    ]);
    expect(state).toMatchObject({ mode: 'direct', phase: 'in-room' });
  });

  test('begins with an offer or a candidate just as well', () => {
    expect(play({}, offer('v=0')).last).toEqual([sessionId, { type: 'room.open' }]);
    const candidate = frame({ type: 'ice-candidate', candidate: null });
    expect(play({}, candidate).last).toEqual([sessionId]);
    expect(play({}, candidate, offer('v=0')).last).toEqual([{ type: 'room.open' }]);
  });

  test('the first offer waits in the queue, is refused or left alone as a join is', () => {
    expect(play({ queue: 2 }, offer('v=0')).last).toContainEqual(
      send({ type: 'queue_position', position: 2, queue_size: 2 }),
    );
    expect(play({}, offer('v=0', { kind: 'refused', error: 'No capacity', closeCode: 1013 })).state.phase).toBe(
      'ended',
    );
    expect(play({}, offer('v=0', { kind: 'silent' })).last).toEqual([sessionId]);
  });

  test('a later offer replaces one that waits, and is answered at once in the room', () => {
    expect(play({}, offer('one'), offer('two'), opened).last).toEqual([{ type: 'offer.answer', sdp: 'two' }]);
    expect(play({}, offer('one'), opened, offer('two')).last).toEqual([{ type: 'offer.answer', sdp: 'two' }]);
  });

  test('a client that is taken out of its room loses its socket', () => {
    const { last } = play({}, offer('v=0'), opened, { type: 'client.removed' });
    expect(last).toContainEqual({ type: 'socket.close', code: 1011, reason: 'Removed from the room' });
    expect(play({}, join, opened, { type: 'client.removed' }).last).toEqual([]);
  });

  test('does not mix with the other one', () => {
    expect(play({}, join, offer('v=0')).last).toEqual([
      send({ type: 'error', error: 'offer belongs to direct WebRTC mode' }),
    ]);
    expect(play({}, offer('v=0'), join).last).toEqual([
      send({ type: 'error', error: 'This session is in direct WebRTC mode' }),
    ]);
  });
});

// The reducer alone: a session from its connect to its end, and what it does not react to.
import { acked, failure, playedSession, roomInfo } from '../../../testkit/played-session.js';
import type { UntimedEvent } from './events.js';
import { setImageMessage } from './opening-message.js';
import { selectLocalOwner } from './select.js';

test('a session in a LiveKit room, from its connect to its end', () => {
  const { connect, comes, play, state } = playedSession();
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
  const { connect, comes, state } = playedSession();
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
  const { connect, comes } = playedSession();
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
  const { connect, comes } = playedSession();
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

test('a room that is only prepared opened nothing that has to close', () => {
  const { connect, comes, play, state } = playedSession();
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
    const { connect, comes, play } = playedSession();
    connect(0, { transport: 'webrtc', initialPrompt: { text: 'a' } }, 'owned');
    comes(1, { type: 'socket.opened' });
    expect(comes(2, acked('a')).at(-1)).toBe('raise handshake.initialStateSettled');
    expect(play(3, opened)).toEqual(join);
  });

  it('the camera waits for the socket and the ack', () => {
    const { connect, comes, play } = playedSession();
    connect(0, { transport: 'webrtc', initialPrompt: { text: 'a' } }, 'owned');
    expect(play(1, opened)).toEqual([]);
    comes(2, { type: 'socket.opened' });
    expect(comes(3, acked('a')).slice(-2)).toEqual(join);
  });

  it('the camera waits for an initial image that is still being read', () => {
    const { connect, comes, play } = playedSession();
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

test('a place in the queue after the answer to the join means nothing', () => {
  const { connect, comes } = playedSession();
  connect(0, {});
  comes(1, { type: 'socket.opened' });
  comes(2, roomInfo);
  expect(comes(3, { type: 'server.queuePositionChanged', position: 1, queueSize: 2 })).toEqual([]);
});

test('what is said of another connect than the present one changes nothing', () => {
  const { connect, play, state, comes } = playedSession();
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

test('the end of a generation is said, also one that ends no session', () => {
  const { connect, comes, goLive } = playedSession();
  connect(0, {});
  goLive(1);
  const ended = { type: 'server.generationEnded', seconds: 2, reason: 'disconnect' } as const;
  expect(comes(2, ended)).toEqual(['say generationEnded']);
});

test('a stream takes its id out of the ids that are drawn', () => {
  const { comes, connect, state } = playedSession();
  connect(0, {});
  comes(1, { type: 'room.streamChanged', streamId: 7 });
  expect(state().nextId).toBe(8);
  comes(2, { type: 'room.streamChanged', streamId: 3 });
  comes(3, { type: 'room.streamChanged', streamId: null });
  expect(state()).toMatchObject({ nextId: 8, attempt: { streamId: null } });
});

test('messages between two ticks do not hide that they count up', () => {
  const { comes, connect, goLive, state } = playedSession();
  connect(0, {});
  goLive(1);
  comes(2, { type: 'server.generationTicked', seconds: 1 });
  comes(3, { type: 'server.statusReported', status: 'fine' });
  comes(4, { type: 'server.generationTicked', seconds: 2 });
  expect(state().liveness.isTicking).toBe(true);
});

test('a socket on which nothing was heard yet is pinged before it is given up', () => {
  const { comes, connect, play } = playedSession();
  connect(0, {});
  comes(1, { type: 'socket.opened', canPing: true });
  const fired = { type: 'timer.fired', timer: { kind: 'heartbeat', attempt: 2 } } as const;
  expect(play(20_001, fired)).toEqual(['socket.ping', 'heartbeat for 20000']);
  expect(play(40_001, fired)).toContain('socket.close 1000');
});

test('a local stream belongs to its connect once it is there', () => {
  const { connect, play, state } = playedSession();
  expect(selectLocalOwner(state())).toBeNull();
  connect(0, {}, 'owned');
  expect(selectLocalOwner(state())).toBeNull();
  play(1, { type: 'local.opened', connectId: 1 });
  expect(selectLocalOwner(state())).toBe(1);
});

test('a message that clears the image says so', () => {
  expect(setImageMessage(null, undefined)).toStrictEqual({ type: 'set_image', image_data: null });
});

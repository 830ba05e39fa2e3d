// Direct WebRTC mode: initial state and ack first, then offer and answer over the socket.

import { imageAck, playSession, promptAck, roomInfo, type SessionStage } from '../../../testkit/session-stage.js';
import { createMemoryLocalStream, createMemoryTrack } from '../../../transports/memory/index.js';
import { decodeSubscribeToken } from '../../protocol/subscribe-token.js';

const states = { d: 'disconnected', c: 'connecting', o: 'connected', g: 'generating', r: 'reconnecting' };
const webrtc = {
  transport: 'webrtc',
  recoverStalledAfterMs: false,
  iceServers: [{ urls: 'stun:127.0.0.1:1' }],
} as const;
const prompted = { ...webrtc, initialPrompt: { text: 'a forest' } };
const plain = { type: 'set_image', image_data: null, prompt: null };
const offer = { type: 'offer', sdp: 'the offer' } as const;
const answer = { type: 'answer', sdp: 'the answer' } as const;
const sessionId = { type: 'session_id', session_id: 'session-1', server_ip: '10.0.0.1', server_port: 4000 } as const;

/** From the ack of the initial state to the live session, on the latest socket. */
function connectPeers({ network, say }: SessionStage): void {
  const n = network.sockets.length - 1;
  const room = network.rooms.at(-1);
  room?.signal(offer);
  say(n, answer);
  room?.publishRemote();
  room?.accept();
}

const avatar = { name: 'live_avatar', urlPath: '/v1/stream', fps: 25, width: 1280, height: 720 };
describe('the handshake', () => {
  it('waits for the ack of the initial state, then offers; the answer and a room make it live', () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime, expectObservable, log } = stage;
      at(1, () => connect(prompted));
      at(2, () => network.sockets[0]?.accept());
      at(3, () => {
        expect(sent(0)).toEqual([{ type: 'prompt', prompt: 'a forest', enhance_prompt: true }]);
        expect(network.rooms).toHaveLength(0);
        say(0, promptAck('a forest'));
      });
      at(4, () => {
        expect(network.rooms[0]?.request).toMatchObject({ iceServers: webrtc.iceServers, playsAudio: false });
        network.rooms[0]?.signal(offer);
        network.rooms[0]?.signal({ type: 'candidate', candidate: { candidate: 'one', sdpMid: '0' } });
        network.rooms[0]?.signal({ type: 'candidate', candidate: null });
      });
      at(5, () => {
        expect(sent(0).slice(1)).toEqual([
          offer,
          { type: 'ice-candidate', candidate: { candidate: 'one', sdpMid: '0' } },
          { type: 'ice-candidate', candidate: null },
        ]);
        say(0, { type: 'ice-candidate', candidate: { candidate: 'early' } });
        say(0, answer);
        say(0, { type: 'ready' });
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(6, () => {
        // A candidate that comes before the answer is the room's to keep.
        expect(network.rooms[0]?.signals).toEqual([{ type: 'candidate', candidate: { candidate: 'early' } }, answer]);
        expect(log).toEqual(['5 session live']);
        void realtime.disconnect();
      });
      expectObservable(realtime.connectionState$).toBe('dc---od', states);
    });
  });

  it("without a wish asks for the camera's own picture", () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime, log } = stage;
      at(0, () => connect(webrtc));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => {
        expect(sent(0)).toEqual([plain]);
        say(0, imageAck());
      });
      at(3, () => connectPeers(stage));
      at(4, () => {
        expect(log).toEqual(['3 session live']);
        void realtime.disconnect();
      });
    });
  });

  it('with nothing to send and nothing wished for begins with the offer', () => {
    playSession((stage) => {
      const { at, connect, network, sent, realtime } = stage;
      at(0, () => connect({ ...webrtc, model: avatar }, null));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => {
        expect(network.rooms[0]?.request).toMatchObject({ playsAudio: true, localStream: null });
        connectPeers(stage);
      });
      at(3, () => {
        expect(sent(0)).toEqual([offer]);
        void realtime.disconnect();
      });
    });
  });

  it('waits for an image that is still being read', () => {
    playSession(
      (stage) => {
        const { at, connect, network, sent, say, realtime } = stage;
        at(0, () => connect({ ...webrtc, initialImage: 'http://images.test/a.png' }));
        at(1, () => network.sockets[0]?.accept());
        at(9, () => expect(sent(0)).toEqual([]));
        at(11, () => {
          expect(sent(0)).toEqual([{ type: 'set_image', image_data: 'AQID' }]);
          say(0, imageAck());
        });
        at(12, () => connectPeers(stage));
        at(13, () => void realtime.disconnect());
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('10ms (a|)', { a: Uint8Array.of(1, 2, 3) }) }) },
    );
  });

  it('answers an offer of the service', () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, log, realtime } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => network.rooms[0]?.signal(offer));
      at(4, () => say(0, { type: 'offer', sdp: 'theirs' }));
      at(5, () => {
        expect(network.rooms[0]?.signals).toEqual([{ type: 'offer', sdp: 'theirs' }]);
        network.rooms[0]?.signal({ type: 'answer', sdp: 'ours' });
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      // The offer's own time is over, and does not count any more.
      at(20_000, () => {
        expect(sent(0).at(-1)).toEqual({ type: 'answer', sdp: 'ours' });
        expect(log).toEqual(['5 session live']);
        void realtime.disconnect();
      });
    });
  });

  it.each(['before', 'after'] as const)('takes the session id %s it is live', (when) => {
    playSession((stage) => {
      const { at, connect, network, say, realtime } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => {
        if (when === 'before') say(0, sessionId);
        connectPeers(stage);
      });
      at(4, () => {
        if (when === 'after') say(0, sessionId);
        say(0, { ...sessionId, session_id: 'another' });
      });
      at(5, () => {
        expect(realtime.sessionId).toBe('session-1');
        expect(decodeSubscribeToken(realtime.subscribeToken ?? '')).toEqual({
          sessionId: 'session-1',
          serverIp: '10.0.0.1',
          serverPort: 4000,
        });
        void realtime.disconnect();
      });
    });
  });

  it('does not take a LiveKit room for an answer, nor the other way round', () => {
    playSession((stage) => {
      const { at, connect, network, say, realtime } = stage;
      const unknown: string[] = [];
      realtime.diagnostics$.subscribe((event) => event.name === 'messageUnknown' && unknown.push(event.messageType));
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, roomInfo));
      at(3, () => {
        expect(network.rooms).toHaveLength(0);
        connect();
      });
      at(4, () => network.sockets[1]?.accept());
      at(5, () => {
        for (const message of [answer, sessionId, { type: 'ready' } as const]) say(1, message);
        say(1, { type: 'ice-candidate', candidate: null });
      });
      at(6, () => {
        expect(unknown).toEqual(['answer', 'session_id', 'ready', 'ice-candidate']);
        void realtime.disconnect();
      });
    });
  });

  it('waits in the queue between offer and answer, for as long as it takes', () => {
    playSession((stage) => {
      const { at, connect, network, say, realtime, watch, log } = stage;
      watch('place', realtime.queuePosition$, (place: { position: number } | null) => String(place?.position ?? '-'));
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => network.rooms[0]?.signal(offer));
      at(4, () => say(0, { type: 'queue_position', position: 2, queue_size: 2 }));
      at(300_000, () => connectPeers(stage));
      at(300_001, () => {
        expect(log).toEqual(['0 place -', '4 place 2', '300000 place -', '300000 session live']);
        void realtime.disconnect();
      });
    });
  });
});

describe('what fails a try', () => {
  it('a refused initial state, for good: the same would be refused again', () => {
    playSession((stage) => {
      const { at, connect, network, say, log } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest', 'bad taste')));
      at(9000, () => {
        expect(log).toEqual(['2 session failed WEBRTC_SERVER_ERROR', '2 error WEBRTC_SERVER_ERROR']);
        expect(network.sockets).toHaveLength(1);
        expect(network.rooms).toHaveLength(0);
      });
    });
  });

  it.each([
    ['no ack of a prompt within 15 s', prompted, 15_001],
    ['no ack of an image within 30 s', webrtc, 30_001],
  ])('%s', (_name, options, dueMs) => {
    playSession((stage) => {
      const { at, connect, network, realtime, log } = stage;
      const reasons: string[] = [];
      realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && reasons.push(event.reason));
      at(0, () => connect(options));
      at(1, () => network.sockets[0]?.accept());
      at(dueMs - 1, () => expect(reasons).toEqual([]));
      at(dueMs + 1, () => {
        expect(reasons).toHaveLength(1);
        expect(log).toEqual([]);
        void realtime.disconnect();
      });
    });
  });

  it.each([
    ['no answer within 15 s', (_stage: SessionStage): void => undefined, 'handshake'],
    ['no connection within 15 s of the answer', ({ say }: SessionStage): void => say(0, answer), 'room'],
  ] as const)('%s', (_name, next, what) => {
    playSession((stage) => {
      const { at, connect, network, say, realtime } = stage;
      const failures: unknown[] = [];
      realtime.errors$.subscribe(({ data }) => failures.push(data?.stage));
      at(0, () => connect({ ...prompted, reconnect: { retries: 0 } }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => network.rooms[0]?.signal(offer));
      at(4, () => next(stage));
      at(15_000, () => expect(failures).toEqual([]));
      at(15_006, () => expect(failures).toEqual([what]));
    });
  });
});

describe('after a loss', () => {
  const lost = { code: 'WEBRTC_ICE_ERROR', message: 'The peer connection is lost.' } as const;

  it('the latest wish goes first, on a fresh socket and a fresh peer connection', () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime, log } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => connectPeers(stage));
      at(4, () => void realtime.setPrompt('a desert'));
      at(5, () => say(0, promptAck('a desert')));
      at(6, () => network.rooms[0]?.lose(lost));
      at(7, () => network.sockets[1]?.accept());
      at(8, () => {
        expect(sent(1)).toMatchObject([{ type: 'prompt', prompt: 'a desert' }]);
        say(1, promptAck('a desert'));
      });
      at(9, () => connectPeers(stage));
      at(10, () => {
        expect(network.rooms).toHaveLength(2);
        expect(log).toEqual(['3 session live', '9 intent replayed']);
        void realtime.disconnect();
      });
    });
  });

  it('a wish that is refused now is left out, which is said', () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime, log } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => connectPeers(stage));
      at(6, () => network.sockets[0]?.closeByServer(1006));
      at(7, () => network.sockets[1]?.accept());
      at(8, () => say(1, promptAck('a forest', 'bad taste')));
      at(2000, () => network.sockets[2]?.accept());
      at(2001, () => {
        expect(sent(2)).toEqual([plain]);
        say(2, imageAck());
      });
      at(2002, () => connectPeers(stage));
      at(2003, () => {
        expect(log).toEqual(['3 session live', '8 intent lost']);
        expect(realtime.isConnected()).toBe(true);
        void realtime.disconnect();
      });
    });
  });

  it("a refusal of the camera's own picture takes nothing from the wish: the next try asks again", () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime, log } = stage;
      at(0, () => connect({ ...webrtc, publishCamera: true }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, imageAck()));
      at(3, () => connectPeers(stage));
      at(6, () => network.rooms[0]?.lose(lost));
      at(7, () => network.sockets[1]?.accept());
      at(8, () => say(1, imageAck('not now')));
      at(2000, () => network.sockets[2]?.accept());
      at(2001, () => {
        expect(sent(2)).toEqual([plain]);
        say(2, imageAck());
      });
      at(2002, () => connectPeers(stage));
      at(2003, () => {
        expect(log).toEqual(['3 session live', '2002 intent none']);
        void realtime.disconnect();
      });
    });
  });

  it("an offer of the service's that comes before this side's own is answered within one limit", () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime, log } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => say(0, { type: 'offer', sdp: 'theirs' }));
      at(4, () => network.rooms[0]?.signal({ type: 'answer', sdp: 'ours' }));
      at(5, () => network.rooms[0]?.signal(offer));
      at(15_001, () => {
        expect(sent(0).slice(1)).toEqual([{ type: 'answer', sdp: 'ours' }, offer]);
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(40_000, () => {
        expect(log).toEqual(['15001 session live']);
        void realtime.disconnect();
      });
    });
  });

  it('what the connection does later goes both ways: an offer of either side, candidates', () => {
    playSession((stage) => {
      const { at, connect, network, say, sent, realtime } = stage;
      at(0, () => connect(prompted));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, promptAck('a forest')));
      at(3, () => connectPeers(stage));
      at(4, () => {
        network.rooms[0]?.signal({ type: 'offer', sdp: 'again' });
        say(0, { type: 'answer', sdp: 'again, too' });
        say(0, { type: 'ice-candidate', candidate: null });
      });
      at(5, () => {
        expect(sent(0).at(-1)).toEqual({ type: 'offer', sdp: 'again' });
        expect(network.rooms[0]?.signals.slice(1)).toEqual([
          { type: 'answer', sdp: 'again, too' },
          { type: 'candidate', candidate: null },
        ]);
      });
      at(20_000, () => {
        expect(realtime.isConnected()).toBe(true);
        void realtime.disconnect();
      });
    });
  });
});

describe('a sound', () => {
  const lost = { code: 'WEBRTC_ICE_ERROR', message: 'The media connection was lost.' } as const;
  const live = (stage: SessionStage, localStream: object | null = null): void => {
    stage.connect({ ...webrtc, model: avatar }, localStream);
    stage.at(1, () => stage.network.sockets[0]?.accept());
    stage.at(2, () => connectPeers(stage));
  };

  it('is played into a live avatar, one at a time, and can be stopped', async () => {
    const played: Promise<unknown>[] = [];
    playSession((stage) => {
      const { at, network, realtime } = stage;
      expect(realtime.isPlayAudioAvailable()).toBe(false);
      live(stage);
      at(3, () => {
        expect(realtime.isPlayAudioAvailable()).toBe(true);
        const stop = new AbortController();
        const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
        played.push(realtime.playAudio(one), realtime.playAudio(two, { signal: stop.signal }));
        // The second one takes the first one's place.
        const sounds = network.rooms[0]?.sounds ?? [];
        expect(sounds.map(({ audio }) => audio)).toEqual([one, two]);
        stop.abort();
        expect(sounds.map(({ stopped }) => stopped)).toEqual([true, true]);
        const third = realtime.playAudio(one);
        network.rooms[0]?.sounds.at(-1)?.end();
        played.push(third);
        void realtime.disconnect();
      });
    });
    expect((await Promise.allSettled(played)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await expect(played[1]).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each([
    ['disconnect()', ({ realtime }: SessionStage): void => void realtime.disconnect(), 'ABORTED'],
    ['release()', ({ client }: SessionStage): void => void client.release(), 'ABORTED'],
    [
      'a newer connect()',
      ({ connect }: SessionStage): void => void connect({ ...webrtc, model: avatar }, null),
      'ABORTED',
    ],
    ['a lost connection', ({ network }: SessionStage) => network.rooms[0]?.lose(lost), 'WEBRTC_ICE_ERROR'],
  ] as const)('that plays is given up by %s, and so is a track that is just replaced', async (_name, end, code) => {
    const running: Promise<unknown>[] = [];
    playSession((stage) => {
      const { at, realtime } = stage;
      live(stage);
      at(3, () => {
        running.push(realtime.playAudio(Uint8Array.of(1)), realtime.replaceVideoTrack(createMemoryTrack('video')));
        end(stage);
      });
      at(4, () => void realtime.disconnect());
    });
    const rejected = { status: 'rejected', reason: expect.objectContaining({ code }) };
    expect(await Promise.allSettled(running)).toEqual([rejected, rejected]);
  });

  it('is refused where there is nobody to speak it', async () => {
    const refused: Promise<unknown>[] = [];
    playSession((stage) => {
      const { at, connect, goLive, realtime } = stage;
      refused.push(realtime.playAudio(Uint8Array.of(1)));
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => {
        expect(realtime.isPlayAudioAvailable()).toBe(false);
        refused.push(realtime.playAudio(Uint8Array.of(1)));
        void realtime.disconnect();
      });
    });
    await expect(refused[0]).rejects.toMatchObject({ code: 'WEBRTC_SIGNALING_ERROR' });
    await expect(refused[1]).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'audio' } });
  });

  it('is not played where a microphone speaks', () => {
    playSession((stage) => {
      const { at, network, realtime, say } = stage;
      stage.connect({ ...webrtc, model: avatar }, createMemoryLocalStream({ video: false, audio: true }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, imageAck()));
      at(3, () => connectPeers(stage));
      at(4, () => {
        expect(realtime.isPlayAudioAvailable()).toBe(false);
        void realtime.disconnect();
      });
    });
  });
});

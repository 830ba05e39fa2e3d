import { map, NEVER, type Observable } from 'rxjs';
import { imageAck, playSession, promptAck, roomInfo } from '../../../testkit/session-stage.js';

const states = { d: 'disconnected', c: 'connecting', o: 'connected', g: 'generating', r: 'reconnecting' };
/** Base64 of the bytes 1, 2, 3. */
const IMAGE = 'AQID';
const BYTES = new Uint8Array([1, 2, 3]);

const toIsShown = (stream$: Observable<unknown>): Observable<boolean> => stream$.pipe(map((stream) => stream !== null));

describe('joining', () => {
  it('joins, sends the initial state behind it, and is connected once the room is published to', () => {
    playSession(({ expectObservable, realtime, network, connect, at, say, sent, log }) => {
      at(1, () => connect({ initialPrompt: { text: 'anime' } }));
      at(3, () => network.sockets[0]?.accept());
      at(4, () => {
        expect(sent(0)).toEqual([
          { type: 'livekit_join', passthrough: false },
          { type: 'prompt', prompt: 'anime', enhance_prompt: true },
        ]);
        say(0, promptAck('anime'));
        say(0, roomInfo);
        network.rooms[0]?.publishRemote();
      });
      at(5, () => network.rooms[0]?.accept());
      at(7, () => say(0, { type: 'generation_started' }));
      at(9, () => void realtime.disconnect());
      at(10, () => expect(log).toEqual(['5 session live', '9 session done']));
      expectObservable(realtime.connectionState$).toBe('dc---o-g-d', states);
      expectObservable(realtime.sessionStarted$).toBe('n----s---n', {
        n: null,
        s: { sessionId: 'session-1', subscribeToken: btoa('{"room_name":"room-1"}') },
      });
    });
  });

  it('joins as passthrough without an initial state', () => {
    playSession(({ at, connect, network, sent, realtime }) => {
      at(1, () => connect());
      at(2, () => network.sockets[0]?.accept());
      at(3, () => expect(sent(0)).toEqual([{ type: 'livekit_join', passthrough: true }]));
      at(4, () => void realtime.disconnect());
    });
  });

  it('bundles the initial state on request, a null one too', () => {
    playSession(({ at, connect, network, sent, realtime }) => {
      at(1, () => connect({ initialPrompt: { text: 'anime', enhance: false }, handshake: 'bundled' }));
      at(2, () => network.sockets[0]?.accept());
      const initial_state = { type: 'prompt', prompt: 'anime', enhance_prompt: false };
      at(3, () => expect(sent(0)).toEqual([{ type: 'livekit_join', initial_state }]));
      at(4, () => connect({ handshake: 'bundled' }));
      at(5, () => network.sockets[1]?.accept());
      at(6, () => expect(sent(1)).toEqual([{ type: 'livekit_join', initial_state: null }]));
      at(7, () => void realtime.disconnect());
    });
  });

  it('sends an initial image with the prompt riding along', () => {
    playSession(({ at, connect, network, sent, realtime }) => {
      at(1, () => connect({ initialImage: BYTES, initialPrompt: { text: 'hat' } }));
      at(2, () => network.sockets[0]?.accept());
      at(3, () =>
        expect(sent(0)).toEqual([
          { type: 'livekit_join', passthrough: false },
          { type: 'set_image', image_data: IMAGE, prompt: 'hat', enhance_prompt: true },
        ]),
      );
      at(4, () => void realtime.disconnect());
    });
  });

  it('does not hold the join back for an image that is still being read, unless it is bundled', () => {
    for (const handshake of ['lean', 'bundled'] as const) {
      const play: Parameters<typeof playSession>[0] = ({ at, connect, network, sent, realtime }) => {
        at(1, () => connect({ initialImage: 'https://images.test/a.png', handshake }));
        at(2, () => network.sockets[0]?.accept());
        const join = { type: 'livekit_join', passthrough: false };
        const image = { type: 'set_image', image_data: IMAGE };
        at(3, () => expect(sent(0)).toEqual(handshake === 'lean' ? [join] : []));
        at(21, () =>
          expect(sent(0)).toEqual(
            handshake === 'lean' ? [join, image] : [{ type: 'livekit_join', initial_state: image }],
          ),
        );
        at(22, () => void realtime.disconnect());
      };
      playSession(play, {
        platform: ({ cold }) => ({ fetchBytes: () => cold('19ms (b|)', { b: BYTES }) }),
      });
    }
  });

  it('stops reading the initial image when the connect is given up', () => {
    const play: Parameters<typeof playSession>[0] = ({ at, connect, realtime }) => {
      at(2, () => connect({ initialImage: 'https://images.test/a.png' }));
      at(5, () => void realtime.disconnect());
    };
    playSession(play, {
      platform: ({ cold, expectSubscriptions }) => {
        const bytes$ = cold<Uint8Array>('--------b|');
        expectSubscriptions(bytes$.subscriptions).toBe('--^--!');
        return { fetchBytes: () => bytes$ };
      },
    });
  });

  it('fails when the initial image cannot be read', () => {
    playSession(({ at, connect, network, log }) => {
      at(1, () => connect({ initialImage: 'https://images.test/missing.png' }));
      at(2, () => {
        expect(log).toEqual(['1 session failed INVALID_INPUT', '1 error INVALID_INPUT']);
        expect(network.open.sockets).toBe(0);
      });
    });
  });

  it('goes to generating by way of connected when the service is quicker than the room', () => {
    playSession(({ expectObservable, realtime, network, connect, at, say }) => {
      at(1, () => connect());
      at(2, () => network.sockets[0]?.accept());
      at(3, () => say(0, roomInfo));
      at(4, () => say(0, { type: 'generation_tick', seconds: 1 }));
      at(5, () => network.rooms[0]?.accept());
      at(9, () => void realtime.disconnect());
      expectObservable(realtime.connectionState$).toBe('dc---(og)d', states);
      expectObservable(realtime.generationTicks$).toBe('----t', { t: { seconds: 1 } });
    });
  });

  it('ignores room info before its join, and a second one', () => {
    playSession(({ at, connect, network, say, goLive, realtime }) => {
      at(1, () => connect());
      at(2, () => goLive());
      at(3, () => say(0, { ...roomInfo, session_id: 'session-2' } as typeof roomInfo));
      at(4, () => {
        expect(realtime.sessionId).toBe('session-1');
        expect(network.rooms).toHaveLength(1);
        void realtime.disconnect();
      });
    });
  });

  it('publishes the local stream and shows it, untouched', () => {
    playSession(({ at, connect, goLive, network, realtime, expectObservable }) => {
      const local = { id: 'stream-local', videoTrack: {}, audioTrack: null };
      at(1, () => connect({}, local));
      at(2, () => goLive());
      at(3, () => expect(network.rooms[0]?.request.localStream).toBe(local));
      at(4, () => void realtime.disconnect());
      expectObservable(realtime.localStream$).toBe('nl--n', { n: null, l: local });
    });
  });
});

describe('the queue', () => {
  it('suspends the handshake and the budget, for minutes if need be', () => {
    playSession(({ expectObservable, realtime, connect, network, at, say }) => {
      at(1, () => connect());
      at(2, () => network.sockets[0]?.accept());
      at(10_000, () => say(0, { type: 'queue_position', position: 2, queue_size: 4 }));
      at(100_000, () => say(0, { type: 'queue_position', position: 2, queue_size: 4 }));
      at(200_000, () => say(0, { type: 'queue_position', queue_position: 1, queue_size: 4 }));
      at(400_000, () => {
        say(0, roomInfo);
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(400_001, () => void realtime.disconnect());
      expectObservable(realtime.queuePosition$).toBe('a 9999ms b 189999ms c 199999ms a', {
        a: null,
        b: { position: 2, queueSize: 4 },
        c: { position: 1, queueSize: 4 },
      });
      expectObservable(realtime.connectionState$).toBe('dc 399998ms od', states);
    });
  });

  it('does not let the budget sleep on when the socket is lost in it', () => {
    playSession(({ connect, network, at, say, log }) => {
      at(0, () => connect({ connectBudgetMs: 5_000 }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { type: 'queue_position', position: 1, queue_size: 1 }));
      at(10_000, () => network.sockets[0]?.closeByServer(1006));
      at(20_000, () => expect(log[0]).toBe('16000 session failed WEBRTC_TIMEOUT_ERROR'));
    });
  });

  it('gives the connect its whole budget again when it is over', () => {
    playSession(({ connect, network, at, say, log }) => {
      at(0, () => connect({ connectBudgetMs: 5_000 }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { type: 'queue_position', position: 1, queue_size: 1 }));
      // The room is never joined.
      at(100_000, () => say(0, roomInfo));
      at(110_000, () => expect(log[0]).toBe('105000 session failed WEBRTC_TIMEOUT_ERROR'));
    });
  });

  it('is nowhere before the join, which a bundled image may hold back', () => {
    playSession(
      ({ connect, network, at, say, log }) => {
        at(0, () => connect({ initialImage: 'https://images.test/endless', handshake: 'bundled' }));
        at(1, () => network.sockets[0]?.accept());
        at(2, () => say(0, { type: 'queue_position', position: 1, queue_size: 1 }));
        at(61_000, () => expect(log[0]).toBe('60000 session failed WEBRTC_TIMEOUT_ERROR'));
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('-') }) },
    );
  });

  it('does not let the ack timer of the initial state run', () => {
    playSession(({ connect, network, at, say, log, realtime }) => {
      at(0, () => connect({ initialPrompt: { text: 'anime' }, holdUntilInitialState: false }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { type: 'queue_position', position: 1, queue_size: 1 }));
      at(60_000, () => {
        say(0, roomInfo);
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(80_000, () => {
        expect(log).toEqual(['60000 session live', '75000 error WEBRTC_TIMEOUT_ERROR']);
        void realtime.disconnect();
      });
    });
  });
});

describe('time limits of a try', () => {
  it('15 s for the socket to open, then another try after 1 s', () => {
    playSession(({ connect, network, at, realtime }) => {
      at(0, () => connect());
      at(14_999, () => expect(network.sockets[0]?.state).toBe('connecting'));
      at(15_001, () => expect(network.sockets[0]?.state).toBe('closed'));
      at(15_999, () => expect(network.sockets).toHaveLength(1));
      at(16_001, () => expect(network.sockets).toHaveLength(2));
      at(16_002, () => void realtime.disconnect());
    });
  });

  it('15 s for the answer to the join', () => {
    playSession(({ connect, network, at, realtime }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(15_000, () => expect(network.sockets[0]?.state).toBe('open'));
      at(15_002, () => expect(network.sockets[0]?.state).toBe('closed'));
      at(16_000, () => expect(network.sockets).toHaveLength(1));
      at(16_002, () => expect(network.sockets).toHaveLength(2));
      at(16_003, () => void realtime.disconnect());
    });
  });

  it('as long as configured for the room, publishing included', () => {
    playSession(({ connect, network, at, say, realtime }) => {
      at(0, () => connect({ realtimeConfiguration: { connection: { connectionTimeoutMs: 500 } } }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, roomInfo));
      at(3, () => network.rooms[0]?.accept({ publish: false }));
      at(501, () => expect(network.rooms[0]?.state).toBe('joined'));
      at(503, () => expect([network.rooms[0]?.state, network.sockets[0]?.state]).toEqual(['closed', 'closed']));
      at(504, () => void realtime.disconnect());
    });
  });

  it('the connect budget for all of it: a silent service fails in 60 s, not after every try', () => {
    playSession(
      ({ connect, at, log, expectObservable, realtime }) => {
        at(1, () => connect());
        at(70_000, () =>
          expect(log).toEqual(['60001 session failed WEBRTC_TIMEOUT_ERROR', '60001 error WEBRTC_TIMEOUT_ERROR']),
        );
        expectObservable(realtime.connectionState$).toBe('dc 59999ms d', states);
      },
      { network: { onSocket: (socket) => socket.accept() } },
    );
  });

  it('the connect budget for a remote stream that never comes', () => {
    playSession(({ connect, at, log, network, say }) => {
      at(1, () => connect({ connectBudgetMs: 1000 }));
      at(2, () => network.sockets[0]?.accept());
      at(3, () => say(0, roomInfo));
      at(4, () => network.rooms[0]?.accept());
      at(2000, () => expect(log[0]).toBe('1001 session failed WEBRTC_TIMEOUT_ERROR'));
    });
  });
});

describe('the remote stream', () => {
  const show = { n: false, s: true };

  it.each([
    [true, 'n----s--n'],
    [false, 'n-s-----n'],
  ])('is held back until the initial state is acknowledged: %s', (holdUntilInitialState, marbles) => {
    playSession(({ connect, at, goLive, say, expectObservable, realtime }) => {
      at(1, () => connect({ initialPrompt: { text: 'anime' }, holdUntilInitialState }));
      at(2, () => goLive());
      at(5, () => say(0, promptAck('anime')));
      at(8, () => void realtime.disconnect());
      expectObservable(realtime.remoteStream$.pipe(toIsShown)).toBe(marbles, show);
    });
  });

  it('is shown also when the initial state is refused, with an error that is no reconnect', () => {
    playSession(({ connect, at, goLive, say, log, realtime, expectObservable }) => {
      at(1, () => connect({ initialImage: IMAGE }));
      at(2, () => goLive());
      at(5, () => say(0, imageAck('too small')));
      at(8, () => void realtime.disconnect());
      at(9, () => expect(log).toEqual(['5 error WEBRTC_SERVER_ERROR', '5 session live', '8 session done']));
      expectObservable(realtime.connectionState$).toBe('dco-----d', states);
    });
  });

  it('is shown also when the initial state is not answered, after its time', () => {
    playSession(({ connect, at, goLive, log, realtime }) => {
      at(1, () => connect({ initialImage: IMAGE }));
      at(2, () => goLive());
      at(40_000, () => {
        expect(log).toEqual(['30002 error WEBRTC_TIMEOUT_ERROR', '30002 session live']);
        void realtime.disconnect();
      });
    });
  });

  it('is a fresh one whenever its tracks change, and goes with the tracks', () => {
    playSession(({ connect, at, goLive, network, realtime, expectObservable }) => {
      at(1, () => connect());
      at(2, () => goLive());
      at(4, () => network.rooms[0]?.publishRemote('inference-server-0', 'audio'));
      at(5, () => network.rooms[0]?.publishRemote('viewer-1', 'video'));
      at(6, () => network.rooms[0]?.unpublishRemote());
      at(8, () => void realtime.disconnect());
      expectObservable(realtime.remoteStream$.pipe(toIsShown)).toBe('n-s-s-n', show);
    });
  });

  it('is passed to onRemoteStream, also by a connect from inside a subscriber', () => {
    playSession(({ connect, at, goLive, network, realtime, note, log }) => {
      const onRemoteStream = () => note('stream');
      let isFirst = true;
      realtime.connectionState$.subscribe((state) => {
        if (state !== 'connected' || !isFirst) return;
        isFirst = false;
        connect({ onRemoteStream });
      });
      at(1, () => connect({ onRemoteStream }));
      at(2, () => goLive());
      at(3, () => goLive());
      at(4, () => network.rooms[1]?.publishRemote('inference-server-0', 'audio'));
      at(5, () => void realtime.disconnect());
      at(6, () =>
        expect(log).toEqual(['2 session failed ABORTED', '3 stream', '3 session live', '4 stream', '5 session done']),
      );
    });
  });
});

describe('diagnostics', () => {
  it('report how long each phase took', () => {
    playSession(({ connect, at, network, say, realtime, watch, log }) => {
      watch('phase', realtime.diagnostics$, (event: { name: string; phase?: string; durationMs?: number }) =>
        event.name === 'phaseTiming' ? `${event.phase} ${event.durationMs}` : event.name,
      );
      at(10, () => connect({ initialPrompt: { text: 'anime' } }));
      at(15, () => network.sockets[0]?.accept());
      at(22, () => say(0, roomInfo));
      at(30, () => network.rooms[0]?.accept({ publish: false }));
      at(33, () => say(0, promptAck('anime')));
      at(41, () => network.rooms[0]?.acceptPublished());
      at(50, () => network.rooms[0]?.publishRemote());
      at(60, () => network.rooms[0]?.firstFrame());
      at(61, () => network.rooms[0]?.reconnecting());
      at(62, () => network.rooms[0]?.reconnected());
      at(63, () => network.rooms[0]?.transportState('connectionState', 'connected'));
      at(64, () => say(0, { type: 'status', status: 'busy' }));
      at(70, () => void realtime.disconnect());
      at(71, () =>
        expect(log).toEqual([
          '15 phase socket 5',
          '22 phase join 7',
          '30 phase roomConnect 8',
          '33 phase initialState 18',
          '41 phase publish 11',
          '41 phase total 31',
          '50 session live',
          '60 phase firstFrame 19',
          '60 phase firstFrame',
          '61 phase mediaReconnecting',
          '62 phase mediaReconnected',
          '63 phase transportState',
          '64 phase status',
          '70 session done',
        ]),
      );
    });
  });
});

describe('an own camera', () => {
  const opening = (marble: string): Parameters<typeof playSession>[1] => ({
    platform: ({ cold }, ledger) => ({
      hasCamera: true,
      createLocalStream: () =>
        cold(marble, {
          s: (() => {
            const close = ledger.opened('tracks', 'camera');
            const dispose = async () => close();
            return {
              id: 'stream-local' as const,
              videoTrack: null,
              audioTrack: null,
              disposed: false,
              attachedTo: new Set(),
              attach: () => () => undefined,
              dispose,
              [Symbol.asyncDispose]: dispose,
            };
          })(),
        }),
    }),
  });

  it('is opened while signaling goes on; the room waits for it; it goes with the session', () => {
    playSession(({ connect, at, network, say, realtime, log }) => {
      at(1, () => connect({}, null));
      at(2, () => network.sockets[0]?.accept());
      at(3, () => say(0, roomInfo));
      at(10, () => expect(network.rooms).toHaveLength(0));
      at(12, () => {
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(13, () => expect(log).toEqual(['12 session live']));
      at(14, () => void realtime.disconnect());
    }, opening('10ms s'));
  });

  it('fails the connect for good when it cannot be opened', () => {
    playSession(
      ({ connect, at, log, network }) => {
        at(1, () => connect({}, null));
        at(10, () => {
          expect(log).toEqual(['6 session failed INVALID_INPUT', '6 error INVALID_INPUT']);
          expect(network.sockets).toHaveLength(1);
        });
      },
      { platform: ({ cold }) => ({ hasCamera: true, createLocalStream: () => cold('-----#') }) },
    );
  });

  it('is not opened when the connect is aborted first', () => {
    const play: Parameters<typeof playSession>[0] = ({ connect, at }) => {
      at(1, () => {
        const session = connect({}, null);
        at(3, () => session.unsubscribe());
      });
    };
    playSession(play, {
      platform: ({ cold, expectSubscriptions }) => {
        const camera$ = cold('------s');
        expectSubscriptions(camera$.subscriptions).toBe('-^--!');
        return { hasCamera: true, createLocalStream: () => camera$ as never };
      },
    });
  });

  it('is not opened at all when it is not wanted', () => {
    const createLocalStream = jest.fn(() => NEVER);
    playSession(
      ({ connect, at, goLive, realtime, log }) => {
        at(1, () => connect({ publishCamera: false }, null));
        at(2, () => goLive());
        at(3, () => {
          expect(log).toEqual(['2 session live']);
          void realtime.disconnect();
        });
      },
      { platform: () => ({ hasCamera: true, createLocalStream }) },
    );
    expect(createLocalStream).not.toHaveBeenCalled();
  });
});

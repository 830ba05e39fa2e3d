import { map } from 'rxjs';
import { imageAck, playSession, promptAck } from '../../../testkit/session-stage.js';
import type { Failure } from '../../errors.js';

const states = { d: 'disconnected', c: 'connecting', o: 'connected', g: 'generating', r: 'reconnecting' };
const LOST: Failure = { code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' };

describe('after a loss', () => {
  it('the first try is immediate, and a fresh remote stream comes with it', () => {
    playSession(({ at, connect, goLive, network, say, realtime, expectObservable, log }) => {
      at(1, () => connect());
      at(2, () => goLive());
      at(4, () => say(0, { type: 'generation_started' }));
      at(6, () => network.rooms[0]?.lose(LOST));
      at(9, () => goLive());
      at(12, () => void realtime.disconnect());
      at(13, () => expect(log).toEqual(['2 session live', '9 intent none', '12 session done']));
      expectObservable(realtime.connectionState$).toBe('dco-g-r--o--d', states);
      const numbered = new Map<unknown, number>([[null, 0]]);
      const number$ = realtime.remoteStream$.pipe(
        map((stream) => {
          if (!numbered.has(stream)) numbered.set(stream, numbered.size);
          return numbered.get(stream);
        }),
      );
      expectObservable(number$).toBe('a-b---a--c--a', { a: 0, b: 1, c: 2 });
    });
  });

  it('further tries wait 1 s, doubling, until they run out; the session ends with the error', () => {
    let isDown = false;
    playSession(
      ({ at, connect, goLive, network, log, realtime }) => {
        const delays: number[] = [];
        realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && delays.push(event.delayMs));
        at(0, () => connect());
        at(1, () => goLive());
        at(10_000, () => {
          isDown = true;
          network.sockets[0]?.closeByServer(1006);
        });
        at(50_000, () => {
          expect(delays).toEqual([0, 1000, 2000, 4000, 8000]);
          expect(network.sockets).toHaveLength(6);
          expect(log.slice(1)).toEqual([
            '25000 session failed WEBRTC_WEBSOCKET_ERROR',
            '25000 error WEBRTC_WEBSOCKET_ERROR',
          ]);
        });
      },
      { network: { onSocket: (socket) => isDown && socket.refuse(503) } },
    );
  });

  const refusing = { onSocket: (socket: { refuse(status: number): void }) => socket.refuse(503) };

  it('delays are capped at 10 s, and follow the policy given', () => {
    playSession(
      ({ at, connect, realtime }) => {
        const delays: number[] = [];
        realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && delays.push(event.delayMs));
        at(0, () => connect({ reconnect: { retries: 4, initialDelayMs: 3000, factor: 3 }, connectBudgetMs: 100_000 }));
        at(60_000, () => expect(delays).toEqual([3000, 9000, 10_000, 10_000]));
      },
      { network: refusing },
    );
  });

  it('jitter shortens delays, the same way for the same seed', () => {
    const delaysOf = (seed: number): number[] => {
      const delays: number[] = [];
      playSession(
        ({ at, connect, realtime }) => {
          realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && delays.push(event.delayMs));
          at(0, () => connect({ reconnect: { jitter: 0.5 } }));
        },
        { platform: () => ({ seed: () => seed }), network: refusing },
      );
      return delays;
    };
    const delays = delaysOf(7);
    expect(delaysOf(7)).toEqual(delays);
    expect(delaysOf(8)).not.toEqual(delays);
    expect(delays).toHaveLength(5);
    [1000, 2000, 4000, 8000, 10_000].forEach((full, n) => {
      expect(delays[n]).toBeGreaterThanOrEqual(full / 2);
      expect(delays[n]).toBeLessThanOrEqual(full);
    });
  });

  it('no try follows with retries 0', () => {
    playSession(({ at, connect, goLive, network, log }) => {
      at(0, () => connect({ reconnect: { retries: 0 } }));
      at(1, () => goLive());
      at(2, () => network.sockets[0]?.closeByServer(1006));
      at(3, () => {
        expect(log).toEqual([
          '1 session live',
          '2 session failed WEBRTC_WEBSOCKET_ERROR',
          '2 error WEBRTC_WEBSOCKET_ERROR',
        ]);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('a permanent error stops at once', () => {
    for (const reason of ['Permission denied', 'origin not allowed', 'invalid session', 'UNAUTHORIZED', 'error 401']) {
      playSession(({ at, connect, goLive, network, log }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => network.sockets[0]?.closeByServer(1008, reason));
        at(3, () => {
          expect(log[1]).toMatch(/^2 session failed/);
          expect(network.sockets).toHaveLength(1);
        });
      });
    }
  });

  it('shouldRetry overrides both ways, and one that throws counts for the default', () => {
    const socketsAfter = (shouldRetry: (error: { code: string }) => boolean, reason: string): number => {
      let count = 0;
      playSession(({ at, connect, goLive, network, realtime }) => {
        at(0, () => connect({ reconnect: { shouldRetry } }));
        at(1, () => goLive());
        at(2, () => network.sockets[0]?.closeByServer(1011, reason));
        at(3, () => {
          count = network.sockets.length;
          void realtime.disconnect();
        });
      });
      return count;
    };
    const throwing = () => {
      throw new Error('not today');
    };
    expect(socketsAfter(() => false, '')).toBe(1);
    expect(socketsAfter(() => true, 'permission denied')).toBe(2);
    expect(socketsAfter(({ code }) => code === 'WEBRTC_WEBSOCKET_ERROR', '')).toBe(2);
    expect(socketsAfter(throwing, '')).toBe(2);
    expect(socketsAfter(throwing, 'permission denied')).toBe(1);
  });

  it('a disconnect from inside shouldRetry wins', () => {
    playSession(({ at, connect, goLive, network, realtime, log }) => {
      const shouldRetry = (): boolean => {
        void realtime.disconnect();
        return true;
      };
      at(0, () => connect({ reconnect: { shouldRetry } }));
      at(1, () => goLive());
      at(2, () => network.sockets[0]?.closeByServer(1006));
      at(3, () => {
        expect(log).toEqual(['1 session live', '2 session done']);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('a session that is lost again and again soon after does not try for ever, nor without a pause', () => {
    playSession(({ at, connect, network, log, realtime, scheduler, goLive }) => {
      const delays: number[] = [];
      realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && delays.push(event.delayMs));
      realtime.connectionState$.subscribe((state) => {
        if (state === 'connecting' || state === 'reconnecting') return;
        if (state === 'connected') scheduler.schedule(() => network.sockets.at(-1)?.closeByServer(1006), 100);
      });
      at(0, () => connect());
      for (let ms = 10; ms < 60_000; ms += 500)
        at(ms, () => network.sockets.at(-1)?.state === 'connecting' && goLive());
      at(60_000, () => {
        expect(delays).toEqual([0, 1000, 2000, 4000, 8000]);
        expect(log.at(-1)).toMatch(/error WEBRTC_WEBSOCKET_ERROR$/);
      });
    });
  });
});

describe('intent', () => {
  it('the latest acknowledged prompt is sent again, not the initial one', () => {
    playSession(({ at, connect, goLive, network, say, realtime, wishes, watch, log }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' } }));
      at(1, () => goLive());
      at(2, () => say(0, promptAck('initial')));
      at(3, () => watch('latest', realtime.setPrompt$('latest', { enhance: false })));
      at(4, () => say(0, promptAck('latest')));
      at(5, () => watch('in flight', realtime.setPrompt$('in flight')));
      at(6, () => network.sockets[0]?.closeByServer(1006));
      at(7, () => goLive());
      at(8, () => expect(wishes(1)).toEqual(['latest']));
      at(9, () => say(1, promptAck('latest')));
      at(10, () => {
        expect(log.slice(1)).toEqual([
          '4 latest done',
          '6 in flight failed WEBRTC_WEBSOCKET_ERROR',
          '9 intent replayed',
        ]);
        expect(JSON.parse(network.sockets[1]?.received[1] ?? '')).toEqual({
          type: 'prompt',
          prompt: 'latest',
          enhance_prompt: false,
        });
        void realtime.disconnect();
      });
    });
  });

  it('the latest acknowledged image is sent again with the prompt', () => {
    playSession(({ at, connect, goLive, network, say, realtime, wishes, watch, log }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => watch('image', realtime.setImage$('AAAA', { prompt: 'hat' })));
      at(3, () => say(0, imageAck()));
      at(4, () => watch('refused', realtime.setImage$('BBBB')));
      at(5, () => say(0, imageAck('no')));
      at(6, () => network.rooms[0]?.lose(LOST));
      at(7, () => goLive());
      at(8, () => expect(wishes(1)).toEqual(['[AAAA]hat']));
      at(9, () => say(1, imageAck()));
      at(10, () => watch('none', realtime.setImage$(null)));
      at(11, () => say(1, imageAck()));
      at(12, () => network.rooms[1]?.lose(LOST));
      at(2000, () => goLive());
      at(2001, () => expect(wishes(2)).toEqual(['hat']));
      at(2002, () => say(2, promptAck('hat')));
      at(2003, () => {
        expect(log.filter((line) => line.includes('intent'))).toEqual(['9 intent replayed', '2002 intent replayed']);
        void realtime.disconnect();
      });
    });
  });

  it('the later request wins also when its ack comes first', () => {
    playSession(({ at, connect, goLive, network, say, realtime, wishes, watch }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => {
        watch('a', realtime.setPrompt$('a'));
        watch('b', realtime.setPrompt$('b'));
      });
      at(3, () => {
        say(0, promptAck('b'));
        say(0, promptAck('a'));
      });
      at(4, () => network.sockets[0]?.closeByServer(1006));
      at(5, () => goLive());
      at(6, () => {
        expect(wishes(1)).toEqual(['b']);
        void realtime.disconnect();
      });
    });
  });

  it('is said to be lost when it is refused or not answered, and is not held against the session', () => {
    for (const answer of ['refused', 'silence'] as const) {
      playSession(({ at, connect, goLive, network, say, realtime, log }) => {
        at(0, () => connect({ initialPrompt: { text: 'initial' } }));
        at(1, () => goLive());
        at(2, () => say(0, promptAck('initial')));
        at(3, () => network.sockets[0]?.closeByServer(1006));
        at(4, () => goLive());
        if (answer === 'refused') at(5, () => say(1, promptAck('initial', 'no')));
        at(20_000, () => {
          expect(log.slice(1)).toEqual(
            answer === 'refused'
              ? ['5 error WEBRTC_SERVER_ERROR', '5 intent lost']
              : ['15004 error WEBRTC_TIMEOUT_ERROR', '15004 intent lost'],
          );
          expect(realtime.isConnected()).toBe(true);
          void realtime.disconnect();
        });
      });
    }
  });

  it('what is wished for while the initial state is unanswered stays when that is refused', () => {
    playSession(({ at, connect, goLive, network, say, realtime, wishes, watch }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' }, holdUntilInitialState: false }));
      at(1, () => goLive());
      at(2, () => watch('own', realtime.setPrompt$('own')));
      at(3, () => say(0, promptAck('own')));
      at(4, () => say(0, promptAck('initial', 'no')));
      at(5, () => network.sockets[0]?.closeByServer(1006));
      at(6, () => goLive());
      at(7, () => {
        expect(wishes(1)).toEqual(['own']);
        void realtime.disconnect();
      });
    });
  });

  it('keeps an image that was accepted while an initial prompt was unanswered that is then refused', () => {
    playSession(({ at, connect, goLive, network, say, realtime, wishes, watch, log }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' }, holdUntilInitialState: false }));
      at(1, () => goLive());
      at(2, () => watch('own', realtime.setImage$('AAAA')));
      at(3, () => say(0, imageAck()));
      at(4, () => say(0, promptAck('initial', 'no')));
      at(5, () => network.sockets[0]?.closeByServer(1006));
      at(6, () => goLive());
      at(7, () => {
        expect(wishes(1)).toEqual(['[AAAA]']);
        expect(log.filter((line) => line.includes(' error '))).toEqual(['4 error WEBRTC_SERVER_ERROR']);
        void realtime.disconnect();
      });
    });
  });

  it('is reported once when an error of the service answers it', () => {
    playSession(({ at, connect, goLive, say, realtime, log }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' }, holdUntilInitialState: false }));
      at(1, () => goLive());
      at(2, () => say(0, { type: 'error', error: 'out of memory' }));
      at(3, () => {
        expect(log).toEqual(['1 session live', '2 error WEBRTC_SERVER_ERROR']);
        void realtime.disconnect();
      });
    });
  });

  it('is not tried again when it is refused, be it late', () => {
    playSession(({ at, connect, goLive, network, say, realtime, sent }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' } }));
      at(1, () => goLive());
      at(20_000, () => say(0, promptAck('initial', 'no')));
      at(20_001, () => network.sockets[0]?.closeByServer(1006));
      at(20_002, () => goLive());
      at(20_003, () => {
        expect(sent(1)).toEqual([{ type: 'livekit_join', passthrough: true }]);
        void realtime.disconnect();
      });
    });
  });

  it('is tried again when the service only reported an error of its own', () => {
    playSession(({ at, connect, goLive, network, say, realtime, wishes }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' } }));
      at(1, () => goLive());
      at(2, () => say(0, { type: 'error', error: 'out of memory' }));
      at(3, () => network.sockets[0]?.closeByServer(1006));
      at(4, () => goLive());
      at(5, () => {
        expect(wishes(1)).toEqual(['initial']);
        void realtime.disconnect();
      });
    });
  });

  it('does not outlive the session', () => {
    playSession(({ at, connect, goLive, say, realtime, sent }) => {
      at(0, () => connect({ initialPrompt: { text: 'initial' } }));
      at(1, () => goLive());
      at(2, () => say(0, promptAck('initial')));
      at(3, () => void realtime.disconnect());
      at(4, () => connect());
      at(5, () => goLive());
      at(6, () => {
        expect(sent(1)).toEqual([{ type: 'livekit_join', passthrough: true }]);
        void realtime.disconnect();
      });
    });
  });
});

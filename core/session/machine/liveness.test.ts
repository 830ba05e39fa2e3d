import { imageAck, playSession, type SessionStageOptions } from '../../../testkit/session-stage.js';

const node: SessionStageOptions = { network: { canPing: true } };
const queued = { type: 'queue_position', position: 2, queue_size: 3 } as const;

describe('a socket that can be pinged', () => {
  it('is pinged every 20 s from its opening on, in the queue as well, and lives while it answers', () => {
    playSession(({ at, connect, network, say, realtime, log }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, queued));
      for (let n = 1; n <= 5; n += 1) {
        at(n * 20_000 + 2, () => expect(network.sockets[0]?.pings).toBe(n));
        at(n * 20_000 + 3, () => network.sockets[0]?.pong());
      }
      at(105_000, () => {
        expect(network.sockets).toHaveLength(1);
        expect(log).toEqual([]);
        void realtime.disconnect();
      });
    }, node);
  });

  it('that does not answer is given up when the next ping is due, and the place is asked for again', () => {
    playSession(({ at, connect, network, say, realtime }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, queued));
      at(40_000, () => expect(network.sockets).toHaveLength(1));
      at(40_002, () => expect(network.sockets[0]?.closedByClient).not.toBeNull());
      at(41_002, () => {
        expect(network.sockets).toHaveLength(2);
        void realtime.disconnect();
      });
    }, node);
  });

  it('is asked at once when a request times out in silence, and is given up 5 s later', () => {
    playSession(({ at, connect, goLive, network, realtime, log, watch }) => {
      watch('state', realtime.connectionState$);
      at(0, () => connect());
      at(1, () => goLive());
      at(20_002, () => network.sockets[0]?.pong());
      at(21_000, () => watch('prompt', realtime.setPrompt$('rain')));
      at(36_001, () => expect(network.sockets[0]?.pings).toBe(2));
      at(41_001, () => {
        expect(log.slice(3)).toEqual([
          '1 session live',
          '36000 prompt failed WEBRTC_TIMEOUT_ERROR',
          '41000 state reconnecting',
        ]);
        void realtime.disconnect();
      });
    }, node);
  });

  it('that answers under suspicion stays', () => {
    playSession(({ at, connect, goLive, network, realtime, watch, log }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => watch('prompt', realtime.setPrompt$('rain')));
      at(15_003, () => network.sockets[0]?.pong());
      at(30_000, () => {
        expect(network.sockets).toHaveLength(1);
        expect(log).toContain('15002 prompt failed WEBRTC_TIMEOUT_ERROR');
        void realtime.disconnect();
      });
    }, node);
  });
});

describe('a socket that cannot be pinged', () => {
  it('is dead when a request times out and the ticks have stopped; the picture is back as after any loss', () => {
    playSession(({ at, connect, goLive, say, network, realtime, watch, log }) => {
      watch('state', realtime.connectionState$);
      at(0, () => connect());
      at(1, () => goLive());
      for (let second = 1; second < 5; second += 1)
        at(second * 1000, () => say(0, { type: 'generation_tick', seconds: second }));
      at(5000, () => watch('prompt', realtime.setPrompt$('rain')));
      at(20_001, () => expect(network.sockets).toHaveLength(2));
      at(20_002, () => {
        goLive();
        expect(log.slice(-4)).toEqual([
          '20000 prompt failed WEBRTC_TIMEOUT_ERROR',
          '20000 state reconnecting',
          '20002 state connected',
          '20002 intent none',
        ]);
        void realtime.disconnect();
      });
    });
  });

  it('answers the connect that waited for the initial state, before it is given up', () => {
    playSession(({ at, connect, goLive, say, realtime, watch, log }) => {
      watch('state', realtime.connectionState$);
      at(0, () => connect({ initialPrompt: { text: 'snow' } }));
      at(1, () => goLive());
      for (let second = 1; second < 5; second += 1)
        at(second * 1000, () => say(0, { type: 'generation_tick', seconds: second }));
      at(15_002, () => {
        expect(log.slice(-3)).toEqual([
          '15001 error WEBRTC_TIMEOUT_ERROR',
          '15001 session live',
          '15001 state reconnecting',
        ]);
        void realtime.disconnect();
      });
    });
  });

  it('stays when anything else is heard', () => {
    playSession(({ at, connect, goLive, say, network, realtime, watch }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => watch('prompt', realtime.setPrompt$('rain')));
      for (let second = 1; second < 20; second += 1)
        at(second * 1000, () => say(0, { type: 'generation_tick', seconds: second }));
      at(19_500, () => {
        expect(network.sockets).toHaveLength(1);
        void realtime.disconnect();
      });
    });
  });

  it('that turns out to be dead is sent nothing more', () => {
    playSession(({ at, connect, goLive, say, realtime, watch, wishes, log }) => {
      at(0, () => connect());
      at(1, () => goLive());
      for (const second of [1, 2, 3]) at(second * 1000, () => say(0, { type: 'generation_tick', seconds: second }));
      at(19_000, () => watch('image', realtime.setImage$('AAAA')));
      // The second image's prompt waits for the answer to the later one.
      at(19_001, () => watch('second image', realtime.setImage$('BBBB', { prompt: 'snow' })));
      at(20_000, () => watch('prompt', realtime.setPrompt$('rain')));
      at(21_000, () => say(0, imageAck()));
      at(35_002, () => {
        expect(log).toContain('35000 prompt failed WEBRTC_TIMEOUT_ERROR');
        expect(wishes(0)).toEqual(['[AAAA]', 'rain']);
        void realtime.disconnect();
      });
    });
  });

  it('is not judged by a service that never ticks, which may be silent and alive', () => {
    playSession(({ at, connect, goLive, network, realtime, watch }) => {
      at(0, () => connect());
      at(1, () => goLive());
      for (let n = 0; n < 3; n += 1) at(20_000 * n + 2, () => watch('prompt', realtime.setPrompt$(`${n}`)));
      at(59_000, () => {
        expect(network.sockets).toHaveLength(1);
        void realtime.disconnect();
      });
    });
  });
});

describe('the queue', () => {
  it('that is silent for 5 min ends the try; each word of it counts, also one that repeats the place', () => {
    playSession(({ at, connect, network, say, realtime }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, queued));
      at(200_000, () => say(0, queued));
      at(499_999, () => expect(network.sockets[0]?.closedByClient).toBeNull());
      at(500_001, () => expect(network.sockets[0]?.closedByClient).not.toBeNull());
      at(501_001, () => {
        expect(network.sockets).toHaveLength(2);
        void realtime.disconnect();
      });
    });
  });
});

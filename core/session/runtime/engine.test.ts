import { NEVER, switchMap, throwError, timer } from 'rxjs';
import { playSession, type SessionStageOptions } from '../../../testkit/session-stage.js';
import { partsAtHand } from '../../client.js';

const loaded50MsLater: SessionStageOptions = {
  parts: ({ scheduler }) => ({ engine: () => timer(50, scheduler).pipe(switchMap(partsAtHand.engine)) }),
};

describe('an engine that has to be loaded first', () => {
  it('is asked for by the first event, once, and the events wait for it in their order', () => {
    let asked = 0;
    const counted: SessionStageOptions = {
      parts: ({ scheduler }) => ({
        engine: () => {
          asked += 1;
          return timer(50, scheduler).pipe(switchMap(partsAtHand.engine));
        },
      }),
    };
    playSession(({ at, connect, realtime, network, goLive, log, watch }) => {
      watch('state', realtime.connectionState$);
      at(10, () => {
        expect(asked).toBe(0);
        connect();
        watch('prompt', realtime.setPrompt$('too early'));
        connect();
      });
      at(59, () => {
        expect(network.sockets).toHaveLength(0);
        expect(log).toEqual(['0 state disconnected']);
      });
      at(61, () => {
        expect(asked).toBe(1);
        // The newer connect won, as it does with the engine at hand.
        expect(log.slice(1)).toEqual([
          '60 state connecting',
          '60 prompt failed WEBRTC_SIGNALING_ERROR',
          '60 state disconnected',
          '60 session failed ABORTED',
          '60 state connecting',
        ]);
        goLive();
      });
      at(70, () => {
        expect(log).toContain('61 session live');
        void realtime.disconnect();
      });
    }, counted);
  });

  it('takes back what is taken back meanwhile', () => {
    playSession(({ at, connect, network, realtime, log, watch }) => {
      at(0, () => {
        const connecting = connect();
        const prompting = watch('prompt', realtime.setPrompt$('never sent'));
        connecting.unsubscribe();
        prompting.unsubscribe();
      });
      at(100, () => {
        expect(network.sockets).toHaveLength(0);
        expect(log).toEqual([]);
      });
    }, loaded50MsLater);
  });

  it.each(['disconnect', 'release'] as const)('opens nothing after %s(), not even a camera', (end) => {
    const opened: string[] = [];
    playSession(
      ({ at, realtime, network, log, watch }) => {
        watch('state', realtime.connectionState$);
        at(0, () => {
          watch('session', realtime.session$({ model: 'lucy-2.1', publishCamera: true }));
          watch('prompt', realtime.setPrompt$('never sent'));
        });
        at(10, () => void realtime[end]());
        at(100, () => {
          expect(log).toEqual(['0 state disconnected', '10 session failed ABORTED', '10 prompt failed ABORTED']);
          expect(opened).toEqual([]);
          expect(network.sockets).toHaveLength(0);
        });
      },
      {
        ...loaded50MsLater,
        platform: (_helpers, _ledger, { createLocalStream }) => ({
          createLocalStream: (request) => {
            opened.push('camera');
            return createLocalStream(request);
          },
        }),
      },
    );
  });

  it('goes on with what is called after disconnect()', () => {
    playSession(({ at, connect, realtime, network, goLive, log }) => {
      at(0, () => {
        connect();
        void realtime.disconnect();
        connect();
      });
      at(51, () => goLive());
      at(52, () => {
        expect(network.sockets).toHaveLength(1);
        expect(log).toEqual(['0 session failed ABORTED', '51 session live']);
        void realtime.disconnect();
      });
    }, loaded50MsLater);
  });

  it('is not asked for by a client that ends, nor ever after its release', () => {
    const untouched: SessionStageOptions = {
      parts: () => ({
        engine: () => {
          throw new Error('asked');
        },
      }),
    };
    playSession(({ realtime, connect, watch, log }) => {
      void realtime.disconnect();
      void realtime.release();
      connect();
      watch('prompt', realtime.setPrompt$('never sent'));
      expect(log).toEqual(['0 session failed ABORTED', '0 prompt failed ABORTED']);
    }, untouched);
  });

  it('lets what a platform throws reach the caller when it is at hand, at the first connect as well', () => {
    playSession(
      ({ realtime, watch, log }) => {
        for (const name of ['first', 'second']) {
          watch(name, realtime.session$({ model: 'lucy-2.1', publishCamera: true }));
        }
        expect(log).toEqual(['0 first failed Error: broken', '0 second failed Error: broken']);
      },
      {
        platform: () => ({
          createLocalStream: () => {
            throw new Error('broken');
          },
        }),
      },
    );
  });

  it('that cannot be loaded fails every call that waits, and is asked for anew by the next', () => {
    let tries = 0;
    const atTheSecondTry: SessionStageOptions = {
      parts: ({ scheduler }) => ({
        engine: () => {
          tries += 1;
          const isThere = tries > 1;
          return timer(50, scheduler).pipe(
            switchMap(() => (isThere ? partsAtHand.engine() : throwError(() => new TypeError('Failed to fetch')))),
          );
        },
      }),
    };
    playSession(({ at, connect, realtime, network, goLive, log, watch }) => {
      watch('state', realtime.connectionState$);
      at(0, () => {
        connect();
        watch('image', realtime.setImage$('AQID'));
      });
      at(51, () => {
        expect(log.slice(1)).toEqual([
          '50 session failed LOAD_ERROR',
          '50 image failed LOAD_ERROR',
          '50 error LOAD_ERROR',
        ]);
        connect();
      });
      at(102, () => goLive());
      at(103, () => {
        expect(network.sockets).toHaveLength(1);
        expect(log).toContain('102 session live');
        void realtime.disconnect();
      });
    }, atTheSecondTry);
  });

  it('that could not be loaded is waited for anew by whoever calls on hearing of that', () => {
    let tries = 0;
    const atTheSecondTry: SessionStageOptions = {
      parts: ({ scheduler }) => ({
        engine: () => {
          tries += 1;
          return tries > 1
            ? timer(50, scheduler).pipe(switchMap(partsAtHand.engine))
            : throwError(() => new TypeError('Failed to fetch'));
        },
      }),
    };
    playSession(({ at, connect, realtime, goLive, log }) => {
      realtime.errors$.subscribe(() => connect());
      at(0, () => connect());
      at(51, () => goLive());
      at(52, () => {
        expect(log).toEqual(['0 session failed LOAD_ERROR', '0 error LOAD_ERROR', '51 session live']);
        void realtime.disconnect();
      });
    }, atTheSecondTry);
  });

  it('is not asked for by streams that are looked at', () => {
    const never: SessionStageOptions = {
      parts: () => ({
        engine: () => {
          throw new Error('asked');
        },
        rest: () => NEVER,
      }),
    };
    playSession(({ at, realtime, log, watch }) => {
      watch('state', realtime.connectionState$);
      watch('quality', realtime.quality$);
      watch('stats', realtime.stats$);
      at(5000, () => expect(log).toEqual(['0 state disconnected', '0 quality null']));
    }, never);
  });
});

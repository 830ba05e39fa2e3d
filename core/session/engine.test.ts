import { NEVER, switchMap, throwError, timer } from 'rxjs';
import { playSession, type SessionStageOptions } from '../../testkit/session-stage.js';
import { partsAtHand } from '../client.js';

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

  it('is not missed by a client that is released before it comes', () => {
    playSession(({ at, connect, network, realtime, log }) => {
      at(0, () => {
        connect();
        void realtime.release();
      });
      at(100, () => {
        expect(log).toContain('50 session failed ABORTED');
        expect(network.open.sockets).toBe(0);
        connect();
      });
      at(101, () => expect(log.filter((line) => line.startsWith('100 session failed'))).toHaveLength(1));
    }, loaded50MsLater);
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
          '50 error LOAD_ERROR',
          '50 session failed LOAD_ERROR',
          '50 image failed LOAD_ERROR',
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

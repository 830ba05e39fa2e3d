// Limits of a session: what it has used, what is warned of, and that it ends in time.
import { BehaviorSubject } from 'rxjs';
import { playSession, roomInfo, type SessionStage, type SessionStageOptions } from '../../../testkit/session-stage.js';
import type { ConnectOptions } from '../client/options.js';
import type { SessionEnd } from './endings.js';
import type { SessionLimits } from './limit-plan.js';
import type { LimitWarning } from './state.js';
import type { SessionUsage } from './usage.js';

const watchEnds = ({ watch, realtime }: SessionStage): void => {
  watch('ended', realtime.ended$, ({ by, reason, seconds }: SessionEnd) => `${by} ${reason} ${seconds}`);
  watch('warning', realtime.limitWarning$, (warning: LimitWarning | null) =>
    warning === null ? 'none' : `${warning.name} ${warning.remainingMs}`,
  );
};

const watchUsage = ({ watch, realtime }: SessionStage): void =>
  void watch('usage', realtime.usage$, ({ seconds, cost, currency, remainingSeconds }: SessionUsage) =>
    [seconds, cost, currency, remainingSeconds].join(' '),
  );

/** Live from 1 ms on, and a tick each second after that, on whichever socket is the latest. */
function bill(stage: SessionStage, seconds: readonly number[], socket = 0): void {
  for (const [n, second] of seconds.entries())
    stage.at(1 + (n + 1) * 1000, () => stage.say(socket, { type: 'generation_tick', seconds: second }));
}

function play(
  limits: ConnectOptions['limits'],
  play: (stage: SessionStage) => void,
  more: Partial<ConnectOptions> = {},
  options?: SessionStageOptions,
): void {
  playSession((stage) => {
    watchEnds(stage);
    stage.at(0, () => stage.connect({ limits, ...more }));
    stage.at(1, () => stage.goLive());
    play(stage);
  }, options);
}

describe('usage$', () => {
  it('counts seconds and money, over reconnects, and keeps the bill after the end', () => {
    play({ maxSeconds: 10 }, (stage) => {
      const { at, log, network, goLive, say, realtime, connect } = stage;
      watchUsage(stage);
      bill(stage, [1, 2]);
      at(2002, () => network.sockets[0]?.closeByServer(1006));
      at(2003, () => goLive());
      at(3003, () => say(1, { type: 'generation_tick', seconds: 1 }));
      at(3004, () => void realtime.disconnect());
      at(4000, () => connect({ model: 'lucy-restyle-2' }));
      at(4001, () => void realtime.disconnect());
      at(4002, () =>
        expect(log.filter((line) => line.includes('usage'))).toEqual([
          '0 usage 0  USD ',
          '0 usage 0 0 USD 10',
          '1001 usage 1 0.02 USD 9',
          '2001 usage 2 0.04 USD 8',
          '3003 usage 3 0.06 USD 7',
          '4000 usage 0 0 USD ',
        ]),
      );
    });
  });

  it.each<[string, Partial<ConnectOptions>, Record<string, number> | undefined, number | null]>([
    ['a model without a price', { model: 'lucy-vton-3.5' }, undefined, null],
    ['a price of the caller', { model: 'lucy-vton-3.5' }, { 'lucy-vton-3.5': 0.03 }, 0.09],
    ['a price of the caller over a published one', { model: 'lucy-2.5' }, { 'lucy-2.5': 0.5 }, 1.5],
    ['a published price beside one of the caller', { model: 'lucy-restyle-2' }, { 'lucy-2.5': 0.5 }, 0.03],
  ])('%s', (_name, more, modelPrices, cost) => {
    play(
      undefined,
      (stage) => {
        const costs: (number | null)[] = [];
        stage.realtime.usage$.subscribe((usage) => costs.push(usage.cost));
        bill(stage, [1, 2, 3]);
        stage.at(4000, () => {
          expect(costs.at(-1)).toBe(cost);
          void stage.realtime.disconnect();
        });
      },
      more,
      { config: { modelPrices } },
    );
  });
});

describe('maxSeconds', () => {
  it('is warned of, and ends the session with the tick that reaches it', () => {
    play({ maxSeconds: 4, warnBeforeMs: 2000 }, (stage) => {
      const { at, log, network } = stage;
      bill(stage, [1, 2, 3, 4, 5, 6]);
      at(60_000, () => {
        expect(log).toEqual([
          '0 warning none',
          '1 session live',
          '2001 warning maxSeconds 2000',
          '4001 warning none',
          '4001 ended limit maxSeconds 4',
          '4001 session done',
        ]);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('ends it a second later when the service bills without a tick', () => {
    play({ maxSeconds: 4 }, ({ at, say, log }) => {
      at(10, () => say(0, { type: 'generation_started' }));
      at(1010, () => say(0, { type: 'generation_tick', seconds: 1 }));
      at(60_000, () => expect(log.filter((line) => line.includes('ended'))).toEqual(['5010 ended limit maxSeconds 1']));
    });
  });

  it('adds the seconds up over reconnects, and runs no clock while nothing is billed', () => {
    play(
      { maxSeconds: 4 },
      (stage) => {
        const { at, log, network, goLive, say } = stage;
        bill(stage, [1, 2, 3]);
        at(3002, () => network.sockets[0]?.closeByServer(1006));
        at(20_000, () => network.sockets[1]?.refuse(503));
        at(22_000, () => goLive());
        at(23_000, () => say(2, { type: 'generation_tick', seconds: 1 }));
        at(24_000, () =>
          expect(log.filter((line) => line.includes('ended'))).toEqual(['23000 ended limit maxSeconds 4']),
        );
      },
      { reconnect: { retries: 5 } },
    );
  });

  it('reached before the connect is done: it fails as aborted', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, say } = stage;
      at(0, () => connect({ initialPrompt: { text: 'a' }, limits: { maxSeconds: 1 } }));
      at(1, () => goLive());
      at(2, () => say(0, { type: 'generation_tick', seconds: 1 }));
      at(3, () => expect(log).toEqual(['2 session failed ABORTED']));
    });
  });

  it('without it nothing ends', () => {
    play({}, (stage) => {
      bill(stage, [1, 2, 3]);
      stage.at(1_000_000, () => {
        expect(stage.realtime.isConnected()).toBe(true);
        void stage.realtime.disconnect();
      });
    });
  });
});

describe('maxCost', () => {
  it.each([
    // In floating point 0.14 / 0.02 is more than 7.
    ['lucy-2.5', 0.14, 7],
    ['lucy-restyle-2', 0.025, 3],
  ])('%s for $%d ends after %d s', (model, maxCost, seconds) => {
    play(
      { maxCost },
      (stage) => {
        bill(stage, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        stage.at(20_000, () =>
          expect(stage.log.filter((line) => line.includes('ended'))).toEqual([
            `${1 + seconds * 1000} ended limit maxCost ${seconds}`,
          ]),
        );
      },
      { model },
    );
  });

  it('of both, the one that is reached first ends it', () => {
    play({ maxCost: 1, maxSeconds: 2 }, (stage) => {
      bill(stage, [1, 2]);
      stage.at(3000, () => expect(stage.log).toContain('2001 ended limit maxSeconds 2'));
    });
  });

  it.each([
    [{ maxCost: 1 }, 'limits.maxCost'],
    [{ maxSeconds: 0 }, 'limits.maxSeconds'],
    [{ maxSeconds: Number.NaN }, 'limits.maxSeconds'],
    [{ idleMs: -1 }, 'limits.idleMs'],
    [{ hiddenMs: 0 }, 'limits.hiddenMs'],
    [{ warnBeforeMs: 2 ** 31 }, 'limits.warnBeforeMs'],
    [{ maxSecond: 1 }, 'limits.maxSecond'],
  ])('%j is refused, naming %s, and opens nothing', (limits, field) => {
    playSession(({ at, realtime, network }) => {
      at(0, () => {
        const refused: unknown[] = [];
        realtime
          .session$({ model: 'lucy-vton-3.5', limits: limits as SessionLimits })
          .subscribe({ error: (error) => refused.push(error) });
        expect(refused).toMatchObject([{ code: 'INVALID_INPUT', data: { field } }]);
        expect(network.sockets).toHaveLength(0);
      });
    });
  });
});

describe('idleMs', () => {
  it('ends the session when nobody asks for anything', () => {
    play({ idleMs: 60_000 }, ({ at, log, network }) => {
      at(100_000, () => {
        expect(log).toEqual([
          '0 warning none',
          '1 session live',
          '50001 warning idle 10000',
          '60001 warning none',
          '60001 ended limit idle null',
          '60001 session done',
        ]);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it.each<[string, (stage: SessionStage) => void]>([
    ['a prompt', ({ realtime }) => void realtime.setPrompt$('a').subscribe({ error: () => undefined })],
    ['an image', ({ realtime }) => void realtime.setImage$('AAAA').subscribe({ error: () => undefined })],
    ['keepAlive()', ({ realtime }) => realtime.keepAlive()],
  ])('%s takes the warning back, and the time begins again', (_name, act) => {
    play({ idleMs: 20_000, warnBeforeMs: 5000 }, (stage) => {
      stage.at(16_000, () => act(stage));
      stage.at(100_000, () =>
        expect(stage.log.filter((line) => /warning|ended/.test(line))).toEqual([
          '0 warning none',
          '15001 warning idle 5000',
          '16000 warning none',
          '31000 warning idle 5000',
          '36000 warning none',
          '36000 ended limit idle null',
        ]),
      );
    });
  });

  it('after it the caller may well start another session', () => {
    play({ idleMs: 20_000 }, ({ at, realtime }) => {
      const ends: SessionEnd[] = [];
      realtime.ended$.subscribe((end) => ends.push(end));
      at(30_000, () => expect(ends).toEqual([{ reason: 'idle', by: 'limit', restartable: true, seconds: null }]));
    });
  });

  it('is warned of in diagnostics$, too, with what is left', () => {
    play({ idleMs: 20_000, warnBeforeMs: 5000 }, ({ at, realtime }) => {
      const warned: unknown[] = [];
      realtime.diagnostics$.subscribe((diagnostic) => diagnostic.name === 'limitWarning' && warned.push(diagnostic));
      at(100_000, () =>
        expect(warned).toEqual([{ atMs: 15_001, name: 'limitWarning', limit: 'idle', remainingMs: 5000 }]),
      );
    });
  });

  it('runs on while the session reconnects', () => {
    play({ idleMs: 20_000 }, ({ at, log, network }) => {
      at(10_000, () => network.sockets[0]?.closeByServer(1006));
      at(30_000, () => expect(log).toContain('20001 ended limit idle null'));
    });
  });

  it('the time in the queue does not count', () => {
    playSession((stage) => {
      const { at, connect, network, say, log } = stage;
      watchEnds(stage);
      at(0, () => connect({ limits: { idleMs: 20_000 } }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { type: 'queue_position', position: 1, queue_size: 1 }));
      at(300_000, () => {
        say(0, roomInfo);
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(319_999, () => expect(stage.realtime.isConnected()).toBe(true));
      at(320_001, () => expect(log).toContain('320000 ended limit idle null'));
    });
  });
});

describe('hiddenMs', () => {
  const visibleSubject = new BehaviorSubject(true);
  const onPage: SessionStageOptions = { platform: () => ({ visible$: visibleSubject }) };
  beforeEach(() => visibleSubject.next(true));

  it('ends the session when the page stays hidden, and not when it comes back in time', () => {
    play(
      { hiddenMs: 30_000, warnBeforeMs: 10_000 },
      ({ at, log }) => {
        at(1000, () => visibleSubject.next(false));
        at(25_000, () => visibleSubject.next(true));
        at(100_000, () => visibleSubject.next(false));
        at(200_000, () =>
          expect(log.filter((line) => /warning|ended/.test(line))).toEqual([
            '0 warning none',
            '21000 warning hidden 10000',
            '25000 warning none',
            '120000 warning hidden 10000',
            '130000 warning none',
            '130000 ended limit hidden null',
          ]),
        );
      },
      {},
      onPage,
    );
  });

  it('begins once, however often the page says that it is hidden', () => {
    play(
      { hiddenMs: 30_000 },
      ({ at, log }) => {
        at(1000, () => visibleSubject.next(false));
        at(20_000, () => visibleSubject.next(false));
        at(40_000, () => expect(log).toContain('31000 ended limit hidden null'));
      },
      {},
      onPage,
    );
  });

  it('is warned of beside another limit: what takes one warning back leaves the other', () => {
    play(
      { idleMs: 20_000, hiddenMs: 20_000, warnBeforeMs: 5000 },
      ({ at, log, realtime }) => {
        at(2, () => visibleSubject.next(false));
        at(16_000, () => realtime.keepAlive());
        at(17_000, () => visibleSubject.next(true));
        at(17_001, () => {
          expect(log.filter((line) => line.includes('warning'))).toEqual([
            '0 warning none',
            '15001 warning idle 5000',
            '15002 warning hidden 5000',
            '17000 warning none',
          ]);
          void realtime.disconnect();
        });
      },
      {},
      onPage,
    );
  });

  it('counts from the live session on when the page was hidden before', () => {
    visibleSubject.next(false);
    play(
      { hiddenMs: 1000 },
      ({ at, log }) => {
        at(5000, () => {
          expect(log).toContain('1001 ended limit hidden null');
          expect(visibleSubject.observed).toBe(false);
        });
      },
      {},
      onPage,
    );
  });

  it('is not looked at without the limit', () => {
    play(
      { idleMs: 5000 },
      ({ at, realtime }) => {
        at(10, () => {
          expect(visibleSubject.observed).toBe(false);
          void realtime.disconnect();
        });
      },
      {},
      onPage,
    );
  });
});

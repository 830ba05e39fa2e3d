// A full account: refused at once by default, or waited for.
import { playSession, type SessionStage } from '../../../testkit/session-stage.js';

const FULL = 'Concurrent session limit reached.';

/** The service refuses each join, in one of the ways that it has. */
const refusals: readonly (readonly [string, (stage: SessionStage) => void])[] = [
  [
    'an error and 1013',
    ({ network, say }) => {
      const n = network.sockets.length - 1;
      network.sockets[n]?.accept();
      say(n, { type: 'error', error: FULL });
      network.sockets[n]?.closeByServer(1013);
    },
  ],
  [
    '1013 alone',
    ({ network }) => {
      network.sockets.at(-1)?.accept();
      network.sockets.at(-1)?.closeByServer(1013);
    },
  ],
  [
    'the text alone',
    ({ network }) => {
      network.sockets.at(-1)?.accept();
      network.sockets.at(-1)?.deliver(JSON.stringify({ type: 'error', error: FULL }));
    },
  ],
];
const refuse = refusals[0]?.[1] ?? (() => undefined);

/** Refuses every socket 1 ms after it was opened. */
const refuseAll = (stage: SessionStage): void => {
  let refused = 0;
  stage.realtime.state$.subscribe((state) => {
    if (!('attempt' in state) || state.attempt?.socket !== 'opening' || state.attempt.id === refused) return;
    refused = state.attempt.id;
    stage.scheduler.schedule(() => refuse(stage), 1);
  });
};

describe('by default', () => {
  it.each(refusals)('the first refusal fails the connect: %s', (_name, refuseBy) => {
    playSession((stage) => {
      const { at, connect, log, network } = stage;
      at(0, () => connect());
      at(1, () => refuseBy(stage));
      at(120_000, () => {
        expect(log).toEqual(['1 session failed SESSION_LIMIT_REACHED', '1 error SESSION_LIMIT_REACHED']);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('an account without credits fails it likewise', () => {
    playSession(({ at, connect, log, network, say }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { type: 'error', error: 'Insufficient credits' }));
      at(120_000, () => {
        expect(log).toEqual(['2 session failed INSUFFICIENT_CREDITS', '2 error INSUFFICIENT_CREDITS']);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('a session that was lost waits for its own slot for a minute, then gives up', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, network, watch, realtime } = stage;
      watch('waiting', realtime.waitingForCapacity$);
      at(0, () => connect());
      at(1, () => goLive());
      at(10, () => {
        network.sockets[0]?.closeByServer(1006);
        refuseAll(stage);
      });
      at(200_000, () => {
        const [last = ''] = log.filter((line) => line.includes('session failed'));
        expect(last).toMatch(/^\d+ session failed SESSION_LIMIT_REACHED$/);
        const gaveUpAtMs = Number.parseInt(last, 10);
        expect(gaveUpAtMs).toBeGreaterThan(60_000);
        expect(gaveUpAtMs).toBeLessThan(80_000);
        expect(log.filter((line) => line.includes('waiting')).map((line) => line.split(' ').at(-1))).toEqual([
          'false',
          'true',
          'false',
        ]);
      });
    });
  });

  it('a session that was lost takes its slot when it is free again', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, network, realtime } = stage;
      at(0, () => connect());
      at(1, () => goLive());
      at(10, () => network.sockets[0]?.closeByServer(1006));
      at(11, () => refuse(stage));
      at(5000, () => goLive());
      at(5001, () => {
        expect(realtime.isConnected()).toBe(true);
        expect(log).toEqual(['1 session live', '5000 intent none']);
        void realtime.disconnect();
      });
    });
  });
});

describe("whenFull: 'wait'", () => {
  it('asks again every few seconds, far beyond the connect budget and the tries, until there is a slot', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, network, realtime, watch, scheduler } = stage;
      watch('waiting', realtime.waitingForCapacity$);
      const delays: number[] = [];
      realtime.diagnostics$.subscribe((event) => event.name === 'capacityWait' && delays.push(event.delayMs));
      let isFull = true;
      const answers = { refused: 0 };
      realtime.state$.subscribe((state) => {
        if (!('attempt' in state) || state.attempt?.socket !== 'opening' || state.attempt.id === answers.refused)
          return;
        answers.refused = state.attempt.id;
        scheduler.schedule(() => (isFull ? refuse(stage) : goLive()), 1);
      });
      at(0, () => connect({ whenFull: 'wait', connectBudgetMs: 20_000 }));
      at(600_000, () => {
        expect(realtime.isConnected()).toBe(false);
        isFull = false;
      });
      at(620_000, () => {
        expect(realtime.isConnected()).toBe(true);
        expect(log.map((line) => line.replace(/^\d+ /, ''))).toEqual([
          'waiting false',
          'waiting true',
          'waiting false',
          'session live',
        ]);
        expect(network.sockets.length).toBeGreaterThan(600_000 / 15_001);
        // Between half and the whole of 3 s at first, of 15 s in the long run; no two alike.
        expect(delays[0]).toBeGreaterThanOrEqual(1500);
        expect(delays[0]).toBeLessThanOrEqual(3000);
        expect(Math.min(...delays.slice(6))).toBeGreaterThanOrEqual(7500);
        expect(Math.max(...delays)).toBeLessThanOrEqual(15_000);
        expect(new Set(delays).size).toBeGreaterThan(delays.length * 0.9);
        void realtime.disconnect();
      });
    });
  });

  it('is shown beside the place in the queue, which follows it', () => {
    playSession((stage) => {
      const { at, connect, network, say, log, realtime, watch } = stage;
      at(0, () => {
        connect({ whenFull: 'wait' });
        watch('waiting', realtime.waitingForCapacity$);
        watch('queue', realtime.queuePosition$, (place: { position: number } | null) => `${place?.position ?? 'none'}`);
      });
      at(1, () => refuse(stage));
      at(3002, () => network.sockets[1]?.accept());
      at(3003, () => say(1, { type: 'queue_position', position: 2, queue_size: 2 }));
      at(3004, () => void realtime.disconnect());
      at(3005, () =>
        expect(log).toEqual([
          '0 waiting false',
          '0 queue none',
          '1 waiting true',
          '3003 waiting false',
          '3003 queue 2',
          '3004 queue none',
          '3004 session failed ABORTED',
        ]),
      );
    });
  });

  it.each<[string, (stage: SessionStage, abort: () => void) => void]>([
    ['disconnect()', ({ realtime }) => void realtime.disconnect()],
    ['an AbortSignal', (_stage, abort) => abort()],
  ])('%s ends it', (_name, end) => {
    const controller = new AbortController();
    playSession((stage) => {
      const { at, connect, log, network, ledger } = stage;
      at(0, () => connect({ whenFull: 'wait', signal: controller.signal }));
      at(1, () => refuse(stage));
      at(2, () => end(stage, () => controller.abort()));
      at(3, () => {
        expect(log).toEqual(['2 session failed ABORTED']);
        expect(ledger.total).toBe(0);
      });
      at(60_000, () => expect(network.sockets).toHaveLength(1));
    });
  });

  it('other failures have their tries, counted from the last refusal', () => {
    playSession((stage) => {
      const { at, connect, log, network, realtime } = stage;
      const tries: number[] = [];
      realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && tries.push(event.attempt));
      at(0, () => connect({ whenFull: 'wait', reconnect: { retries: 1 } }));
      at(1, () => network.sockets[0]?.refuse(503));
      at(1002, () => refuse(stage));
      at(6000, () => network.sockets[2]?.refuse(503));
      at(7001, () => network.sockets[3]?.refuse(503));
      at(7002, () => {
        expect(tries).toEqual([1, 1]);
        expect(log).toEqual(['7001 session failed WEBRTC_WEBSOCKET_ERROR', '7001 error WEBRTC_WEBSOCKET_ERROR']);
      });
    });
  });
});

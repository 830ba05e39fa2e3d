// disconnect(), a newer connect(), an abort and release() win against a running try at any point of it.
import { playSession, promptAck, roomInfo, type SessionStage } from '../../../testkit/session-stage.js';

type Step = (stage: SessionStage) => void;

const steps: readonly (readonly [string, Step])[] = [
  ['the socket opens', () => undefined],
  ['the join is unanswered', ({ network }) => network.sockets[0]?.accept()],
  ['it is queued', ({ say }) => say(0, { type: 'queue_position', position: 3, queue_size: 9 })],
  ['the room connects', ({ say }) => say(0, roomInfo)],
  ['it publishes', ({ network }) => network.rooms[0]?.accept({ publish: false })],
  ['the stream is awaited', ({ network }) => network.rooms[0]?.acceptPublished()],
  ['the initial state is unanswered', ({ network }) => void network.rooms[0]?.publishRemote()],
  ['it is live', ({ say }) => say(0, promptAck('a'))],
  ['it reconnects', ({ network }) => network.sockets[0]?.closeByServer(1006)],
  ['it waits for the next try', ({ network }) => network.sockets[1]?.refuse(503)],
];
const points = steps.map(([name], n) => [name, n] as const);

/** Plays up to a point, then ends; checks that nothing is open 10 ms later, and how `connect` settled. */
function endAt(point: number, end: Step, expected: (isLive: boolean) => string[], after: Step = () => undefined): void {
  playSession((stage) => {
    const { at, connect, network, ledger, log, realtime } = stage;
    at(0, () => connect({ initialPrompt: { text: 'a' } }));
    for (const [n, [, step]] of steps.slice(0, point + 1).entries()) at(n + 1, () => step(stage));
    at(20, () => end(stage));
    at(30, () => {
      after(stage);
      expect(log.filter((line) => line.startsWith('20 '))).toEqual(expected(point >= 7));
      expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
      expect({ ...ledger.open }).toEqual({ sockets: 0, rooms: 0, timers: 0, tracks: 0, readers: 0 });
      expect(realtime.isConnected()).toBe(false);
    });
  });
}

describe('disconnect()', () => {
  it.each(points)('while %s', (_name, point) => {
    endAt(
      point,
      ({ realtime }) => void realtime.disconnect(),
      (isLive) => [isLive ? '20 session done' : '20 session failed ABORTED'],
    );
  });

  it('resolves when everything is closed', async () => {
    let disconnected: Promise<string> | null = null;
    playSession(
      ({ at, connect, goLive, realtime, network, note, log }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => {
          disconnected = realtime.disconnect().then(() => `open ${network.open.sockets}`);
        });
        at(400, () => note(`open ${network.open.sockets}`));
        at(600, () => expect(log.slice(-1)).toEqual(['400 open 1']));
      },
      { network: { closeDelayMs: 500 } },
    );
    expect(await disconnected).toBe('open 0');
  });

  it('does nothing when there is nothing to end', async () => {
    let disconnected: Promise<void> | null = null;
    playSession(({ realtime, expectObservable }) => {
      disconnected = realtime.disconnect();
      expectObservable(realtime.connectionState$).toBe('d', { d: 'disconnected' });
    });
    await expect(disconnected).resolves.toBeUndefined();
  });

  it('after a connect inside one turn of a subscriber holds', () => {
    playSession(({ at, connect, goLive, realtime, network }) => {
      let isFirst = true;
      realtime.connectionState$.subscribe((state) => {
        if (state !== 'connected' || !isFirst) return;
        isFirst = false;
        connect();
        void realtime.disconnect();
      });
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => {
        expect(network.open.sockets).toBe(0);
        expect(realtime.isConnected()).toBe(false);
      });
    });
  });
});

describe('unsubscribing from session$', () => {
  it.each(points)('while %s', (_name, point) => {
    let subscription: { unsubscribe(): void } | null = null;
    playSession((stage) => {
      const { at, connect, network, ledger } = stage;
      at(0, () => {
        subscription = connect({ initialPrompt: { text: 'a' } });
      });
      for (const [n, [, step]] of steps.slice(0, point + 1).entries()) at(n + 1, () => step(stage));
      at(20, () => subscription?.unsubscribe());
      at(21, () => {
        expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
        expect(ledger.total).toBe(0);
      });
    });
  });

  it('before its turn has come opens nothing', () => {
    playSession(({ at, connect, goLive, say, realtime, network }) => {
      const ticks = realtime.generationTicks$.subscribe(() => connect().unsubscribe());
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => say(0, { type: 'generation_tick', seconds: 1 }));
      at(3, () => {
        ticks.unsubscribe();
        expect([network.sockets.length, realtime.isConnected()]).toEqual([1, true]);
        void realtime.disconnect();
      });
    });
  });

  it('does not end the session that took over', () => {
    playSession(({ at, connect, goLive, realtime, network }) => {
      const subscriptions: { unsubscribe(): void }[] = [];
      at(0, () => subscriptions.push(connect()));
      at(1, () => connect());
      at(2, () => goLive());
      at(3, () => subscriptions[0]?.unsubscribe());
      at(4, () => {
        expect([network.sockets.length, realtime.isConnected()]).toEqual([2, true]);
        void realtime.disconnect();
      });
    });
  });
});

describe('a newer connect()', () => {
  it.each(points)('takes over while %s', (_name, point) => {
    playSession((stage) => {
      const { at, connect, goLive, network, realtime, log } = stage;
      at(0, () => connect({ initialPrompt: { text: 'a' } }));
      for (const [n, [, step]] of steps.slice(0, point + 1).entries()) at(n + 1, () => step(stage));
      at(20, () => connect({ model: 'lucy-2.5' }));
      at(21, () => goLive());
      at(22, () => {
        expect(log.filter((line) => line.startsWith('2'))).toContain('21 session live');
        expect(log).toContain(point >= 7 ? '20 session done' : '20 session failed ABORTED');
        expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
        expect(network.sockets.at(-1)?.url).toContain('lucy-2.5');
      });
      at(23, () => void realtime.disconnect());
    });
  });

  it('shows `disconnected` in between', () => {
    playSession(({ at, connect, goLive, realtime, expectObservable }) => {
      at(1, () => connect());
      at(2, () => goLive());
      at(4, () => connect());
      at(8, () => void realtime.disconnect());
      expectObservable(realtime.connectionState$).toBe('dco-(dc)d', {
        d: 'disconnected',
        c: 'connecting',
        o: 'connected',
      });
    });
  });
});

describe('an AbortSignal', () => {
  it.each(points.slice(0, 7))('aborts while %s', (_name, point) => {
    const controller = new AbortController();
    playSession((stage) => {
      const { at, connect, network, ledger, log } = stage;
      at(0, () => connect({ initialPrompt: { text: 'a' }, signal: controller.signal }));
      for (const [n, [, step]] of steps.slice(0, point + 1).entries()) at(n + 1, () => step(stage));
      at(20, () => controller.abort(new Error('user left')));
      at(21, () => {
        expect(log).toEqual(['20 session failed ABORTED']);
        expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
        expect(ledger.total).toBe(0);
      });
    });
  });

  it('has no effect once connected', () => {
    const controller = new AbortController();
    playSession(({ at, connect, goLive, realtime }) => {
      at(0, () => connect({ signal: controller.signal }));
      at(1, () => goLive());
      at(2, () => controller.abort());
      at(3, () => {
        expect(realtime.isConnected()).toBe(true);
        void realtime.disconnect();
      });
    });
  });

  it('that has aborted already opens nothing, also with promises', async () => {
    let connected: Promise<unknown> = Promise.resolve();
    playSession(({ at, realtime, network, connect, log }) => {
      at(0, () => {
        connected = realtime.connect({ model: 'lucy-2.1', signal: AbortSignal.abort('too late') });
        connect({ signal: AbortSignal.abort() });
      });
      at(1, () => expect([network.sockets.length, log]).toEqual([0, ['0 session failed ABORTED']]));
    });
    await expect(connected).rejects.toMatchObject({ code: 'ABORTED', name: 'AbortError', cause: 'too late' });
  });
});

describe('release()', () => {
  it.each(points)('while %s', (_name, point) => {
    endAt(
      point,
      ({ client }) => void client.release(),
      (isLive) => [isLive ? '20 session done' : '20 session failed ABORTED'],
      ({ realtime, connect }) => {
        const refused = connect();
        expect(realtime.isConnected()).toBe(false);
        refused.unsubscribe();
      },
    );
  });

  it('completes every stream, once, and refuses what comes after', async () => {
    const completed: string[] = [];
    const late: Promise<unknown>[] = [];
    const released: Promise<void>[] = [];
    let release: () => Promise<void> = async () => undefined;
    playSession(({ at, connect, goLive, client, realtime }) => {
      for (const [name, stream$] of Object.entries(realtime)) {
        if (name.endsWith('$') && typeof stream$ !== 'function')
          stream$.subscribe({ complete: () => completed.push(name) });
      }
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => released.push(client.release(), client.release()));
      release = async () => {
        late.push(realtime.connect({ model: 'lucy-2.1' }), realtime.setPrompt('a'));
      };
    });
    await Promise.all(released);
    await release();
    expect(completed.sort()).toEqual([
      'connectionState$',
      'diagnostics$',
      'ended$',
      'errors$',
      'generationEnded$',
      'generationTicks$',
      'limitWarning$',
      'localStream$',
      'quality$',
      'queuePosition$',
      'remoteStream$',
      'sessionStarted$',
      'state$',
      'stats$',
      'usage$',
      'view$',
      'waitingForCapacity$',
    ]);
    expect(await Promise.allSettled(late)).toMatchObject([
      { reason: { code: 'ABORTED' } },
      { reason: { code: 'WEBRTC_SIGNALING_ERROR' } },
    ]);
  });
});

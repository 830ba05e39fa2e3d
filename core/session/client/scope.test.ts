import { combineLatest, firstValueFrom, type Observable } from 'rxjs';
import { playSession, promptAck } from '../../../testkit/session-stage.js';
import type { RealtimeSession } from './realtime-client.js';

const stateLike = [
  'state$',
  'connectionState$',
  'remoteStream$',
  'localStream$',
  'view$',
  'quality$',
  'sessionStarted$',
  'queuePosition$',
  'waitingForCapacity$',
  'limitWarning$',
  'usage$',
] as const;
const eventLike = ['stats$', 'generationTicks$', 'generationEnded$', 'ended$', 'errors$', 'diagnostics$'] as const;

/** All that a stream gives when it is subscribed to now, up to its completion. */
function replayOf(stream: Observable<unknown>): { values: unknown[]; isOver: boolean } {
  const replay = { values: [] as unknown[], isOver: false };
  stream
    .subscribe({
      next: (value) => replay.values.push(value),
      complete: () => {
        replay.isOver = true;
      },
    })
    .unsubscribe();
  return replay;
}

describe('a session of session$', () => {
  it('is one session: it ends with its own ids and streams, whatever the client does next', () => {
    playSession(({ at, realtime, connect, goLive, say, log, watch }) => {
      const sessions: RealtimeSession[] = [];
      at(0, () => realtime.session$({ model: 'lucy-2.1' }).subscribe((session) => sessions.push(session)));
      at(1, () => goLive());
      at(2, () => {
        const [old] = sessions as [RealtimeSession];
        expect(old.sessionId).toBe('session-1');
        watch('old', old.connectionState$);
        watch('ended', old.ended$, ({ reason }: { reason: string }) => reason);
        watch('stats', old.stats$, () => 'sample');
        void realtime.disconnect();
      });
      at(3, () => connect());
      at(4, () => goLive());
      at(5, () => {
        const [old] = sessions as [RealtimeSession];
        expect([old.sessionId, old.subscribeToken, realtime.sessionId]).toEqual([null, null, 'session-1']);
        watch('late prompt', old.setPrompt$('too late'));
        expect(log).toEqual([
          '2 old connected',
          '2 old disconnected',
          '2 old done',
          '2 ended disconnect',
          '2 ended done',
          '2 stats done',
          '4 session live',
          '5 late prompt failed WEBRTC_SIGNALING_ERROR',
        ]);
        for (const name of stateLike) expect([name, replayOf(old[name]).isOver]).toEqual([name, true]);
        for (const name of eventLike) expect([name, replayOf(old[name])]).toEqual([name, { values: [], isOver: true }]);
        expect(replayOf(old.connectionState$).values).toEqual(['disconnected']);
        expect(replayOf(old.remoteStream$).values).toEqual([null]);
        say(1, promptAck('nobody asked'));
        void realtime.disconnect();
      });
    });
  });

  it('goes on over a reconnect', () => {
    playSession(({ at, realtime, network, goLive, log, watch }) => {
      at(0, () =>
        realtime.session$({ model: 'lucy-2.1' }).subscribe((session) => watch('state', session.connectionState$)),
      );
      at(1, () => goLive());
      at(2, () => network.sockets[0]?.closeByServer(1006));
      at(3, () => goLive());
      at(4, () => {
        expect(log.slice(0, 3)).toEqual(['1 state connected', '2 state reconnecting', '3 state connected']);
        void realtime.disconnect();
      });
    });
  });

  it('is over at once for whoever takes only the first value: leaving disconnects', () => {
    playSession(({ at, realtime, goLive, watch, log }) => {
      at(0, () => void firstValueFrom(realtime.session$({ model: 'lucy-2.1' })));
      at(1, () => goLive());
      at(2, () => {
        watch('state', realtime.connectionState$);
        expect(log).toEqual(['2 state disconnected']);
      });
    });
  });
});

describe('a released client', () => {
  it('shows its last state to whoever comes later, and completes', async () => {
    let released: Promise<void> = Promise.resolve();
    let looks: () => void = () => undefined;
    playSession(({ at, client, realtime, connect, goLive }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => {
        released = client.release();
      });
      looks = () => {
        for (const name of stateLike) {
          const { values, isOver } = replayOf(realtime[name]);
          expect([name, values.length, isOver]).toEqual([name, 1, true]);
        }
        expect(replayOf(realtime.connectionState$).values).toEqual(['disconnected']);
        for (const name of eventLike) expect(replayOf(realtime[name])).toEqual({ values: [], isOver: true });
      };
    });
    await released;
    looks();
  });
});

describe('view$', () => {
  it('shows each moment as a whole, where combined streams show what never was', () => {
    playSession(({ at, realtime, connect, goLive, network }) => {
      const views: string[] = [];
      const combined: string[] = [];
      realtime.view$.subscribe(({ connectionState, remoteStream, sessionStarted }) =>
        views.push(`${connectionState} ${remoteStream === null ? '-' : 'stream'} ${sessionStarted?.sessionId ?? '-'}`),
      );
      combineLatest([realtime.connectionState$, realtime.remoteStream$]).subscribe(([state, stream]) =>
        combined.push(`${state} ${stream === null ? '-' : 'stream'}`),
      );
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => network.sockets[0]?.closeByServer(1006));
      at(3, () => void realtime.disconnect());
      at(4, () => {
        expect(views).toEqual([
          'disconnected - -',
          'connecting - -',
          'connected - session-1',
          'connected stream session-1',
          'reconnecting - -',
          'disconnected - -',
        ]);
        expect(combined).toContain('reconnecting stream');
      });
    });
  });
});

describe('JSON.stringify', () => {
  it('of a client says where it is, and nothing that opens a door', () => {
    playSession(({ at, client, realtime, connect, goLive }) => {
      at(0, () => connect({ initialPrompt: { text: 'a secret wish' } }));
      at(1, () => goLive());
      at(2, () => {
        expect(JSON.parse(JSON.stringify(realtime))).toEqual({
          connectionState: 'connected',
          sessionId: 'session-1',
        });
        const text = JSON.stringify(client);
        expect(text).toContain('"connected"');
        for (const secret of ['secret-key', 'room-token', 'a secret wish', `${realtime.subscribeToken}`])
          expect(text).not.toContain(secret);
        void realtime.disconnect();
      });
    });
  });
});

// How sessions end: what ended$ says, and that what the service has ended is not opened again by itself.
import { playSession, promptAck, type SessionStage } from '../../../testkit/session-stage.js';
import type { SessionEnd } from './endings.js';

const notesEnds = ({ watch, realtime }: SessionStage): void =>
  void watch('ended', realtime.ended$, ({ by, reason, seconds, restartable }: SessionEnd) =>
    [by, reason, seconds, restartable ? 'restartable' : 'final'].join(' '),
  );

/** Live and billed for 2 s when the service ends the session, at 10 ms. */
function endByService(reason: string, after: (stage: SessionStage) => void, reconnect = {}): void {
  playSession((stage) => {
    const { at, connect, goLive, say } = stage;
    notesEnds(stage);
    at(0, () => connect({ reconnect }));
    at(1, () => goLive());
    at(2, () => say(0, { type: 'generation_tick', seconds: 1 }));
    at(10, () => say(0, { type: 'generation_ended', seconds: 2, reason }));
    after(stage);
  });
}

describe('the service ends the session', () => {
  it.each([
    ['timeout', 'SESSION_TIME_LIMIT', 'restartable'],
    ['insufficient_credits', 'INSUFFICIENT_CREDITS', 'final'],
    ['moderation_violation', 'MODERATION_VIOLATION', 'final'],
    ['error', 'WEBRTC_SERVER_ERROR', 'restartable'],
    ['a reason to come', 'WEBRTC_SERVER_ERROR', 'restartable'],
    ['constructor', 'WEBRTC_SERVER_ERROR', 'restartable'],
  ])('with the reason %s: %s, and no new socket', (reason, code, restartable) => {
    endByService(reason, ({ at, log, network, realtime }) => {
      at(100_000, () => {
        expect(log).toEqual([
          '1 session live',
          `10 ended service ${reason} 2 ${restartable}`,
          `10 session failed ${code}`,
          `10 error ${code}`,
        ]);
        expect(network.sockets).toHaveLength(1);
        expect(realtime.isConnected()).toBe(false);
      });
    });
  });

  it.each([
    ['at once', 10],
    ['late', 5000],
  ])('and closes the socket %s', (_when, closesAtMs) => {
    endByService('timeout', ({ at, log, network }) => {
      at(closesAtMs, () => network.sockets[0]?.closeByServer(1000));
      at(100_000, () => {
        expect(log.filter((line) => line.includes('ended'))).toEqual(['10 ended service timeout 2 restartable']);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('before it is connected: the connect fails with the reason', () => {
    playSession((stage) => {
      const { at, connect, goLive, say, log, network } = stage;
      notesEnds(stage);
      at(0, () => connect({ initialPrompt: { text: 'a' } }));
      at(1, () => goLive());
      at(2, () => say(0, { type: 'generation_ended', seconds: 1, reason: 'timeout' }));
      at(3, () => say(0, promptAck('a')));
      at(60_000, () => {
        expect(log).toEqual([
          '2 ended service timeout 1 restartable',
          '2 session failed SESSION_TIME_LIMIT',
          '2 error SESSION_TIME_LIMIT',
        ]);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('while reconnecting: no further try', () => {
    playSession((stage) => {
      const { at, connect, goLive, say, log, network } = stage;
      notesEnds(stage);
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => say(0, { type: 'generation_tick', seconds: 3 }));
      at(3, () => network.sockets[0]?.closeByServer(1006));
      at(4, () => network.sockets[1]?.accept());
      at(5, () => say(1, { type: 'generation_ended', seconds: 0, reason: 'insufficient_credits' }));
      at(60_000, () => {
        expect(log).toContain('5 ended service insufficient_credits 3 final');
        expect(network.sockets).toHaveLength(2);
      });
    });
  });

  it('with `disconnect`, which ends nothing by itself', () => {
    endByService('disconnect', ({ at, log, realtime }) => {
      at(11, () => expect(realtime.isConnected()).toBe(true));
      at(12, () => void realtime.disconnect());
      at(13, () =>
        expect(log).toEqual(['1 session live', '12 ended caller disconnect 2 restartable', '12 session done']),
      );
    });
  });
});

describe('reconnect.afterEnd', () => {
  it('connects again after a reason that allows it, and says nothing of an end', () => {
    endByService(
      'timeout',
      ({ at, goLive, log, network, say, realtime }) => {
        at(11, () => goLive());
        at(12, () => say(1, { type: 'generation_tick', seconds: 1 }));
        at(13, () => void realtime.disconnect());
        at(14, () => {
          expect(network.sockets).toHaveLength(2);
          // Seconds add up over the service's sessions.
          expect(log.filter((line) => line.includes('ended'))).toEqual(['13 ended caller disconnect 3 restartable']);
        });
      },
      { afterEnd: true },
    );
  });

  it('does not where it cannot help', () => {
    endByService(
      'insufficient_credits',
      ({ at, network }) => at(60_000, () => expect(network.sockets).toHaveLength(1)),
      { afterEnd: true },
    );
  });
});

describe('other ends', () => {
  it('are emitted once each: disconnect, a newer connect, a loss without recovery, release', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, network, client, realtime } = stage;
      notesEnds(stage);
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => connect());
      at(3, () => goLive());
      at(4, () => network.sockets[1]?.closeByServer(4001));
      at(5, () => connect());
      at(6, () => goLive());
      at(7, () => void realtime.disconnect());
      at(8, () => connect());
      at(9, () => goLive());
      at(10, () => void client.release());
      at(11, () =>
        expect(log.filter((line) => line.includes(' ended '))).toEqual([
          '2 ended caller replaced  restartable',
          '4 ended failure INVALID_API_KEY  final',
          '7 ended caller disconnect  restartable',
          '10 ended caller release  final',
        ]),
      );
    });
  });

  it('a connect that was refused has none', () => {
    playSession((stage) => {
      const { at, connect, log, network } = stage;
      notesEnds(stage);
      at(0, () => connect());
      at(1, () => network.sockets[0]?.refuse(401));
      at(2, () => expect(log).toEqual(['1 session failed INVALID_API_KEY', '1 error INVALID_API_KEY']));
    });
  });
});

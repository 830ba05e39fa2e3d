import { BehaviorSubject } from 'rxjs';
import { playSession, type SessionStage } from '../../../testkit/session-stage.js';

/** A play on a page that may lose its network. */
function playOnPage(play: (stage: SessionStage, online: (isOnline: boolean) => void) => void): void {
  const onlineSubject = new BehaviorSubject(true);
  playSession((stage) => play(stage, (isOnline) => onlineSubject.next(isOnline)), {
    platform: () => ({ online$: onlineSubject }),
  });
  expect(onlineSubject.observed).toBe(false);
}

describe('without a network', () => {
  it('the next try waits, however long that takes, and is made at once when it is back', () => {
    playOnPage(({ at, connect, goLive, network, realtime, log, watch }, online) => {
      watch('state', realtime.connectionState$);
      at(0, () => connect());
      at(1, () => goLive());
      at(1000, () => online(false));
      at(2000, () => network.sockets[0]?.closeByServer(1006));
      at(3_600_000, () => {
        expect(network.sockets).toHaveLength(1);
        online(true);
        expect(network.sockets).toHaveLength(2);
        goLive();
      });
      at(3_600_001, () => {
        expect(log.slice(2)).toEqual([
          '1 state connected',
          '1 session live',
          '2000 state reconnecting',
          '3600000 state connected',
          '3600000 intent none',
        ]);
        void realtime.disconnect();
      });
    });
  });

  it('a try that is under way or waits for its time ends in waiting, and does not count', () => {
    playOnPage(({ at, connect, network, realtime, log }, online) => {
      at(0, () => connect({ reconnect: { retries: 1 } }));
      at(1, () => online(false));
      at(2, () => network.sockets[0]?.closeByServer(1006));
      at(10_000, () => online(true));
      at(10_001, () => network.sockets[1]?.closeByServer(1006));
      at(10_500, () => online(false));
      at(11_500, () => expect(network.sockets).toHaveLength(2));
      at(20_000, () => online(true));
      at(20_001, () => {
        expect(network.sockets).toHaveLength(3);
        network.sockets[2]?.closeByServer(1006);
        expect(log).toEqual(['20001 session failed WEBRTC_WEBSOCKET_ERROR', '20001 error WEBRTC_WEBSOCKET_ERROR']);
        void realtime.disconnect();
      });
    });
  });

  it('a first connect still has its budget, and a policy without retries gives up', () => {
    playOnPage(({ at, connect, network, log }, online) => {
      online(false);
      at(0, () => connect());
      at(1, () => network.sockets[0]?.closeByServer(1006));
      at(60_001, () =>
        expect(log).toEqual(['60000 session failed WEBRTC_TIMEOUT_ERROR', '60000 error WEBRTC_TIMEOUT_ERROR']),
      );
      at(70_000, () => connect({ reconnect: { retries: 0 } }));
      at(70_001, () => network.sockets[1]?.closeByServer(1006));
      at(70_002, () => expect(log.slice(2)[0]).toBe('70001 session failed WEBRTC_WEBSOCKET_ERROR'));
    });
  });

  it('a live session goes on: media may take another way', () => {
    playOnPage(({ at, connect, goLive, network, realtime }, online) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => online(false));
      at(3, () => online(true));
      at(4, () => {
        expect(realtime.isConnected()).toBe(true);
        expect(network.sockets).toHaveLength(1);
        void realtime.disconnect();
      });
    });
  });
});

describe('progress clears the count of tries', () => {
  it('a first connect that took all its tries still reconnects after a loss a second later', () => {
    playSession(({ at, connect, goLive, network, realtime }) => {
      at(0, () => connect({ reconnect: { retries: 2, initialDelayMs: 1000, factor: 1 } }));
      at(1, () => network.sockets[0]?.closeByServer(1006));
      at(1002, () => network.sockets[1]?.closeByServer(1006));
      at(2003, () => goLive());
      at(3003, () => network.sockets[2]?.closeByServer(1006));
      at(3004, () => {
        expect(network.sockets).toHaveLength(4);
        expect(realtime.isConnected()).toBe(false);
        void realtime.disconnect();
      });
    });
  });

  it('a place in the queue that was held is not held against the next try, one that was not is', () => {
    playSession(({ at, connect, network, say, realtime, log }) => {
      const inQueue = (n: number): void => {
        network.sockets[n]?.accept();
        say(n, { type: 'queue_position', position: 2, queue_size: 3 });
      };
      at(0, () => connect({ reconnect: { retries: 1, initialDelayMs: 1000, factor: 1 } }));
      for (let n = 0; n < 4; n += 1) {
        at(n * 11_000 + 1, () => inQueue(n));
        at(n * 11_000 + 10_000, () => network.sockets[n]?.closeByServer(1006));
      }
      at(44_001, () => {
        expect(network.sockets).toHaveLength(5);
        inQueue(4);
        network.sockets[4]?.closeByServer(1006);
        expect(log).toEqual(['44001 session failed WEBRTC_WEBSOCKET_ERROR', '44001 error WEBRTC_WEBSOCKET_ERROR']);
        void realtime.disconnect();
      });
    });
  });
});

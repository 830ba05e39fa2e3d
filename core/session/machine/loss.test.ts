// No zombies: a socket or a room that is lost at any moment is a loss, and the next try starts afresh.
import { playSession, roomInfo, type SessionStage } from '../../../testkit/session-stage.js';
import type { Failure } from '../../errors.js';

const LOST: Failure = { code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' };

type Step = (stage: SessionStage) => void;

const accept: Step = ({ network }) => network.sockets.at(-1)?.accept();
const queue: Step = ({ say }) => say(0, { type: 'queue_position', position: 1, queue_size: 1 });
const info: Step = ({ say }) => say(0, roomInfo);
const join: Step = ({ network }) => network.rooms.at(-1)?.accept({ publish: false });
const publish: Step = ({ network }) => network.rooms.at(-1)?.acceptPublished();
const stream: Step = ({ network }) => void network.rooms.at(-1)?.publishRemote();

const loseSocket: Step = ({ network }) => network.sockets[0]?.closeByServer(1006);
const refuse: Step = ({ network }) => network.sockets[0]?.refuse(503);
const failRoom: Step = ({ network }) => network.rooms[0]?.fail(LOST);
const loseRoom: Step = ({ network }) => network.rooms[0]?.lose(LOST);
const both: Step = (stage) => {
  loseSocket(stage);
  loseRoom(stage);
};

const infoThenLoss: Step = (stage) => {
  info(stage);
  loseSocket(stage);
};

describe('lost while connecting', () => {
  it.each<[string, readonly Step[], Step]>([
    ['before the socket opens', [], refuse],
    ['before room info', [accept], loseSocket],
    ['in the queue', [accept, queue], loseSocket],
    ['right after room info', [accept, infoThenLoss], () => undefined],
    ['while the room connects', [accept, info], loseSocket],
    ['the room, while it connects', [accept, info], failRoom],
    ['while publishing', [accept, info, join], loseSocket],
    ['the room, while publishing', [accept, info, join], loseRoom],
    ['both at once, while publishing', [accept, info, join], both],
  ])('%s: the try fails and is made again', (_name, steps, loss) => {
    playSession((stage) => {
      const { at, connect, network, goLive, realtime, expectObservable } = stage;
      at(0, () => connect());
      steps.forEach((step, n) => {
        at(n + 1, () => step(stage));
      });
      at(10, () => loss(stage));
      at(11, () => {
        expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
        expect(realtime.isConnected()).toBe(false);
      });
      at(1500, () => goLive());
      at(1501, () => expect([realtime.isConnected(), network.sockets.length]).toEqual([true, 2]));
      at(1502, () => void realtime.disconnect());
      expectObservable(realtime.connectionState$).toBe('c 1499ms o-d', {
        c: 'connecting',
        o: 'connected',
        d: 'disconnected',
      });
    });
  });
});

describe('lost while live', () => {
  it.each<[string, Step]>([
    ['the socket', loseSocket],
    ['the room', loseRoom],
    ['both at once', both],
  ])('%s: the session reconnects with both', (_name, loss) => {
    playSession((stage) => {
      const { at, connect, network, goLive, realtime, expectObservable } = stage;
      at(0, () => connect());
      for (const [n, step] of [accept, info, join, publish, stream].entries()) at(n + 1, () => step(stage));
      at(10, () => loss(stage));
      at(11, () => expect(network.open).toEqual({ sockets: 1, rooms: 0, streams: 0 }));
      at(12, () => goLive());
      at(13, () => expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 }));
      at(14, () => void realtime.disconnect());
      expectObservable(realtime.connectionState$).toBe('c---o-----r-o-d', {
        c: 'connecting',
        o: 'connected',
        r: 'reconnecting',
        d: 'disconnected',
      });
    });
  });

  it('when the room closes of itself', () => {
    playSession(({ at, connect, network, goLive, realtime }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => network.rooms[0]?.client.close());
      at(3, () => goLive());
      at(4, () => {
        expect([realtime.isConnected(), network.rooms.length]).toEqual([true, 2]);
        void realtime.disconnect();
      });
    });
  });

  it('twice within 300 ms, and again while it reconnects', () => {
    playSession((stage) => {
      const { at, connect, network, goLive, realtime, log } = stage;
      at(0, () => connect());
      at(1, () => goLive());
      at(100, () => loseSocket(stage));
      at(150, () => goLive());
      at(300, () => network.rooms.at(-1)?.lose(LOST));
      at(1350, () => accept(stage));
      at(1400, () => network.sockets.at(-1)?.closeByServer(1006));
      at(3500, () => goLive());
      at(3501, () => {
        expect(log).toEqual(['1 session live', '150 intent none', '3500 intent none']);
        expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
        expect(realtime.isConnected()).toBe(true);
        void realtime.disconnect();
      });
    });
  });

  it('what an older try still says is dropped', () => {
    playSession(
      ({ at, connect, network, goLive, realtime, log }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => network.rooms[0]?.lose(LOST));
        // The first socket takes 500 ms to close; the room's end comes late, too.
        at(3, () => goLive());
        at(600, () => expect([realtime.isConnected(), network.open.sockets]).toEqual([true, 1]));
        at(601, () => void realtime.disconnect());
        at(2000, () => expect(log).toEqual(['1 session live', '3 intent none', '601 session done']));
      },
      { network: { closeDelayMs: 500 } },
    );
  });
});

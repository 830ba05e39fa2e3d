// What an `error` or a close code says of the initial state, or of an image that is too large.
import { playSession, promptAck, roomInfo, type SessionStage } from '../../../testkit/session-stage.js';
import type { DecartError } from '../../errors.js';

const BIG = 'AAAA';

/** Notes the errors in full, and how connect() and calls fail. */
function failures({ realtime }: SessionStage): DecartError[] {
  const seen: DecartError[] = [];
  realtime.errors$.subscribe((error) => seen.push(error));
  return seen;
}

describe('an error about the initial state while connecting', () => {
  it.each([
    [{ initialPrompt: { text: 'bad' } }, 'The prompt was rejected by moderation.', 'prompt'],
    [{ initialPrompt: { text: 'bad' }, initialImage: BIG }, 'image rejected', 'image'],
  ])('fails the connect at once: %j', (options, text, request) => {
    playSession((stage) => {
      const { at, connect, network, say, log } = stage;
      const errors = failures(stage);
      at(0, () => connect(options));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { type: 'error', error: text }));
      at(60_000, () => {
        expect(log).toEqual(['2 session failed WEBRTC_SERVER_ERROR', '2 error WEBRTC_SERVER_ERROR']);
        expect(errors).toMatchObject([{ message: expect.stringContaining(text), data: { request } }]);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it.each(['out of memory', 'The prompt service is temporarily unavailable.'])(
    'is another try when it may pass: %s',
    (text) => {
      playSession(({ at, connect, network, say, goLive, wishes, realtime }) => {
        at(0, () => connect({ initialPrompt: { text: 'fine' } }));
        at(1, () => network.sockets[0]?.accept());
        at(2, () => say(0, { type: 'error', error: text }));
        at(1500, () => goLive());
        at(1501, () => expect(wishes(1)).toEqual(['fine']));
        at(1502, () => void realtime.disconnect());
      });
    },
  );

  it('ends no session that was live: it goes on without what was refused', () => {
    playSession(({ at, connect, network, say, goLive, realtime, log, sent }) => {
      at(0, () => connect({ initialPrompt: { text: 'was fine' } }));
      at(1, () => goLive());
      at(2, () => say(0, promptAck('was fine')));
      at(3, () => network.sockets[0]?.closeByServer(1006));
      at(4, () => network.sockets[1]?.accept());
      at(5, () => say(1, { type: 'error', error: 'The prompt is not allowed any more.' }));
      at(6, () => {
        say(1, roomInfo);
        network.rooms.at(-1)?.publishRemote();
        network.rooms.at(-1)?.accept();
      });
      at(7, () => network.sockets[1]?.closeByServer(1006));
      at(2000, () => goLive());
      at(2001, () => {
        expect(sent(2)).toEqual([{ type: 'livekit_join', passthrough: true }]);
        expect(log).toEqual(['2 session live', '5 error WEBRTC_SERVER_ERROR', '6 intent lost', '2000 intent none']);
        void realtime.disconnect();
      });
    });
  });

  it('drops it from the intent while live', () => {
    playSession(({ at, connect, network, say, goLive, realtime, log, sent }) => {
      at(0, () => connect({ initialPrompt: { text: 'bad' }, holdUntilInitialState: false }));
      at(1, () => goLive());
      at(2, () => say(0, { type: 'error', error: 'The prompt is too long.' }));
      at(3, () => network.sockets[0]?.closeByServer(1006));
      at(4, () => goLive());
      at(5, () => {
        expect(sent(1)).toEqual([{ type: 'livekit_join', passthrough: true }]);
        expect(log).toEqual(['1 session live', '2 error WEBRTC_SERVER_ERROR', '4 intent none']);
        void realtime.disconnect();
      });
    });
  });
});

describe('close code 1009', () => {
  const tooBig = ({ network }: SessionStage) => network.sockets.at(-1)?.closeByServer(1009, 'message too big');

  it('ends a connect whose initial image is too large, and names it', () => {
    playSession((stage) => {
      const { at, connect, network, log } = stage;
      const errors = failures(stage);
      at(0, () => connect({ initialImage: BIG }));
      at(1, () => network.sockets[0]?.accept());
      at(2, () => tooBig(stage));
      at(60_000, () => {
        expect(log).toEqual(['2 session failed INVALID_INPUT', '2 error INVALID_INPUT']);
        expect(errors).toMatchObject([
          { message: expect.stringContaining('image is too large'), data: { field: 'image', closeCode: 1009 } },
        ]);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it('fails the image of a call, and the session comes back without it', () => {
    playSession((stage) => {
      const { at, connect, goLive, say, realtime, watch, log, wishes } = stage;
      at(0, () => connect({ initialPrompt: { text: 'hat' } }));
      at(1, () => goLive());
      at(2, () => say(0, promptAck('hat')));
      at(3, () => watch('image', realtime.setImage$(BIG)));
      at(4, () => watch('prompt', realtime.setPrompt$('rain')));
      at(5, () => tooBig(stage));
      at(6, () => goLive());
      at(7, () => {
        expect(log.slice(1)).toEqual(['5 image failed INVALID_INPUT', '5 prompt failed WEBRTC_WEBSOCKET_ERROR']);
        expect(wishes(1)).toEqual(['hat']);
        void realtime.disconnect();
      });
    });
  });

  it('drops an initial image that is too large from a live session', () => {
    playSession((stage) => {
      const { at, connect, goLive, say, realtime, log, wishes } = stage;
      at(0, () => connect({ initialImage: BIG, initialPrompt: { text: 'hat' }, holdUntilInitialState: false }));
      at(1, () => goLive());
      at(2, () => tooBig(stage));
      at(3, () => goLive());
      at(4, () => say(1, promptAck('hat')));
      at(5, () => {
        expect(log.slice(1)).toEqual(['2 error INVALID_INPUT', '4 intent replayed']);
        expect(wishes(1)).toEqual(['hat']);
        void realtime.disconnect();
      });
    });
  });

  it('fails a prompt that is too large, and no other', () => {
    playSession((stage) => {
      const { at, connect, goLive, realtime, watch, log } = stage;
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => watch('first', realtime.setPrompt$('first')));
      at(3, () => watch('huge', realtime.setPrompt$('huge')));
      at(4, () => tooBig(stage));
      at(5, () => goLive());
      at(6, () => {
        expect(log.slice(1, 3)).toEqual(['4 huge failed INVALID_INPUT', '4 first failed WEBRTC_WEBSOCKET_ERROR']);
        void realtime.disconnect();
      });
    });
  });

  it('is a loss like any other when nothing is on the wire', () => {
    playSession((stage) => {
      const { at, connect, goLive, realtime, log } = stage;
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => tooBig(stage));
      at(3, () => goLive());
      at(4, () => {
        expect(log).toEqual(['1 session live', '3 intent none']);
        void realtime.disconnect();
      });
    });
  });
});

describe('an initial image that cannot be read', () => {
  it('ends no live session: it goes on with the prompt alone', () => {
    playSession(
      ({ at, connect, goLive, network, realtime, log, wishes }) => {
        at(0, () =>
          connect({
            initialImage: 'https://images.test/missing',
            initialPrompt: { text: 'hat' },
            holdUntilInitialState: false,
          }),
        );
        at(1, () => goLive());
        at(20, () => expect(wishes(0)).toEqual(['hat']));
        at(21, () => network.sockets[0]?.closeByServer(1006));
        at(22, () => goLive());
        at(23, () => {
          expect(wishes(1)).toEqual(['hat']);
          expect(log).toEqual(['1 session live', '10 error INVALID_INPUT']);
          void realtime.disconnect();
        });
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('10ms #') }) },
    );
  });

  it('and no prompt: nothing is restored after a loss', () => {
    playSession(
      ({ at, connect, goLive, network, realtime, log, sent }) => {
        at(0, () => connect({ initialImage: 'https://images.test/missing', holdUntilInitialState: false }));
        at(1, () => goLive());
        at(5, () => network.sockets[0]?.closeByServer(1006));
        at(6, () => goLive());
        at(20, () => {
          expect(sent(1)).toEqual([{ type: 'livekit_join', passthrough: false }]);
          expect(log).toEqual(['1 session live', '10 error INVALID_INPUT', '10 intent lost']);
          void realtime.disconnect();
        });
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('10ms #') }) },
    );
  });
});

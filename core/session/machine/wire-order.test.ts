// Prompts go ahead of images that are read or wait for their turn: what was asked for last is shown in the end.
import { imageAck, playSession, promptAck, type SessionStage } from '../../../testkit/session-stage.js';

function playLive(endMs: number, play: (stage: SessionStage) => void, connect: object = {}): void {
  playSession(
    (stage) => {
      stage.at(0, () => stage.connect(connect));
      stage.at(1, () => stage.goLive());
      play(stage);
      stage.at(endMs, () => void stage.realtime.disconnect());
    },
    {
      platform: ({ cold }) => ({ fetchBytes: () => cold('10ms (b|)', { b: new Uint8Array([0, 0, 0]) }) }),
    },
  );
}

const SLOW = 'https://images.test/slow';

/** What is sent as the initial state after a loss. */
const restored = ({ at, network, goLive, wishes }: SessionStage, atMs: number, expected: readonly string[]): void => {
  at(atMs, () => network.sockets[0]?.closeByServer(1006));
  at(atMs + 1, () => goLive());
  at(atMs + 2, () => expect(wishes(1)).toEqual(expected));
};

describe('the prompt of an image', () => {
  it('is left out when a later prompt is in force', () => {
    playLive(60, (stage) => {
      const { at, say, realtime, watch, wishes, log } = stage;
      at(2, () => {
        watch('1', realtime.setImage$(SLOW, { prompt: '1' }));
        watch('2', realtime.setImage$('BBBB', { prompt: '2' }));
        watch('3', realtime.setPrompt$('3'));
      });
      at(5, () => say(0, promptAck('3')));
      at(13, () => expect(wishes(0)).toEqual(['3', '[AAAA]']));
      at(14, () => say(0, imageAck()));
      at(15, () => expect(wishes(0)).toEqual(['3', '[AAAA]', '[BBBB]']));
      at(16, () => say(0, imageAck()));
      at(17, () => expect(log.slice(1)).toEqual(['5 3 done', '14 1 done', '16 2 done']));
      restored(stage, 20, ['[BBBB]3']);
    });
  });

  it('waits for the answer to a later prompt, and is sent when that is refused', () => {
    playLive(60, (stage) => {
      const { at, say, realtime, watch, wishes } = stage;
      at(2, () => {
        watch('cat', realtime.setImage$(SLOW, { prompt: 'cat' }));
        watch('dog', realtime.setPrompt$('dog'));
      });
      at(15, () => expect(wishes(0)).toEqual(['dog']));
      at(16, () => say(0, promptAck('dog', 'no dogs')));
      at(17, () => expect(wishes(0)).toEqual(['dog', '[AAAA]cat']));
      at(18, () => say(0, imageAck()));
      restored(stage, 20, ['[AAAA]cat']);
    });
  });

  it('is sent when a later prompt was cancelled or has timed out, and stays the intent when that is acked late', () => {
    for (const isCancelled of [true, false]) {
      playLive(60, (stage) => {
        const { at, say, realtime, watch, wishes } = stage;
        at(2, () => {
          watch('cat', realtime.setImage$(SLOW, { prompt: 'cat' }));
          const dog = watch('dog', realtime.setPrompt$('dog', { timeoutMs: 12 }));
          if (isCancelled) at(3, () => dog.unsubscribe());
        });
        at(16, () => expect(wishes(0)).toEqual(['dog', '[AAAA]cat']));
        at(17, () => say(0, imageAck()));
        at(18, () => say(0, promptAck('dog')));
        restored(stage, 20, ['[AAAA]cat']);
      });
    }
  });

  it('clears a prompt that was asked for before, also when its ack comes first', () => {
    playLive(60, (stage) => {
      const { at, say, realtime, watch, wishes } = stage;
      at(2, () => {
        watch('dog', realtime.setPrompt$('dog'));
        watch('none', realtime.setImage$('BBBB', { prompt: null }));
      });
      at(3, () => expect(wishes(0)).toEqual(['dog', '[BBBB]null']));
      at(4, () => say(0, imageAck()));
      at(5, () => say(0, promptAck('dog')));
      restored(stage, 20, ['[BBBB]']);
    });
  });
});

describe('an initial image that is read while the session is live', () => {
  const connect = { initialImage: SLOW, initialPrompt: { text: 'initial' }, holdUntilInitialState: false };

  it('goes without its prompt when another is in force by then', () => {
    playLive(
      60,
      (stage) => {
        const { at, say, realtime, watch, wishes } = stage;
        at(2, () => watch('own', realtime.setPrompt$('own')));
        at(12, () => expect(wishes(0)).toEqual(['own']));
        at(13, () => say(0, promptAck('own')));
        at(14, () => expect(wishes(0)).toEqual(['own', '[AAAA]']));
        at(15, () => say(0, imageAck('no')));
        // What was refused was the image alone.
        restored(stage, 20, ['own']);
      },
      connect,
    );
  });

  it('carries the initial prompt when the other fails by an error of the service', () => {
    playLive(
      60,
      ({ at, say, realtime, watch, wishes }) => {
        at(2, () => watch('own', realtime.setPrompt$('own')));
        at(13, () => say(0, { type: 'error', error: 'out of memory' }));
        at(14, () => expect(wishes(0)).toEqual(['own', '[AAAA]initial']));
      },
      connect,
    );
  });

  it('carries the initial prompt when the other is refused', () => {
    playLive(
      60,
      ({ at, say, realtime, watch, wishes }) => {
        at(2, () => watch('own', realtime.setPrompt$('own')));
        at(13, () => say(0, promptAck('own', 'no')));
        at(14, () => expect(wishes(0)).toEqual(['own', '[AAAA]initial']));
      },
      connect,
    );
  });
});

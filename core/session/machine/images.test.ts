import {
  imageAck,
  playSession,
  type SessionStage,
  type SessionStageOptions,
  withErrorCode,
} from '../../../testkit/session-stage.js';

function playLive(endMs: number, play: (stage: SessionStage) => void, options?: SessionStageOptions): void {
  playSession((stage) => {
    stage.at(0, () => stage.connect());
    stage.at(1, () => stage.goLive());
    play(stage);
    stage.at(endMs, () => void stage.realtime.disconnect());
  }, options);
}

const [A, B, C] = ['AAAA', 'BBBB', 'CCCC'];

describe('images', () => {
  it('go one at a time, the next behind the ack', () => {
    playLive(40, ({ at, say, realtime, wishes, watch, log }) => {
      at(2, () => {
        watch('a', realtime.setImage$(A));
        watch('b', realtime.setImage$(B, { prompt: 'hat' }));
        watch('none', realtime.setImage$(null));
        expect(wishes(0)).toEqual(['[AAAA]']);
      });
      at(3, () => say(0, imageAck()));
      at(4, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]hat']));
      at(5, () => say(0, imageAck('bad')));
      at(6, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]hat', '[none]']));
      at(7, () => say(0, imageAck()));
      at(8, () => expect(log.slice(1)).toEqual(['3 a done', '5 b failed WEBRTC_SERVER_ERROR', '7 none done']));
    });
  });

  it('are sent by id when they are uploaded files', () => {
    playLive(40, ({ at, realtime, sent, watch }) => {
      at(2, () => void watch('file', realtime.setImage$('file_abc', { prompt: null })));
      at(3, () =>
        expect(sent(0)[1]).toEqual({ type: 'set_image', image_ref: 'file_abc', prompt: null, enhance_prompt: true }),
      );
    });
  });

  it('keep their order while they are being read', () => {
    const fetchBytes = (helpers: { cold: SessionStage['cold'] }) => (url: string) =>
      helpers.cold(url.endsWith('slow') ? '10ms (b|)' : '(b|)', { b: new Uint8Array([0, 0, 0]) });
    playLive(
      40,
      ({ at, realtime, wishes, watch }) => {
        at(2, () => void watch('slow', realtime.setImage$('https://images.test/slow')));
        at(3, () => void watch('b', realtime.setImage$(B)));
        at(11, () => expect(wishes(0)).toEqual([]));
        at(13, () => expect(wishes(0)).toEqual(['[AAAA]']));
      },
      { platform: (helpers) => ({ fetchBytes: fetchBytes(helpers) }) },
    );
  });

  it('are not read on when they are cancelled, and make room', () => {
    playLive(
      40,
      ({ at, realtime, wishes, expectObservable, watch }) => {
        expectObservable(realtime.setImage$('https://images.test/slow'), '--^---!').toBe('');
        at(3, () => void watch('b', realtime.setImage$(B)));
        at(7, () => expect(wishes(0)).toEqual(['[BBBB]']));
      },
      {
        platform: ({ cold, expectSubscriptions }) => {
          const bytes$ = cold<Uint8Array>('20ms b');
          expectSubscriptions(bytes$.subscriptions).toBe('--^---!');
          return { fetchBytes: () => bytes$ };
        },
      },
    );
  });

  it('have one limit from the call on: reading, waiting and the ack', () => {
    playLive(
      100_000,
      ({ realtime, expectObservable }) => {
        const code = 'WEBRTC_TIMEOUT_ERROR';
        expectObservable(withErrorCode(realtime.setImage$(A)), '2ms ^').toBe('30002ms #', undefined, code);
        // Behind it, and never sent.
        expectObservable(withErrorCode(realtime.setImage$(B)), '3ms ^').toBe('30003ms #', undefined, code);
        const slow$ = realtime.setImage$('https://images.test/slow', { timeoutMs: 500 });
        expectObservable(withErrorCode(slow$), '70000ms ^').toBe('70500ms #', undefined, code);
        // Read for 20 s, and not answered.
        const read$ = realtime.setImage$('https://images.test/slow', { timeoutMs: 25_000 });
        expectObservable(withErrorCode(read$), '71000ms ^').toBe('96000ms #', undefined, code);
      },
      {
        platform: ({ cold, expectSubscriptions }) => {
          const bytes$ = cold<Uint8Array>('20s (b|)', { b: new Uint8Array([1]) });
          expectSubscriptions(bytes$.subscriptions).toBe(['70000ms ^ 499ms !', '71000ms ^ 19999ms !']);
          return { fetchBytes: () => bytes$ };
        },
      },
    );
  });

  it('have their limit while an initial image is never read, which ends its own reading in time', () => {
    playSession(
      ({ at, connect, goLive, realtime, wishes, watch, log }) => {
        at(0, () =>
          connect({
            initialImage: 'https://images.test/endless',
            initialPrompt: { text: 'hat' },
            holdUntilInitialState: false,
          }),
        );
        at(1, () => goLive());
        at(2, () => void watch('b', realtime.setImage$(B, { timeoutMs: 1000 })));
        at(40_000, () => {
          expect(log).toEqual([
            '1 session live',
            '1002 b failed WEBRTC_TIMEOUT_ERROR',
            '30001 error WEBRTC_TIMEOUT_ERROR',
          ]);
          // What is left of the initial state.
          expect(wishes(0)).toEqual(['hat']);
          void realtime.disconnect();
        });
      },
      {
        platform: ({ cold, expectSubscriptions }) => {
          const endless$ = cold<Uint8Array>('-');
          expectSubscriptions(endless$.subscriptions).toBe('^ 30000ms !');
          return { fetchBytes: () => endless$ };
        },
      },
    );
  });

  it('fail when they cannot be read, and make room', () => {
    playLive(40, ({ at, realtime, wishes, watch, log }) => {
      at(2, () => {
        watch('missing', realtime.setImage$('https://images.test/missing'));
        watch('text', realtime.setImage$('no image!'));
        watch('empty', realtime.setImage$(new Uint8Array()));
        watch('nothing', realtime.setImage$(undefined as never));
        watch('number', realtime.setImage$(5 as never));
        watch('b', realtime.setImage$(B));
      });
      at(3, () => {
        const names = ['missing', 'text', 'empty', 'nothing', 'number'];
        expect(log.slice(1)).toEqual(names.map((name) => `2 ${name} failed INVALID_INPUT`));
        expect(wishes(0)).toEqual(['[BBBB]']);
      });
    });
  });

  it('make room when they cannot be read after a while', () => {
    playLive(
      40,
      ({ at, realtime, wishes, watch }) => {
        at(2, () => void watch('missing', realtime.setImage$('https://images.test/missing')));
        at(3, () => void watch('b', realtime.setImage$(B)));
        at(12, () => expect(wishes(0)).toEqual([]));
        at(13, () => expect(wishes(0)).toEqual(['[BBBB]']));
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('10ms #') }) },
    );
  });

  it('are refused at once when there is no live session, and say when an ack is nobody’s', () => {
    playSession(({ at, connect, goLive, say, realtime, watch, log }) => {
      at(0, () => watch('too soon', realtime.setImage$(A)));
      at(1, () => connect());
      at(2, () => goLive());
      at(3, () => watch('diagnostic', realtime.diagnostics$, ({ name }: { name: string }) => name));
      at(4, () => say(0, imageAck()));
      at(5, () => {
        expect(log).toEqual([
          '0 too soon failed WEBRTC_SIGNALING_ERROR',
          '2 session live',
          '4 diagnostic ackUnmatched',
        ]);
        void realtime.disconnect();
      });
    });
  });

  it('say whether they were sent when they time out', () => {
    playLive(2000, ({ at, realtime }) => {
      const messages: string[] = [];
      const ask = () =>
        realtime.setImage$(A, { timeoutMs: 1000 }).subscribe({ error: ({ message }) => messages.push(message) });
      at(2, () => ask());
      at(3, () => ask());
      at(1500, () =>
        expect(messages).toEqual([
          'The service did not acknowledge the image in time.',
          'The image could not be sent in time.',
        ]),
      );
    });
  });

  it('wait for no turn any more once they are sent', () => {
    playLive(40, ({ at, realtime, watch }) => {
      at(2, () => {
        watch('a', realtime.setImage$(A));
        let kinds: string[] = [];
        realtime.state$.subscribe(({ timers }) => {
          kinds = timers.map(({ kind }) => kind);
        });
        expect(kinds.filter((kind) => kind === 'ack' || kind === 'turn')).toEqual(['ack']);
      });
    });
  });

  it('are sent when the initial image before them is not read in time', () => {
    playSession(
      ({ at, connect, goLive, realtime, wishes, watch }) => {
        at(0, () => connect({ initialImage: 'https://images.test/endless', holdUntilInitialState: false }));
        at(1, () => goLive());
        at(20_000, () => void watch('b', realtime.setImage$(B)));
        at(30_000, () => expect(wishes(0)).toEqual([]));
        at(30_002, () => {
          expect(wishes(0)).toEqual(['[BBBB]']);
          void realtime.disconnect();
        });
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('-') }) },
    );
  });

  it('wait behind an initial image that is still being read', () => {
    playSession(
      ({ at, connect, goLive, realtime, wishes, say, watch }) => {
        at(0, () => connect({ initialImage: 'https://images.test/slow', holdUntilInitialState: false }));
        at(1, () => goLive());
        at(2, () => void watch('b', realtime.setImage$(B)));
        at(9, () => expect(wishes(0)).toEqual([]));
        at(11, () => expect(wishes(0)).toEqual(['[AAAA]']));
        at(12, () => say(0, imageAck()));
        at(13, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]']));
        at(14, () => say(0, imageAck()));
        at(15, () => {
          realtime.state$.subscribe(({ intent }) => expect(intent.image).toEqual({ data: B })).unsubscribe();
          void realtime.disconnect();
        });
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('10ms (b|)', { b: new Uint8Array([0, 0, 0]) }) }) },
    );
  });
});

describe('late acks of images', () => {
  it('settle nothing else', () => {
    playLive(100_000, ({ at, say, realtime, expectObservable }) => {
      expectObservable(withErrorCode(realtime.setImage$(A)), '2ms ^').toBe(
        '30002ms #',
        undefined,
        'WEBRTC_TIMEOUT_ERROR',
      );
      expectObservable(realtime.setImage$(B), '40000ms ^').toBe('42000ms |');
      at(41_000, () => say(0, imageAck()));
      at(42_000, () => say(0, imageAck()));
    });
  });

  it('that never come cost no false timeout, and a wait of 15 s at most', () => {
    playLive(120_000, ({ at, say, realtime, watch, log, wishes }) => {
      at(2, () => watch('lost', realtime.setImage$(A)));
      at(32_000, () => watch('second', realtime.setImage$(B)));
      at(45_001, () => expect(wishes(0)).toEqual(['[AAAA]']));
      at(45_003, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]']));
      at(46_000, () => say(0, imageAck()));
      at(63_000, () => watch('third', realtime.setImage$(C)));
      at(64_000, () => say(0, imageAck()));
      at(64_001, () =>
        expect(log.slice(1)).toEqual([
          '30002 lost failed WEBRTC_TIMEOUT_ERROR',
          '46000 second done',
          '64000 third done',
        ]),
      );
    });
  });

  it('are not waited for when that would take most of the limit of the next', () => {
    playLive(20_000, ({ at, say, realtime, watch, log, wishes }) => {
      const ask = (image: string) => watch(image, realtime.setImage$(image, { timeoutMs: 1000 }));
      at(2, () => ask(A));
      at(1500, () => ask(B));
      at(2249, () => expect(wishes(0)).toEqual(['[AAAA]']));
      at(2251, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]']));
      at(2400, () => say(0, imageAck()));
      at(2401, () => expect(log.slice(1)).toEqual([`1002 ${A} failed WEBRTC_TIMEOUT_ERROR`, `2400 ${B} done`]));
    });
  });

  it('free the wire when they come, for one that has waited long, too', () => {
    playLive(60_000, ({ at, say, realtime, watch, log, wishes }) => {
      at(2, () => watch('slow', realtime.setImage$(A)));
      at(5000, () => watch('next', realtime.setImage$(B)));
      // Not while the fate of the first is open: there would hardly be time for an answer.
      at(30_500, () => expect(wishes(0)).toEqual(['[AAAA]']));
      at(31_000, () => say(0, imageAck()));
      at(31_001, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]']));
      at(32_000, () => say(0, imageAck()));
      at(32_001, () => expect(log.slice(1)).toEqual(['30002 slow failed WEBRTC_TIMEOUT_ERROR', '32000 next done']));
    });
  });

  it('make no intent of an image that has failed', () => {
    playLive(60_000, ({ at, say, realtime, watch, network, goLive, wishes }) => {
      at(2, () => watch('first', realtime.setImage$(C)));
      at(3, () => say(0, imageAck()));
      at(4, () => watch('late', realtime.setImage$(A, { prompt: 'hat' })));
      at(31_000, () => say(0, imageAck()));
      at(32_000, () => network.sockets[0]?.closeByServer(1006));
      at(32_001, () => goLive());
      at(32_002, () => expect(wishes(1)).toEqual(['[CCCC]']));
    });
  });

  it('of an initial image that was read late are its own', () => {
    playSession(
      ({ at, connect, goLive, realtime, say, watch, log }) => {
        at(0, () => connect({ initialImage: 'https://images.test/slow', holdUntilInitialState: false }));
        at(1, () => goLive());
        at(20_000, () => watch('own', realtime.setImage$(B)));
        at(31_000, () => say(0, imageAck()));
        at(31_001, () => expect(log).toEqual(['1 session live', '30010 error WEBRTC_TIMEOUT_ERROR']));
        at(31_002, () => say(0, imageAck()));
        at(31_003, () => {
          expect(log.at(-1)).toBe('31002 own done');
          void realtime.disconnect();
        });
      },
      { platform: ({ cold }) => ({ fetchBytes: () => cold('10ms (b|)', { b: new Uint8Array([0, 0, 0]) }) }) },
    );
  });

  it('of a cancelled image is still waited for, so that nobody else takes it', () => {
    playLive(100_000, ({ at, say, realtime, expectObservable, wishes }) => {
      expectObservable(realtime.setImage$(A), '--^-!').toBe('');
      expectObservable(realtime.setImage$(B), '---^').toBe('---------|');
      at(5, () => expect(wishes(0)).toEqual(['[AAAA]']));
      at(6, () => say(0, imageAck()));
      at(7, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]']));
      at(9, () => say(0, imageAck()));
    });
  });
});

describe('an error of the service', () => {
  it('answers the image on the wire: the next has its own ack, and the refused one is not restored', () => {
    playLive(60_000, ({ at, say, realtime, watch, log, network, goLive, wishes }) => {
      at(2, () => watch('a', realtime.setImage$(A)));
      at(3, () => say(0, imageAck()));
      at(4, () => watch('b', realtime.setImage$(B)));
      at(5, () => say(0, { type: 'error', error: 'image rejected' }));
      at(6, () => watch('c', realtime.setImage$(C)));
      at(7, () => say(0, imageAck()));
      at(8, () => watch('b again', realtime.setImage$(B)));
      at(9, () => say(0, { type: 'error', error: 'image rejected' }));
      at(10, () => network.sockets[0]?.closeByServer(1006));
      at(11, () => goLive());
      at(12, () => {
        expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]', '[CCCC]', '[BBBB]']);
        expect(wishes(1)).toEqual(['[CCCC]']);
        expect(log.slice(1)).toEqual([
          '3 a done',
          '5 error WEBRTC_SERVER_ERROR',
          '5 b failed WEBRTC_SERVER_ERROR',
          '7 c done',
          '9 error WEBRTC_SERVER_ERROR',
          '9 b again failed WEBRTC_SERVER_ERROR',
        ]);
      });
    });
  });
});

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

  it('time out 30 s after they were sent; reading has as long', () => {
    playLive(
      100_000,
      ({ realtime, expectObservable }) => {
        const code = 'WEBRTC_TIMEOUT_ERROR';
        expectObservable(withErrorCode(realtime.setImage$(A)), '2ms ^').toBe('30002ms #', undefined, code);
        // Sent at 30,002.
        expectObservable(withErrorCode(realtime.setImage$(B)), '3ms ^').toBe('60002ms #', undefined, code);
        const slow$ = realtime.setImage$('https://images.test/slow', { timeoutMs: 500 });
        expectObservable(withErrorCode(slow$), '70000ms ^').toBe('70500ms #', undefined, code);
      },
      {
        platform: ({ cold, expectSubscriptions }) => {
          const bytes$ = cold<Uint8Array>('20s b');
          expectSubscriptions(bytes$.subscriptions).toBe('70000ms ^ 499ms !');
          return { fetchBytes: () => bytes$ };
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

  it('that never come cost one false timeout, not a chain of them', () => {
    playLive(300_000, ({ at, say, realtime, watch, log, wishes }) => {
      const ask = (image: string) => watch(image, realtime.setImage$(image, { timeoutMs: 1000 }));
      at(2, () => ask(A));
      at(2000, () => ask(B));
      // B's own, taken for A's.
      at(2500, () => say(0, imageAck()));
      at(4000, () => ask(C));
      at(62_999, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]']));
      at(63_001, () => expect(wishes(0)).toEqual(['[AAAA]', '[BBBB]', '[CCCC]']));
      at(63_500, () => say(0, imageAck()));
      at(70_000, () =>
        expect(log.slice(1)).toEqual([
          `1002 ${A} failed WEBRTC_TIMEOUT_ERROR`,
          `3000 ${B} failed WEBRTC_TIMEOUT_ERROR`,
          `63500 ${C} done`,
        ]),
      );
    });
  });

  it('of an initial image that was read late are its own', () => {
    playSession(
      ({ at, connect, goLive, realtime, say, watch, log }) => {
        at(0, () => connect({ initialImage: 'https://images.test/slow', holdUntilInitialState: false }));
        at(1, () => goLive());
        // Asked for before the initial image could be sent, and sent when that one has timed out.
        at(2, () => watch('own', realtime.setImage$(B)));
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

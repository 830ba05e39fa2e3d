import { switchMap } from 'rxjs';
import { playSession, promptAck, type SessionStage, withErrorCode } from '../../../testkit/session-stage.js';
import type { RealtimeClient } from '../client/realtime-client.js';

/** A play that begins with a live session at 1 ms and ends with a disconnect. */
function playLive(endMs: number, play: (stage: SessionStage) => void): void {
  playSession((stage) => {
    stage.at(0, () => stage.connect());
    stage.at(1, () => stage.goLive());
    play(stage);
    stage.at(endMs, () => void stage.realtime.disconnect());
  });
}

const ask = ({ realtime, watch }: SessionStage, prompt: string, name = prompt, timeoutMs?: number) =>
  watch(name, realtime.setPrompt$(prompt, timeoutMs === undefined ? {} : { timeoutMs }));

describe('prompts', () => {
  it('are sent on subscription and complete on the ack that echoes them, in whatever order', () => {
    playLive(20, ({ at, say, realtime, wishes, expectObservable }) => {
      expectObservable(realtime.setPrompt$('a'), '--^').toBe('----------|');
      expectObservable(realtime.setPrompt$('b', { enhance: false }), '---^').toBe('-----|');
      at(4, () => expect(wishes(0)).toEqual(['a', 'b']));
      at(5, () => say(0, promptAck('b')));
      at(10, () => say(0, promptAck('a')));
    });
  });

  it('are refused with the words of the service', () => {
    playLive(20, ({ at, say, realtime }) => {
      const failures: unknown[] = [];
      at(2, () => realtime.setPrompt$('a').subscribe({ error: (error) => failures.push(error) }));
      at(5, () => say(0, promptAck('a', 'Unauthorized content.')));
      const refusal = { code: 'WEBRTC_SERVER_ERROR', message: 'Unauthorized content.', data: { request: 'prompt' } };
      at(6, () => expect(failures).toMatchObject([refusal]));
    });
  });

  it('are matched first in, first out among equal texts', () => {
    playLive(20, ({ at, say, realtime, expectObservable }) => {
      expectObservable(withErrorCode(realtime.setPrompt$('a')), '--^').toBe('-----#', undefined, 'WEBRTC_SERVER_ERROR');
      expectObservable(realtime.setPrompt$('a'), '---^').toBe('------|');
      at(5, () => say(0, promptAck('a', 'no')));
      at(6, () => say(0, promptAck('a')));
    });
  });

  it('time out after 15 s, or after what was asked for', () => {
    playLive(20_000, ({ realtime, expectObservable }) => {
      const code = 'WEBRTC_TIMEOUT_ERROR';
      expectObservable(withErrorCode(realtime.setPrompt$('a')), '2ms ^').toBe('15002ms #', undefined, code);
      expectObservable(withErrorCode(realtime.setPrompt$('b', { timeoutMs: 50 })), '2ms ^').toBe(
        '52ms #',
        undefined,
        code,
      );
    });
  });

  it('are refused at once when there is no live session, which is named', () => {
    playSession(({ at, realtime, connect, network, log }) => {
      const messages: string[] = [];
      const tryPrompt = () => realtime.setPrompt$('a').subscribe({ error: ({ message }) => messages.push(message) });
      at(1, () => tryPrompt());
      at(2, () => connect());
      at(3, () => tryPrompt());
      at(4, () => void realtime.release());
      at(5, () => tryPrompt());
      at(6, () => {
        expect(messages).toEqual([
          'setPrompt needs a connected session; this one is disconnected. Wait for connect().',
          'setPrompt needs a connected session; this one is connecting. Wait for connect().',
          'setPrompt needs a connected session; this one is released.',
        ]);
        expect(network.sockets[0]?.received).toEqual([]);
        expect(log).toEqual(['4 session failed ABORTED']);
      });
    });
  });

  it('need at least one character, and a timeout that a timer can count', () => {
    playLive(20, (stage) => {
      stage.at(2, () => {
        ask(stage, '', 'empty');
        ask(stage, 'a', 'negative', -1);
        ask(stage, 'a', 'endless', 2 ** 31);
        stage.watch('nothing', (stage.realtime as RealtimeClient).setPrompt$(undefined as unknown as string));
        expect(stage.log.slice(1)).toEqual(
          ['empty', 'negative', 'endless', 'nothing'].map((name) => `2 ${name} failed INVALID_INPUT`),
        );
        expect(stage.wishes(0)).toEqual([]);
      });
    });
  });

  it('fail with the connection, each once, and are not sent again', () => {
    playLive(2000, (stage) => {
      const { at, network, log, wishes, goLive } = stage;
      at(2, () => ask(stage, 'a'));
      at(3, () => ask(stage, 'b'));
      at(4, () => network.sockets[0]?.closeByServer(1006));
      at(5, () => goLive());
      at(20, () => {
        expect(log.slice(1)).toEqual([
          '4 a failed WEBRTC_WEBSOCKET_ERROR',
          '4 b failed WEBRTC_WEBSOCKET_ERROR',
          '5 intent none',
        ]);
        expect(wishes(1)).toEqual([]);
      });
    });
  });

  it('all fail when the service reports an error, and the session goes on', () => {
    playLive(200, (stage) => {
      const { at, say, log, expectObservable, realtime } = stage;
      at(2, () => ask(stage, 'a'));
      at(3, () => stage.watch('image', realtime.setImage$('AQID')));
      at(4, () => stage.watch('image 2', realtime.setImage$('AQID')));
      at(5, () => say(0, { type: 'error', error: 'out of memory' }));
      at(6, () =>
        expect(log.slice(1)).toEqual([
          '5 error WEBRTC_SERVER_ERROR',
          '5 a failed WEBRTC_SERVER_ERROR',
          '5 image failed WEBRTC_SERVER_ERROR',
          '5 image 2 failed WEBRTC_SERVER_ERROR',
        ]),
      );
      expectObservable(realtime.connectionState$).toBe('co 198ms d', {
        c: 'connecting',
        o: 'connected',
        d: 'disconnected',
      });
    });
  });

  it('are not restored when they were cancelled, though the service has accepted them', () => {
    playLive(30, (stage) => {
      const { at, say, network, goLive, sent } = stage;
      at(2, () => {
        const asked = ask(stage, 'a');
        at(1, () => asked.unsubscribe());
      });
      at(4, () => say(0, promptAck('a')));
      at(5, () => network.sockets[0]?.closeByServer(1006));
      at(6, () => goLive());
      at(7, () => expect(sent(1)).toEqual([{ type: 'livekit_join', passthrough: true }]));
    });
  });

  it('say so when an ack is nobody’s', () => {
    playLive(20, ({ at, say, watch, realtime, log }) => {
      watch('diagnostic', realtime.diagnostics$, ({ name }: { name: string }) => name);
      at(5, () => say(0, promptAck('never asked for')));
      at(6, () => expect(log.at(-1)).toBe('5 diagnostic ackUnmatched'));
    });
  });
});

describe('late acks of prompts', () => {
  it('settle nothing else', () => {
    playLive(30_000, ({ at, say, realtime, expectObservable }) => {
      expectObservable(withErrorCode(realtime.setPrompt$('a')), '2ms ^').toBe(
        '15002ms #',
        undefined,
        'WEBRTC_TIMEOUT_ERROR',
      );
      // Sent at 19,000: the ack at 20,000 is the first one's.
      expectObservable(realtime.setPrompt$('a'), '19000ms ^').toBe('21000ms |');
      at(20_000, () => say(0, promptAck('a')));
      at(21_000, () => say(0, promptAck('a')));
    });
  });

  it('are not waited for longer than 60 s', () => {
    playLive(100_000, ({ at, say, realtime, expectObservable }) => {
      expectObservable(withErrorCode(realtime.setPrompt$('a')), '2ms ^').toBe(
        '15002ms #',
        undefined,
        'WEBRTC_TIMEOUT_ERROR',
      );
      expectObservable(realtime.setPrompt$('a'), '75003ms ^').toBe('76000ms |');
      at(76_000, () => say(0, promptAck('a')));
    });
  });

  it('that never come cost one false timeout, and no wait', () => {
    playLive(20_000, (stage) => {
      const { at, say, log, wishes } = stage;
      at(2, () => ask(stage, 'a', 'lost', 1000));
      // Its ack is taken for the lost one's.
      at(2000, () => ask(stage, 'a', 'second', 1000));
      at(2500, () => say(0, promptAck('a')));
      at(4000, () => ask(stage, 'a', 'third', 1000));
      at(4001, () => expect(wishes(0)).toEqual(['a', 'a', 'a']));
      at(4500, () => say(0, promptAck('a')));
      at(5000, () => ask(stage, 'a', 'fourth', 1000));
      at(5500, () => say(0, promptAck('a')));
      at(6000, () =>
        expect(log.slice(1)).toEqual([
          '1002 lost failed WEBRTC_TIMEOUT_ERROR',
          '3000 second failed WEBRTC_TIMEOUT_ERROR',
          '4500 third done',
          '5500 fourth done',
        ]),
      );
    });
  });

  it('leave the next one its own', () => {
    playLive(20_000, (stage) => {
      const { at, say, log } = stage;
      at(2, () => ask(stage, 'a', 'first', 1000));
      at(1500, () => ask(stage, 'a', 'second', 1000));
      at(1600, () => ask(stage, 'a', 'third', 1000));
      for (const ms of [2000, 2100, 2200]) at(ms, () => say(0, promptAck('a')));
      at(6000, () =>
        expect(log.slice(1)).toEqual(['1002 first failed WEBRTC_TIMEOUT_ERROR', '2100 second done', '2200 third done']),
      );
    });
  });

  it('make no intent of a prompt that has failed', () => {
    playLive(30_000, (stage) => {
      const { at, say, network, goLive, sent } = stage;
      at(2, () => ask(stage, 'late'));
      at(16_000, () => say(0, promptAck('late')));
      at(17_000, () => network.sockets[0]?.closeByServer(1006));
      at(17_001, () => goLive());
      at(17_002, () => expect(sent(1)).toEqual([{ type: 'livekit_join', passthrough: true }]));
    });
  });
});

describe('an error of the service', () => {
  it('answers what is on the wire: an equal prompt that is asked again has its own ack', () => {
    playLive(30_000, (stage) => {
      const { at, say, log } = stage;
      at(2, () => ask(stage, 'a', 'failed'));
      at(3, () => say(0, { type: 'error', error: 'out of memory' }));
      at(4, () => ask(stage, 'a', 'again'));
      at(5, () => say(0, promptAck('a')));
      at(6, () =>
        expect(log.slice(1)).toEqual([
          '3 error WEBRTC_SERVER_ERROR',
          '3 failed failed WEBRTC_SERVER_ERROR',
          '5 again done',
        ]),
      );
    });
  });
});

describe('cancelling', () => {
  it('latest wins with one switchMap', () => {
    playLive(40, ({ at, say, realtime, hot, expectObservable, expectSubscriptions, wishes }) => {
      const prompts$ = hot('--a--b--a--|');
      expectObservable(prompts$.pipe(switchMap((prompt) => realtime.setPrompt$(prompt)))).toBe('20ms |');
      expectSubscriptions(prompts$.subscriptions).toBe('^----------!');
      // The acks of those that were superseded settle nothing, not even the equal one.
      at(9, () => say(0, promptAck('a')));
      at(10, () => say(0, promptAck('b')));
      at(20, () => say(0, promptAck('a')));
      at(21, () => expect(wishes(0)).toEqual(['a', 'b', 'a']));
    });
  });

  it('keeps the handles of no request', () => {
    playLive(40, (stage) => {
      stage.at(2, () => ask(stage, 'a').unsubscribe());
      stage.at(3, () => stage.say(0, promptAck('a')));
      const settled: number[] = [];
      stage.realtime.state$.subscribe(({ prompts }) => settled.push(prompts.length));
      stage.at(4, () => expect(settled.at(-1)).toBe(0));
    });
  });

  it('takes back a call that is made and cancelled inside one turn: nothing is sent', () => {
    playLive(40, (stage) => {
      const { at, realtime, wishes, say } = stage;
      const ticks = realtime.generationTicks$.subscribe(() => {
        ask(stage, 'never').unsubscribe();
        ask(stage, 'sent');
      });
      at(2, () => say(0, { type: 'generation_tick', seconds: 1 }));
      at(3, () => {
        ticks.unsubscribe();
        expect(wishes(0)).toEqual(['sent']);
      });
    });
  });

  it('by an AbortSignal: before, during, and too late', () => {
    playLive(40, ({ at, realtime, watch, log, say, wishes }) => {
      const [before, during, late] = [new AbortController(), new AbortController(), new AbortController()];
      before.abort();
      at(2, () => watch('before', realtime.setPrompt$('a', { signal: before.signal })));
      at(3, () => watch('during', realtime.setPrompt$('b', { signal: during.signal })));
      at(4, () => watch('late', realtime.setPrompt$('c', { signal: late.signal })));
      at(5, () => during.abort('no longer'));
      at(6, () => say(0, promptAck('c')));
      at(7, () => late.abort());
      at(8, () => {
        expect(log.slice(1)).toEqual(['2 before failed ABORTED', '5 during failed ABORTED', '6 late done']);
        expect(wishes(0)).toEqual(['b', 'c']);
      });
    });
  });

  it('leaves no listener on the signal', () => {
    playLive(40, ({ at, realtime, say }) => {
      const controller = new AbortController();
      const removed = jest.spyOn(controller.signal, 'removeEventListener');
      const added = jest.spyOn(controller.signal, 'addEventListener');
      at(2, () => realtime.setPrompt$('a', { signal: controller.signal }).subscribe());
      at(3, () => say(0, promptAck('a')));
      at(4, () => expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]));
    });
  });
});

describe('calls on one session', () => {
  it('are refused once that session is over, though another is live', () => {
    playSession(({ at, realtime, goLive, watch, log, wishes }) => {
      at(0, () =>
        realtime.session$({ model: 'lucy-2.1' }).subscribe({
          next: (session) => at(4, () => watch('old', session.setPrompt$('a'))),
          complete: () => log.push('over'),
        }),
      );
      at(1, () => goLive());
      at(2, () => realtime.session$({ model: 'lucy-2.1' }).subscribe());
      at(3, () => goLive());
      at(10, () => {
        expect(log).toEqual(['over', '5 old failed WEBRTC_SIGNALING_ERROR']);
        expect(wishes(1)).toEqual([]);
        void realtime.disconnect();
      });
    });
  });

  it('set() sends prompt and image together, or either, and refuses neither', async () => {
    const refused: unknown[] = [];
    playLive(40, ({ at, realtime, sent }) => {
      at(2, () => {
        realtime.set({} as never).catch((error) => refused.push(error));
        realtime.set({ prompt: null } as never).catch((error) => refused.push(error));
        void realtime.set({ prompt: 'a', timeoutMs: 10_000 }).catch(() => undefined);
        void realtime.set({ prompt: 'b', image: 'AQID', enhance: false }).catch(() => undefined);
      });
      at(3, () =>
        expect(sent(0).slice(1)).toEqual([
          { type: 'prompt', prompt: 'a', enhance_prompt: true },
          { type: 'set_image', image_data: 'AQID', prompt: 'b', enhance_prompt: false },
        ]),
      );
    });
    await Promise.resolve();
    expect(refused).toMatchObject([{ code: 'INVALID_INPUT' }, { code: 'INVALID_INPUT' }]);
  });
});

describe('promises', () => {
  it('setPrompt sends at once, and resolves or rejects once', async () => {
    const results: Promise<unknown>[] = [];
    playLive(40, ({ at, realtime, say, wishes }) => {
      at(2, () => {
        results.push(realtime.setPrompt('a'), realtime.setPrompt('b'), realtime.setPrompt(''));
        expect(wishes(0)).toEqual(['a', 'b']);
      });
      at(3, () => say(0, promptAck('a')));
      at(4, () => say(0, promptAck('b', 'no')));
    });
    const settled = await Promise.allSettled(results);
    expect(settled).toMatchObject([
      { status: 'fulfilled', value: undefined },
      { reason: { code: 'WEBRTC_SERVER_ERROR' } },
      { reason: { code: 'INVALID_INPUT' } },
    ]);
  });
});

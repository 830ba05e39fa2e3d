// One session takes another's place: the next comes up behind the present one and is shown from its first frame on.
import { defer, of, Subject, take } from 'rxjs';
import { playSession, promptAck, type SessionStage } from '../../../testkit/session-stage.js';
import { showFrame, watchApp } from '../../../testkit/switch-stage.js';
import { createMemoryLocalStream, createMemoryTrack } from '../../../transports/memory/index.js';
import type { SessionEnd } from '../machine/endings.js';
import type { ConnectOptions } from './options.js';

const refuse = ({ network, say }: SessionStage): void => {
  const n = network.sockets.length - 1;
  network.sockets[n]?.accept();
  say(n, { type: 'error', error: 'Concurrent session limit reached.' });
  network.sockets[n]?.closeByServer(1013);
};

const switchTo = ({ watch, realtime }: SessionStage, more: Partial<ConnectOptions> = {}, localStream?: object | null) =>
  watch('next', realtime.switchTo$({ model: 'lucy-restyle-2', ...more }, localStream), () => 'live');

/** A platform whose sessions open cameras of their own, one for each time that it is asked. */
function ownCameras() {
  const cameras: ReturnType<typeof createMemoryLocalStream>[] = [];
  const createLocalStream = () =>
    defer(() => {
      const camera = createMemoryLocalStream();
      cameras.push(camera);
      return of(camera);
    });
  return { cameras, platform: () => ({ createLocalStream }) };
}

/** Connected at 1 ms, generating at 2 ms; a switch is asked for at 10 ms. */
function play(then: (stage: SessionStage) => void, options?: Parameters<typeof playSession>[1]): void {
  playSession((stage) => {
    const { at, connect, goLive, say } = stage;
    at(0, () => {
      watchApp(stage);
      connect();
    });
    at(1, () => goLive());
    at(2, () => say(0, { type: 'generation_started' }));
    then(stage);
  }, options);
}

const before = ['0 state disconnected', '0 stream none', '0 state connecting', '1 state connected', '1 stream 1'];
const live = [...before, '1 session live', '2 state generating'];

describe('switchTo', () => {
  it('shows the present session until the first frame of the next, and nothing in between', () => {
    play((stage) => {
      const { at, goLive, log, network, realtime, say } = stage;
      at(10, () => switchTo(stage));
      at(11, () => goLive());
      at(12, () => say(1, { type: 'generation_started' }));
      at(13, () => {
        expect(log).toEqual(live);
        expect(network.open).toEqual({ sockets: 2, rooms: 2, streams: 2 });
      });
      at(20, () => showFrame(stage));
      at(21, () => {
        expect(log).toEqual([...live, '20 stream 2', '20 session done', '20 next live', '20 switch done']);
        expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
        expect(network.sockets[1]?.url).toContain('lucy-restyle-2');
      });
      at(22, () => void realtime.disconnect());
      at(23, () =>
        expect(log.slice(-4)).toEqual([
          '22 state disconnected',
          '22 stream none',
          '22 ended caller disconnect null',
          '22 next done',
        ]),
      );
    });
  });

  it('the older session has an end of its own; to the app the session goes on', () => {
    playSession((stage) => {
      const { at, goLive, log, realtime, watch } = stage;
      const name = ({ by, reason }: SessionEnd): string => `${by} ${reason}`;
      at(0, () => {
        watch('client ended', realtime.ended$, name);
        realtime
          .session$({ model: 'lucy-2.1' }, createMemoryLocalStream())
          .subscribe((session) => watch('session ended', session.ended$, name));
      });
      at(1, () => goLive());
      at(2, () => switchTo(stage));
      at(3, () => goLive());
      at(4, () => showFrame(stage));
      at(5, () => {
        expect(log.filter((line) => line.includes('ended'))).toEqual([
          '4 session ended caller replaced',
          '4 session ended done',
        ]);
        void realtime.disconnect();
      });
    });
  });

  it('waits for the initial state, too', () => {
    play((stage) => {
      const { at, goLive, log, say, realtime } = stage;
      at(10, () => switchTo(stage, { initialPrompt: { text: 'a' } }));
      at(11, () => goLive());
      at(12, () => showFrame(stage));
      at(13, () => expect(log).toEqual(live));
      at(14, () => say(1, promptAck('a')));
      at(15, () => {
        expect(log).toContain('14 next live');
        void realtime.disconnect();
      });
    });
  });

  it('waits for the moment in which the platform can show it, up to which nothing ends', () => {
    const asked: unknown[] = [];
    let moment = new Subject<never>();
    const betweenFrames = (stream: unknown) => {
      asked.push(stream);
      return moment;
    };
    playSession(
      (stage) => {
        const { at, connect, goLive, log, network, realtime } = stage;
        let present: unknown = null;
        at(0, () => {
          watchApp(stage);
          connect();
        });
        at(1, () => goLive());
        at(2, () => realtime.remoteStream$.pipe(take(1)).subscribe((stream) => (present = stream)));
        at(10, () => switchTo(stage));
        at(11, () => goLive());
        at(12, () => showFrame(stage));
        at(13, () => {
          expect(asked).toEqual([present]);
          expect(log).not.toContain('12 next live');
          expect(network.open).toEqual({ sockets: 2, rooms: 2, streams: 2 });
          moment.complete();
        });
        at(14, () => {
          expect(log.slice(-4)).toEqual(['13 stream 2', '13 session done', '13 switch done', '13 next live']);
          expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
        });
        at(20, () => {
          moment = new Subject<never>();
          switchTo(stage);
        });
        at(21, () => goLive());
        at(22, () => showFrame(stage));
        at(23, () => {
          moment.error(new Error('There is no element.'));
          expect(log).toContain('23 switch done');
          void realtime.disconnect();
        });
      },
      { platform: () => ({ betweenFrames }) },
    );
  });

  it('is called off in that moment, too', () => {
    const moment = new Subject<never>();
    playSession(
      (stage) => {
        const { at, connect, goLive, log, network, realtime } = stage;
        at(0, () => void connect());
        at(1, () => goLive());
        at(10, () => switchTo(stage));
        at(11, () => goLive());
        at(12, () => showFrame(stage));
        at(13, () => {
          expect(moment.observed).toBe(true);
          void realtime.disconnect();
          expect(moment.observed).toBe(false);
          expect(log).toContain('13 next failed ABORTED');
        });
        at(14, () => {
          expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
        });
      },
      { platform: () => ({ betweenFrames: () => moment }) },
    );
  });

  it('calls go to the session that is shown', () => {
    play((stage) => {
      const { at, goLive, realtime, wishes } = stage;
      const prompt = (text: string) => realtime.setPrompt$(text).subscribe({ error: () => undefined });
      at(10, () => switchTo(stage));
      at(11, () => goLive());
      at(12, () => prompt('before'));
      at(13, () => showFrame(stage));
      at(14, () => prompt('after'));
      at(15, () => {
        expect([wishes(0), wishes(1)]).toEqual([['before'], ['after']]);
        void realtime.disconnect();
      });
    });
  });

  it('publishes what the present session publishes; a camera of its own is handed over, and disposed of once', () => {
    const { cameras, platform } = ownCameras();
    playSession(
      (stage) => {
        const { at, goLive, network, realtime } = stage;
        at(0, () => stage.connect({ publishCamera: true }, null));
        at(1, () => goLive());
        at(2, () => switchTo(stage));
        at(3, () => goLive());
        at(4, () => showFrame(stage));
        at(5, () => {
          expect(cameras).toHaveLength(1);
          expect(network.rooms.map(({ request }) => request.localStream)).toEqual([cameras[0], cameras[0]]);
          expect(cameras[0]?.disposed).toBe(false);
          void realtime.disconnect();
        });
        at(6, () => expect(cameras[0]?.disposed).toBe(true));
      },
      { platform },
    );
  });

  it("never ends the caller's own stream", () => {
    const camera = createMemoryLocalStream();
    playSession((stage) => {
      const { at, goLive, network, realtime } = stage;
      at(0, () => stage.connect({}, camera));
      at(1, () => goLive());
      at(2, () => switchTo(stage));
      at(3, () => goLive());
      at(4, () => showFrame(stage));
      at(5, () => {
        expect(network.rooms[1]?.request.localStream).toBe(camera);
        void realtime.disconnect();
      });
      at(6, () => expect(camera.disposed).toBe(false));
    });
  });

  it('publishes the track that has replaced its own video, and never the video that it replaced', () => {
    const track = createMemoryTrack('video', 'screen');
    play((stage) => {
      const { at, goLive, log, network, realtime } = stage;
      at(3, () => void realtime.replaceVideoTrack(track));
      at(10, () => switchTo(stage));
      at(11, () => goLive());
      at(12, () => {
        expect(network.rooms[1]?.request.videoTrack).toBe(track);
        showFrame(stage);
      });
      at(20, () => {
        expect(log).toContain('12 next live');
        void realtime.disconnect();
      });
    });
  });

  it('publishes the track that replaces the video while the next session comes up', () => {
    const track = createMemoryTrack('video', 'screen');
    play((stage) => {
      const { at, goLive, network, realtime } = stage;
      at(10, () => switchTo(stage));
      at(11, () => goLive());
      at(12, () => void realtime.replaceVideoTrack(track));
      at(13, () => showFrame(stage));
      at(14, () => {
        expect(network.rooms[1]?.videoTrack).toBe(track);
        void realtime.disconnect();
      });
    });
  });

  it.each<[string, (stage: SessionStage) => void]>([
    ['on an account with one slot', (stage) => stage.at(21, () => refuse(stage))],
    ['that reconnects', ({ at, network }) => at(15, () => network.sockets[0]?.closeByServer(1006))],
  ])('without a local stream publishes what the session %s publishes', (_name, act) => {
    const camera = createMemoryLocalStream();
    const track = createMemoryTrack('video', 'screen');
    playSession((stage) => {
      const { at, goLive, network, realtime } = stage;
      at(0, () => stage.connect({}, camera));
      at(1, () => goLive());
      at(3, () => void realtime.replaceVideoTrack(track));
      act(stage);
      at(20, () => switchTo(stage));
      at(5000, () => goLive());
      at(5001, () => {
        expect(network.rooms.at(-1)?.request).toMatchObject({ localStream: camera, videoTrack: track });
        expect(network.rooms).toHaveLength(2);
        void realtime.disconnect();
      });
    });
  });

  it('without a local stream publishes what a session that still connects was to publish', () => {
    const camera = createMemoryLocalStream();
    playSession((stage) => {
      const { at, goLive, network, realtime } = stage;
      at(0, () => stage.connect({}, camera));
      at(1, () => switchTo(stage));
      at(2, () => goLive());
      at(3, () => {
        expect(network.rooms.map(({ request }) => request.localStream)).toEqual([camera]);
        void realtime.disconnect();
      });
    });
  });

  it('on an account with one slot opens a camera of its own again, and publishes the track that has replaced it', () => {
    const { cameras, platform } = ownCameras();
    const track = createMemoryTrack('video', 'screen');
    playSession(
      (stage) => {
        const { at, goLive, network, realtime } = stage;
        at(0, () => stage.connect({ publishCamera: true }, null));
        at(1, () => goLive());
        at(3, () => void realtime.replaceVideoTrack(track));
        at(20, () => switchTo(stage, { publishCamera: true }));
        at(21, () => refuse(stage));
        at(5000, () => goLive());
        at(5001, () => {
          expect(cameras.map(({ disposed }) => disposed)).toEqual([true, false]);
          expect(network.rooms[1]?.request).toMatchObject({ localStream: cameras[1], videoTrack: track });
          void realtime.disconnect();
        });
      },
      { platform },
    );
  });

  it('measures the latency of the frames that it receives, whoever has stamped them', () => {
    let stamp: (() => number) | null = null;
    const createLocalStream = ({ nextMarker }: { nextMarker: (() => number) | null }) => {
      stamp = nextMarker;
      return of({ ...createMemoryLocalStream(), markers: 'stamped' as const });
    };
    playSession(
      (stage) => {
        const { at, goLive, network, realtime } = stage;
        const firstFrames: (number | null)[] = [];
        at(0, () => {
          stage.connect({ debugQuality: true, publishCamera: true }, null);
          realtime.stats$.subscribe(({ latency }) => firstFrames.push(latency.ttffMs));
        });
        at(1, () => goLive());
        at(2, () => switchTo(stage, { debugQuality: true }));
        at(3, () => goLive());
        at(4, () => showFrame(stage));
        at(100, () => {
          const seq = stamp?.() ?? -1;
          at(40, () => network.rooms[1]?.marker(seq));
        });
        at(3000, () => {
          // From the start of its own try, at 2 ms.
          expect(firstFrames.at(-1)).toBe(138);
          void realtime.disconnect();
        });
      },
      { platform: () => ({ createLocalStream }) },
    );
  });

  it('on an account with one slot ends the present session first, says so, and waits for the slot', () => {
    play((stage) => {
      const { at, goLive, log, network, realtime } = stage;
      at(10, () => switchTo(stage));
      at(11, () => refuse(stage));
      at(12, () => {
        expect(log.slice(live.length)).toEqual([
          '11 switch plain SESSION_LIMIT_REACHED',
          '11 state disconnected',
          '11 stream none',
          '11 ended caller replaced null',
          '11 session done',
          '11 state connecting',
        ]);
        expect(network.open.sockets).toBe(1);
      });
      at(12, () => refuse(stage));
      at(5000, () => goLive());
      at(5001, () => {
        expect(log).toContain('5000 next live');
        void realtime.disconnect();
      });
    });
  });

  it('reports a callback that throws, in the switch, too', () => {
    const onRemoteStream = () => {
      throw new Error('of the app');
    };
    play((stage) => {
      const { at, goLive, log, realtime } = stage;
      at(10, () => switchTo(stage, { onRemoteStream }));
      at(11, () => goLive());
      at(12, () => showFrame(stage));
      at(13, () => {
        expect(log).toContain('12 error CALLBACK_ERROR');
        expect(log).toContain('12 next live');
        void realtime.disconnect();
      });
    });
  });

  it('that fails leaves the present session as it is', () => {
    play((stage) => {
      const { at, log, network, realtime } = stage;
      at(10, () => switchTo(stage));
      at(11, () => network.sockets[1]?.refuse(401));
      at(12, () => {
        expect(log).toEqual([...live, '11 switch failed INVALID_API_KEY', '11 next failed INVALID_API_KEY']);
        expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
        void realtime.disconnect();
      });
    });
  });

  it('that shows no frame within 10 s fails', () => {
    play((stage) => {
      const { at, goLive, log, realtime } = stage;
      at(10, () => switchTo(stage));
      at(11, () => goLive());
      at(20_000, () => {
        expect(log).toContain('10011 next failed WEBRTC_TIMEOUT_ERROR');
        expect(realtime.isConnected()).toBe(true);
        void realtime.disconnect();
      });
    });
  });

  it.each<[string, (stage: SessionStage) => void, boolean]>([
    ['disconnect()', ({ realtime }) => void realtime.disconnect(), false],
    ['release()', ({ client }) => void client.release(), false],
    ['a newer connect()', ({ connect }) => void connect({ model: 'lucy-2.5' }), true],
    ['a newer switchTo()', (stage) => void switchTo(stage, { model: 'lucy-2.5' }), true],
  ])('%s calls a switch off that is on its way', (_name, act, goesOn) => {
    play((stage) => {
      const { at, log, network, goLive, realtime } = stage;
      at(10, () => switchTo(stage));
      at(11, () => network.sockets[1]?.accept());
      at(12, () => act(stage));
      at(13, () => {
        expect(log).toContain('12 next failed ABORTED');
        expect(network.sockets[1]?.state).toBe('closed');
        if (goesOn) goLive();
      });
      at(14, () => goesOn && showFrame(stage));
      at(15, () => {
        expect(realtime.isConnected()).toBe(goesOn);
        if (goesOn) expect(network.sockets.at(-1)?.url).toContain('lucy-2.5');
        void realtime.disconnect();
      });
    });
  });

  it.each<[string, (stage: SessionStage) => void]>([
    ['connect()', ({ connect }) => void connect({ mirror: 'x' as 'on' })],
    ['switchTo()', (stage) => void switchTo(stage, { mirror: 'x' as 'on' })],
    ['connect() that is to be renewed', ({ connect }) => void connect({ renewBeforeMs: 1 })],
  ])('goes on when a %s is refused as invalid', (_name, act) => {
    play((stage) => {
      const { at, goLive, log, realtime } = stage;
      at(10, () => switchTo(stage));
      at(11, () => goLive());
      at(12, () => act(stage));
      at(13, () => showFrame(stage));
      at(14, () => {
        expect(log.join()).toContain('failed INVALID_INPUT');
        expect(log).toContain('13 next live');
        void realtime.disconnect();
      });
    });
  });

  it.each<[string, (stage: SessionStage) => void]>([
    ['disconnect() was called.', ({ realtime }) => void realtime.disconnect()],
    ['The client has been released.', ({ client }) => void client.release()],
    ['A newer connect() took over.', ({ connect }) => void connect()],
  ])('that is called off says why: %s', (message, act) => {
    play((stage) => {
      const { at, realtime } = stage;
      const errors: unknown[] = [];
      at(10, () => realtime.switchTo$({ model: 'lucy-2.5' }).subscribe({ error: (error) => errors.push(error) }));
      at(11, () => act(stage));
      at(12, () => {
        expect(errors).toMatchObject([{ code: 'ABORTED', message }]);
        void realtime.disconnect();
      });
    });
  });

  it('without a session is a connect', () => {
    playSession((stage) => {
      const { at, goLive, log, realtime } = stage;
      at(0, () => switchTo(stage));
      at(1, () => goLive());
      at(2, () => {
        expect(log).toEqual(['1 next live']);
        void realtime.disconnect();
      });
    });
  });

  it('again and again goes to and fro between two cores', () => {
    play((stage) => {
      const { at, goLive, network, realtime } = stage;
      for (let n = 0; n < 6; n += 1) {
        at(10 + 10 * n, () => switchTo(stage));
        at(11 + 10 * n, () => goLive());
        at(12 + 10 * n, () => showFrame(stage));
        at(13 + 10 * n, () => {
          expect(network.open).toEqual({ sockets: 1, rooms: 1, streams: 1 });
          expect(realtime.isConnected()).toBe(true);
        });
      }
      at(100, () => void realtime.disconnect());
    });
  });
});

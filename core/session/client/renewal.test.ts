// A session is renewed before the service ends it.
import { map } from 'rxjs';
import { playSession, promptAck } from '../../../testkit/session-stage.js';
import { showFrame, watchApp } from '../../../testkit/switch-stage.js';
import { createMemoryLocalStream, createMemoryTrack } from '../../../transports/memory/index.js';
import type { SessionUsage } from '../machine/usage.js';

describe('renewBeforeMs', () => {
  const renewing = { maxSessionDuration: 60, renewBeforeMs: 5000 };

  it('renews the session in time, with the latest prompt, and the bill goes on', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, realtime, say, sent, watch } = stage;
      at(0, () => {
        watchApp(stage);
        connect({ ...renewing, initialPrompt: { text: 'rain' }, limits: { maxSeconds: 1000 } });
      });
      at(1, () => goLive());
      at(2, () => say(0, promptAck('rain')));
      at(3, () => void realtime.setPrompt('snow'));
      at(4, () => say(0, promptAck('snow')));
      at(54_000, () => say(0, { type: 'generation_tick', seconds: 54 }));
      at(55_002, () => {
        expect(sent(1)).toEqual([]);
        goLive();
      });
      at(55_003, () => {
        say(1, promptAck('snow'));
        showFrame(stage);
      });
      at(56_000, () => say(1, { type: 'generation_tick', seconds: 1 }));
      at(56_001, () => {
        expect(sent(1).at(-1)).toMatchObject({ type: 'prompt', prompt: 'snow' });
        expect(log.slice(-4)).toEqual([
          '55003 stream 2',
          '55003 session live',
          '55003 switch done',
          '56000 state generating',
        ]);
        const usage: SessionUsage[] = [];
        watch('usage', realtime.usage$.pipe(map((used) => void usage.push(used)))).unsubscribe();
        expect(usage).toEqual([{ seconds: 55, cost: 1.1, currency: 'USD', remainingSeconds: 945 }]);
      });
      // The renewed session is renewed in its turn.
      at(110_004, () => {
        expect(stage.network.sockets).toHaveLength(3);
        void realtime.disconnect();
      });
    });
  });

  it('is for the whole of the session: unsubscribing ends the renewed one', () => {
    let subscription: { unsubscribe(): void } | null = null;
    playSession((stage) => {
      const { at, connect, goLive, network } = stage;
      at(0, () => {
        subscription = connect(renewing);
      });
      at(1, () => goLive());
      at(55_002, () => goLive());
      at(55_003, () => showFrame(stage));
      at(55_004, () => {
        expect(network.open.sockets).toBe(1);
        subscription?.unsubscribe();
      });
      at(55_006, () => expect(network.open.sockets).toBe(0));
      at(200_000, () => expect(network.sockets).toHaveLength(2));
    });
  });

  it('a renewal that fails leaves the session until the service ends it', () => {
    playSession((stage) => {
      const { at, connect, goLive, log, network, say } = stage;
      at(0, () => {
        watchApp(stage);
        connect(renewing);
      });
      at(1, () => goLive());
      at(55_002, () => network.sockets[1]?.refuse(401));
      at(60_001, () => say(0, { type: 'generation_ended', seconds: 60, reason: 'timeout' }));
      at(200_000, () => {
        expect(log).toContain('55002 switch failed INVALID_API_KEY');
        expect(log).toContain('60001 ended service timeout 60');
        expect(log).toContain('60001 session failed SESSION_TIME_LIMIT');
        expect(network.sockets).toHaveLength(2);
      });
    });
  });

  it('on an account with one slot publishes the track that has replaced the video', () => {
    const camera = createMemoryLocalStream();
    const track = createMemoryTrack('video', 'screen');
    playSession((stage) => {
      const { at, connect, goLive, network, realtime, say } = stage;
      at(0, () => connect(renewing, camera));
      at(1, () => goLive());
      at(2, () => void realtime.replaceVideoTrack(track));
      at(55_002, () => {
        network.sockets[1]?.accept();
        say(1, { type: 'error', error: 'Concurrent session limit reached.' });
        network.sockets[1]?.closeByServer(1013);
      });
      at(56_000, () => goLive());
      at(56_001, () => {
        expect(network.rooms.at(-1)?.request).toMatchObject({ localStream: camera, videoTrack: track });
        expect(network.rooms).toHaveLength(2);
        void realtime.disconnect();
      });
    });
  });

  it('is not tried by a session that has ended', () => {
    playSession((stage) => {
      const { at, connect, goLive, network, realtime } = stage;
      at(0, () => connect(renewing));
      at(1, () => goLive());
      at(2, () => void realtime.disconnect());
      at(200_000, () => expect(network.sockets).toHaveLength(1));
    });
  });

  it.each([
    [{ renewBeforeMs: 1000 }, 'renewBeforeMs'],
    [{ renewBeforeMs: 60_000, maxSessionDuration: 60 }, 'renewBeforeMs'],
    [{ maxSessionDuration: -1 }, 'maxSessionDuration'],
  ])('%j is refused, naming %s', (options, field) => {
    playSession(({ at, realtime, network }) => {
      at(0, () => {
        const refused: unknown[] = [];
        realtime.session$({ model: 'lucy-2.1', ...options }).subscribe({ error: (error) => refused.push(error) });
        expect(refused).toMatchObject([{ code: 'INVALID_INPUT', data: { field } }]);
        expect(network.sockets).toHaveLength(0);
      });
    });
  });
});

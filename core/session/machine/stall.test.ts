import { playVideo } from '../../../testkit/memory-video.js';
import { playSession, type SessionStage } from '../../../testkit/session-stage.js';
import type { DiagnosticEvent } from './outputs.js';

const noted: ReadonlySet<string> = new Set(['videoStall', 'stallRecovery', 'reconnect', 'mediaReconnected']);

/** Notes the diagnostics of stalls, in short. */
function noteStalls({ realtime, note }: SessionStage): void {
  realtime.diagnostics$.subscribe((event: DiagnosticEvent) => {
    if (event.name === 'videoStall') note(event.stalled ? 'stalled' : `recovered after ${event.durationMs}`);
    else if (event.name === 'stallRecovery') note(event.step);
    else if (noted.has(event.name)) note(event.name);
  });
}

const stalls = (log: readonly string[]): readonly string[] => log.filter((line) => !/session|intent/.test(line));

test('a stall is reported, then the media connection is asked to resume, then the session reconnects', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, log, realtime } = stage;
    noteStalls(stage);
    at(0, () => connect({ recoverStalledAfterMs: 15_000 }));
    at(1, () => {
      goLive();
      const change = playVideo(network.rooms[0], scheduler);
      at(3500, () => change({ receivedFps: 0 }));
    });
    // Frames came before 4,001 still; none between then and 5,001.
    at(20_000, () => expect(network.rooms[0]?.resumes).toBe(0));
    at(20_002, () => expect(network.rooms[0]?.resumes).toBe(1));
    at(35_002, () => expect(network.sockets).toHaveLength(2));
    at(35_003, () => {
      // The last two: the step, and the session's own reconnect.
      expect(stalls(log)).toEqual(['5001 stalled', '20001 resume', '35001 reconnect', '35001 reconnect']);
      void realtime.disconnect();
    });
  });
});

test('frames that come back in time cancel the recovery, before the resume and after it', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, log, realtime } = stage;
    noteStalls(stage);
    at(0, () => connect({ recoverStalledAfterMs: 4000 }));
    at(1, () => {
      goLive();
      const change = playVideo(network.rooms[0], scheduler);
      const flow = (receivedFps: number) => () => change({ receivedFps });
      at(2500, flow(0));
      at(5500, flow(30));
      at(8500, flow(0));
      at(14_500, flow(30));
    });
    at(40_000, () => {
      expect(network.rooms[0]?.resumes).toBe(1);
      expect(network.sockets).toHaveLength(1);
      expect(stalls(log)).toEqual([
        '4001 stalled',
        '6001 recovered after 2000',
        '10001 stalled',
        '14001 resume',
        '15001 recovered after 5000',
      ]);
      void realtime.disconnect();
    });
  });
});

test('nothing sent is no stall, however long nothing comes back', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, log, realtime } = stage;
    noteStalls(stage);
    at(0, () => connect({ recoverStalledAfterMs: 2000 }));
    at(1, () => {
      goLive();
      const change = playVideo(network.rooms[0], scheduler);
      at(3001, () => change({ sourceFps: 0, receivedFps: 0 }));
    });
    at(30_000, () => {
      expect(stalls(log)).toEqual([]);
      expect(realtime.getConnectionQuality()).toMatchObject({ quality: 'good', metrics: { fps: 30 } });
      void realtime.disconnect();
    });
  });
});

test('a session that never gets a frame counts as frozen after 10 s', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, log, realtime } = stage;
    noteStalls(stage);
    at(0, () => connect({ recoverStalledAfterMs: 15_000 }));
    at(1, () => {
      goLive();
      playVideo(network.rooms[0], scheduler, { receivedFps: null });
    });
    // Waited for since the first sample.
    at(11_000, () => expect(stalls(log)).toEqual([]));
    at(17_000, () => {
      expect(stalls(log)).toEqual(['11001 stalled']);
      expect(realtime.getConnectionQuality()).toMatchObject({ quality: 'critical', limitingFactor: 'stall' });
      void realtime.disconnect();
    });
  });
});

test('the state of a stall outlives a media connection that comes back in place without frames', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, log, realtime } = stage;
    noteStalls(stage);
    at(0, () => connect({ recoverStalledAfterMs: 3000 }));
    at(1, () => {
      goLive();
      const change = playVideo(network.rooms[0], scheduler);
      at(2500, () => change({ receivedFps: 0 }));
      at(7500, () => network.rooms[0]?.reconnected());
    });
    at(7900, () => expect(realtime.getConnectionQuality()).toBeNull());
    // The first verdict after that is not a good one: the frozen picture is known.
    at(8002, () => {
      expect(realtime.getConnectionQuality()).toMatchObject({ quality: 'critical', limitingFactor: 'stall' });
    });
    at(10_002, () => {
      expect(stalls(log)).toEqual([
        '4001 stalled',
        '7001 resume',
        '7501 mediaReconnected',
        '10001 reconnect',
        '10001 reconnect',
      ]);
      void realtime.disconnect();
    });
  });
});

test('switched off, a stall is still reported while statistics are sampled, and nothing recovers it', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, log, realtime } = stage;
    noteStalls(stage);
    at(0, () => connect({ recoverStalledAfterMs: false }));
    at(1, () => {
      goLive();
      const change = playVideo(network.rooms[0], scheduler);
      at(10_000, () => change({ receivedFps: 0 }));
    });
    at(30_000, () => expect(stalls(log)).toEqual([]));
    at(30_000, () => realtime.stats$.subscribe());
    at(90_000, () => {
      expect(stalls(log)).toEqual(['32000 stalled']);
      expect(network.rooms[0]?.resumes).toBe(0);
      void realtime.disconnect();
    });
  });
});

test('by default video moves again within 16 s of its last frame, though the room refuses to resume', () => {
  playSession((stage) => {
    const { at, connect, goLive, network, scheduler, realtime } = stage;
    at(0, () => connect());
    at(1, () => {
      goLive();
      const change = playVideo(network.rooms[0], scheduler);
      // The last frame comes at 3,500.
      at(3500, () => change({ receivedFps: 0 }));
    });
    // The next room comes up as slowly as it may be expected to: 2 s.
    at(17_500, () => {
      expect(network.rooms[0]?.resumes).toBe(1);
      expect(network.sockets).toHaveLength(2);
      goLive();
    });
    at(17_501, () => {
      expect(realtime.isConnected()).toBe(true);
      void realtime.disconnect();
    });
  });
});

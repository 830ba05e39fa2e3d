// Sessions whose sampling loads late, or fails to load.
import { defer, map, of, Subject, throwError, timer } from 'rxjs';
import { playVideo } from '../../../testkit/memory-video.js';
import { playSession } from '../../../testkit/session-stage.js';
import { DecartError } from '../../errors.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import type { RealtimeStats } from '../../stats/webrtc-stats.js';
import { createSampling } from './sampling.js';

const quality = (report: ConnectionQualityReport | null): string => report?.quality ?? 'null';
const kbps = ({ connection }: RealtimeStats): string => `${Number(connection.availableOutgoingBitrate) / 1000}`;
const loadError = () => new DecartError({ code: 'LOAD_ERROR', message: 'The file is gone.', permanent: true });

describe('sampling that loads late', () => {
  test('is asked for once, when the first connect begins, and samples from then on', () => {
    let asked = 0;
    playSession(
      ({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
        watch('stats', realtime.stats$, kbps);
        watch('quality', realtime.quality$, quality);
        at(4000, () => {
          expect(asked).toBe(0);
          connect();
        });
        at(4001, () => {
          expect(asked).toBe(1);
          goLive();
          playVideo(network.rooms[0], scheduler);
        });
        at(6500, () => expect(realtime.getConnectionQuality()).toBeNull());
        at(8500, () => {
          expect(realtime.getConnectionQuality()).toMatchObject({ quality: 'good' });
          connect();
        });
        at(8501, () => goLive());
        at(8502, () => {
          expect(asked).toBe(1);
          expect(log).toEqual([
            '0 quality null',
            '4001 session live',
            '7000 stats 5000',
            '7000 quality good',
            '8000 stats 5000',
            '8000 quality good',
            '8500 quality null',
            '8500 session done',
            '8501 session live',
          ]);
          void realtime.disconnect();
        });
      },
      {
        parts: ({ scheduler }) => ({
          sampling: () =>
            defer(() => {
              asked += 1;
              return timer(2000, scheduler).pipe(map(() => createSampling));
            }),
        }),
      },
    );
  });

  test('reports the time to the first frame, even when it loads after that', () => {
    playSession(
      ({ at, connect, goLive, network, realtime, scheduler }) => {
        at(0, () => connect());
        at(200, () => {
          goLive();
          playVideo(network.rooms[0], scheduler);
        });
        at(300, () => network.rooms[0]?.firstFrame());
        at(4500, () => {
          expect(realtime.getConnectionQuality()?.metrics.ttffMs).toBe(300);
          void realtime.disconnect();
        });
      },
      { parts: ({ scheduler }) => ({ sampling: () => timer(3000, scheduler).pipe(map(() => createSampling)) }) },
    );
  });

  test('notices a stall from then on', () => {
    playSession(
      ({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
        watch('state', realtime.connectionState$);
        at(0, () => connect({ recoverStalledAfterMs: 2000 }));
        at(1, () => {
          goLive();
          const change = playVideo(network.rooms[0], scheduler);
          at(5500, () => change({ receivedFps: 0 }));
        });
        // Frames came before 6,000 still; none between then and 7,000.
        at(11_001, () => {
          expect(log.at(-1)).toBe('11000 state reconnecting');
          expect(network.rooms[0]?.resumes).toBe(1);
          void realtime.disconnect();
        });
      },
      { parts: ({ scheduler }) => ({ sampling: () => timer(3000, scheduler).pipe(map(() => createSampling)) }) },
    );
  });

  test('is given up when the client is released, and every stream completes', async () => {
    const sampling = new Subject<typeof createSampling>();
    let released: Promise<void> | undefined;
    let lines: readonly string[] = [];
    playSession(
      ({ at, client, connect, goLive, realtime, watch, log }) => {
        lines = log;
        watch('stats', realtime.stats$);
        watch('quality', realtime.quality$, quality);
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => {
          expect(sampling.observed).toBe(true);
          released = client.release();
        });
      },
      { parts: () => ({ sampling: () => sampling }) },
    );
    await released;
    expect(sampling.observed).toBe(false);
    expect(lines.filter((line) => /stats|quality/.test(line)).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'quality null',
      'stats done',
      'quality done',
    ]);
  });
});

test('sampling that fails to load is reported, the session goes on, and the next connect tries again', () => {
  let isThere = false;
  playSession(
    ({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
      watch('stats', realtime.stats$, kbps);
      at(0, () => connect());
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
      });
      at(9000, () => {
        expect(realtime.isConnected()).toBe(true);
        expect(realtime.getConnectionQuality()).toBeNull();
        isThere = true;
        void realtime.disconnect();
      });
      at(9001, () => connect());
      at(9002, () => {
        goLive();
        playVideo(network.rooms[1], scheduler);
      });
      at(10_500, () => {
        expect(log).toEqual([
          '0 error LOAD_ERROR',
          '1 session live',
          '9000 session done',
          '9002 session live',
          '10002 stats 5000',
        ]);
        void realtime.disconnect();
      });
    },
    { parts: () => ({ sampling: () => (isThere ? of(createSampling) : throwError(loadError)) }) },
  );
});

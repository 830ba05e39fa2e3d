import { concat, map, merge, NEVER, type Observable, of } from 'rxjs';
import { playVideo } from '../../../testkit/memory-video.js';
import { playSession } from '../../../testkit/session-stage.js';
import { createMemoryLocalStream } from '../../../transports/memory/index.js';
import type { LatencyReport } from '../../latency/report.js';
import type { ConnectionQualityReport } from '../../quality/smooth.js';
import type { RealtimeStats } from '../../stats/webrtc-stats.js';
import type { ConnectOptions } from '../client/options.js';

/** Quality and cause, `…` while warming up. */
const show = (report: ConnectionQualityReport | null): string =>
  report === null ? 'null' : `${report.quality}/${report.limitingFactor}${report.warmingUp ? '…' : ''}`;

const bitrate = (maxBitrate: number): Partial<ConnectOptions> => ({
  realtimeConfiguration: { media: { video: { maxBitrate } } },
});

/** Counts how often statistics are read of rooms in memory. */
function countReads(room: object | undefined): () => number {
  if (room === undefined) throw new Error('there is no room');
  const stats = Object.getOwnPropertyDescriptor(room, 'stats');
  let reads = 0;
  Object.defineProperty(room, 'stats', {
    configurable: true,
    get: () => {
      reads += 1;
      return stats?.get ? stats.get.call(room) : stats?.value;
    },
  });
  return () => reads;
}

const unavailable = (stats$: Observable<RealtimeStats>): Observable<string | null> =>
  stats$.pipe(map(({ latency }) => latency.unavailable));

describe('the poll', () => {
  test('runs once a second for however many, only while it is needed, and off when the session is', () => {
    playSession(({ at, connect, goLive, network, realtime, scheduler }) => {
      let reads = () => -1;
      at(0, () => connect({ recoverStalledAfterMs: false }));
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
        reads = countReads(network.rooms[0]);
      });
      at(10_500, () => {
        expect(reads()).toBe(0);
        const needed = merge(realtime.stats$, realtime.quality$, realtime.stats$).subscribe();
        at(5500, () => {
          expect(reads()).toBe(5);
          needed.unsubscribe();
        });
        at(9500, () => expect(reads()).toBe(5));
        at(9500, () => realtime.quality$.subscribe());
        at(12_000, () => {
          expect(reads()).toBe(7);
          void realtime.disconnect();
        });
        at(20_000, () => expect(reads()).toBe(7));
      });
    });
  });

  test('runs for the stall watch alone, unless that is switched off', () => {
    playSession(({ at, connect, goLive, network, realtime, scheduler }) => {
      at(0, () => connect());
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
        const reads = countReads(network.rooms[0]);
        at(5500, () => expect(reads()).toBe(5));
      });
      at(6000, () => void realtime.disconnect());
    });
  });

  test('statistics that never come are given up after 5 s', () => {
    let reads = 0;
    const readStats = () => {
      reads += 1;
      return NEVER;
    };
    playSession(
      ({ at, connect, goLive, realtime }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(7000, () => expect(reads).toBe(2));
        at(13_000, () => {
          expect(reads).toBe(3);
          void realtime.disconnect();
        });
      },
      {
        platform: (_helpers, _ledger, { media }) => ({
          media: { ...media, join: (request) => ({ ...media.join(request), readStats }) },
        }),
      },
    );
  });
});

describe('whoever listens to the statistics', () => {
  test('may end the session, and nothing is left of the read that emitted them', () => {
    playSession(
      ({ at, connect, goLive, realtime, ledger, log, watch }) => {
        watch('q', realtime.quality$, show);
        realtime.stats$.subscribe(() => void realtime.disconnect());
        at(0, () => connect());
        at(1, () => goLive());
        at(1002, () => {
          expect(log).toEqual(['0 q null', '1 session live', '1001 session done']);
          expect({ ...ledger.open }).toEqual({ sockets: 0, rooms: 0, timers: 0, tracks: 0, readers: 0 });
        });
      },
      {
        platform: (_helpers, _ledger, { media }) => ({
          media: {
            ...media,
            // Stopped at once, and never done.
            join: (request) => ({
              ...media.join(request),
              readStats: () => concat(of({ publisher: [], subscriber: [] }), NEVER),
            }),
          },
        }),
      },
    );
  });

  test('may leave and come again: each hears the next sample, and the others hear on', () => {
    playSession(({ at, connect, goLive, network, realtime, scheduler, note, log }) => {
      const again = (): void => {
        const listening = realtime.stats$.subscribe(() => {
          note('again');
          listening.unsubscribe();
          again();
        });
      };
      again();
      at(0, () => connect({ recoverStalledAfterMs: false }));
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
      });
      at(3500, () => {
        expect(log.filter((line) => line.includes('again'))).toEqual(['1001 again', '2001 again', '3001 again']);
        void realtime.disconnect();
      });
      at(9000, () => expect(log.at(-1)).toBe('3500 session done'));
    });
  });
});

describe('quality$', () => {
  test('one report with each sample: null before the first and after the loss, again with the next live session', () => {
    playSession(({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
      at(0, () => watch('q', realtime.quality$, show));
      at(0, () => connect({ reconnect: { retries: 1 } }));
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler, { availableKbps: 1000 });
      });
      at(9500, () => network.sockets[0]?.closeByServer(1011));
      at(9501, () => {
        expect(realtime.getConnectionQuality()).toBeNull();
        goLive();
        playVideo(network.rooms[1], scheduler, { fractionLost: 0.03 });
      });
      at(10_502, () => {
        expect(log.filter((line) => line.includes(' q '))).toEqual([
          '0 q null',
          ...[1, 2, 3, 4, 5, 6, 7].map((second) => `${second}001 q good/none…`),
          // Half of the 2,000 kbps that the session may send by default.
          ...[8, 9].map((second) => `${second}001 q poor/bandwidth`),
          '9500 q null',
          '10501 q poor/loss…',
        ]);
        expect(realtime.getConnectionQuality()).toMatchObject({ quality: 'poor', metrics: { packetLoss: 0.03 } });
        void realtime.disconnect();
      });
      at(10_503, () => expect(realtime.getConnectionQuality()).toBeNull());
    });
  });

  test.each<[string, Partial<ConnectOptions>, string]>([
    ['the bitrate that may be sent', bitrate(5_000_000), 'critical/bandwidth'],
    ['a lower one', bitrate(1_000_000), 'good/none'],
    [
      'a threshold of the caller’s own, over that',
      { ...bitrate(1_000_000), qualityThresholds: { requiredUpstreamKbps: 1200 } },
      'fair/bandwidth',
    ],
  ])('asks for the bandwidth of %s', (_name, options, expected) => {
    playSession(({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
      at(0, () => watch('q', realtime.quality$, show));
      at(0, () => connect({ ...options, qualityThresholds: { warmUpSamples: 1, ...options.qualityThresholds } }));
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler, { availableKbps: 1000 });
      });
      at(1002, () => {
        expect(log.at(-1)).toBe(`1001 q ${expected}`);
        void realtime.disconnect();
      });
    });
  });

  test('is reset when the media connection has been re-established in place, and the poll continues', () => {
    playSession(({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
      at(0, () => watch('q', realtime.quality$, show));
      at(0, () => connect());
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler, { roundTripTimeMs: 400 });
      });
      at(2500, () => network.rooms[0]?.reconnecting());
      at(2600, () => network.rooms[0]?.reconnected());
      at(3002, () => {
        expect(log.filter((line) => line.includes(' q '))).toEqual([
          '0 q null',
          '1001 q poor/latency…',
          '2001 q poor/latency…',
          '2600 q null',
          '3001 q poor/latency…',
        ]);
        void realtime.disconnect();
      });
    });
  });

  test('replays its last report to whoever comes later; getConnectionQuality() says the same', () => {
    playSession(({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
      at(0, () => connect());
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
      });
      at(9500, () => {
        expect(show(realtime.getConnectionQuality())).toBe('good/none');
        watch('q', realtime.quality$, show);
        expect(log.at(-1)).toBe('9500 q good/none');
        void realtime.disconnect();
      });
    });
  });

  test('onConnectionQuality is called with each report of its own session, and with nothing else', () => {
    playSession(({ at, connect, goLive, network, note, realtime, scheduler, log }) => {
      const onConnectionQuality = (report: ConnectionQualityReport) => note(show(report));
      at(0, () => connect({ recoverStalledAfterMs: false, onConnectionQuality }));
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
      });
      at(2500, () => connect({ recoverStalledAfterMs: false }));
      at(2501, () => {
        goLive();
        const reads = countReads(network.rooms[1]);
        at(5000, () => expect(reads()).toBe(0));
      });
      at(8000, () => {
        expect(log.filter((line) => line.includes('/'))).toEqual(['1001 good/none…', '2001 good/none…']);
        void realtime.disconnect();
      });
    });
  });
});

describe('latency', () => {
  const stamped = { ...createMemoryLocalStream(), markers: 'stamped' } as const;
  test.each([
    ['debug-quality-off', { debugQuality: false }, stamped, {}],
    ['unstamped-source', { debugQuality: true }, createMemoryLocalStream(), {}],
    ['frame-too-small', { debugQuality: true }, { ...createMemoryLocalStream(), markers: 'too-small' }, {}],
    ['no-local-video', { debugQuality: true }, createMemoryLocalStream({ video: false }), {}],
    ['no-local-video', { debugQuality: true }, null, {}],
    ['no-marker-read', { debugQuality: true }, stamped, {}],
    ['no-frame-access', { debugQuality: true }, stamped, { readsMarkers: false }],
    ['no-frame-timing', { debugQuality: 'metadata' }, createMemoryLocalStream(), { timesFrames: true }],
    ['no-local-video', { debugQuality: 'metadata' }, null, { timesFrames: true }],
  ] as const)('is unavailable because of %s', (reason, options, localStream, media) => {
    playSession(
      ({ at, connect, goLive, network, realtime, scheduler, watch, log }) => {
        at(0, () => watch('latency', unavailable(realtime.stats$)));
        at(0, () => connect({ ...options, publishCamera: false }, localStream));
        at(1, () => {
          goLive();
          playVideo(network.rooms[0], scheduler);
        });
        at(1002, () => {
          expect(log.filter((line) => line.includes('latency'))).toEqual([`1001 latency ${reason}`]);
          expect(realtime.getConnectionQuality()?.g2gUnavailable).toBe(reason);
          void realtime.disconnect();
        });
      },
      { platform: (_helpers, _ledger, memory) => ({ media: { ...memory.media, ...media } }) },
    );
  });
});

test('frame metadata gives latency without markers, is announced in the join, and knows no drops', () => {
  playSession(
    ({ at, connect, goLive, network, realtime, sent }) => {
      const seen: LatencyReport[] = [];
      realtime.stats$.subscribe(({ latency }) => seen.push(latency));
      at(0, () => connect({ debugQuality: 'metadata', publishCamera: false }, createMemoryLocalStream()));
      at(1, () => {
        goLive();
        expect(network.sockets[0]?.url).not.toContain('pixel_latency');
        expect(sent(0)).toEqual([
          { type: 'livekit_join', passthrough: true, client_capabilities: { frame_timing: true } },
        ]);
      });
      for (const [ms, latencyMs] of [
        [101, 900],
        [2102, 80],
        [2103, 120],
        [2104, 100],
        [2105, -1],
      ] as const) {
        at(ms, () => network.rooms[0]?.latency(latencyMs));
      }
      at(3100, () => {
        expect(seen.map(({ unavailable }) => unavailable)).toEqual(['warming-up', 'warming-up', null]);
        expect(seen.at(-1)).toMatchObject({ ttffMs: 101, medianMs: 100, sampleCount: 3, dropRatio: null });
        void realtime.disconnect();
      });
    },
    { platform: (_helpers, _ledger, memory) => ({ media: { ...memory.media, timesFrames: true } }) },
  );
});

test.each([
  ['where the platform cannot time frames', {}, false],
  ['over direct WebRTC', { transport: 'webrtc' }, true],
] as const)('frame metadata is refused %s', (_where, options, timesFrames) => {
  playSession(
    ({ at, connect, network, log }) => {
      at(0, () => connect({ debugQuality: 'metadata', publishCamera: false, ...options }, null));
      at(1, () => {
        expect(network.sockets).toHaveLength(0);
        expect(log).toEqual(['0 session failed INVALID_INPUT']);
      });
    },
    { platform: (_helpers, _ledger, memory) => ({ media: { ...memory.media, timesFrames } }) },
  );
});

test('the time to first frame stays the first one, however often the media connection comes back in place', () => {
  let nextMarker: (() => number) | null = null;
  playSession(
    ({ at, connect, goLive, network, realtime, scheduler }) => {
      const seen: (number | null)[] = [];
      realtime.stats$.subscribe(({ latency }) => seen.push(latency.ttffMs));
      const roundTrip = (fromMs: number, toMs: number): void => {
        at(fromMs, () => {
          const seq = nextMarker?.() ?? -1;
          at(toMs - fromMs, () => network.rooms[0]?.marker(seq));
        });
      };
      at(0, () => connect({ debugQuality: true, publishCamera: true, recoverStalledAfterMs: false }, null));
      at(1, () => {
        goLive();
        playVideo(network.rooms[0], scheduler);
      });
      roundTrip(10, 60);
      at(100, () => network.rooms[0]?.reconnected());
      roundTrip(200, 500);
      at(600, () => network.rooms[0]?.reconnected());
      roundTrip(700, 750);
      at(1500, () => {
        expect(seen).toEqual([60]);
        void realtime.disconnect();
      });
    },
    {
      platform: () => ({
        createLocalStream: (request) => {
          nextMarker = request.nextMarker;
          return of({ ...createMemoryLocalStream(), markers: 'stamped' as const });
        },
      }),
    },
  );
});

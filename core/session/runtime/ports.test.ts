// Ports and callers that break their word: the loop goes on, and nothing stays open.
import { NEVER, of, throwError } from 'rxjs';
import { createMemoryPlatform } from '../../../testkit/memory-platform.js';
import { playSession, type SessionStageOptions } from '../../../testkit/session-stage.js';
import { createMemoryLocalStream, createMemoryNetwork } from '../../../transports/memory/index.js';
import { createDecartClient } from '../../client.js';
import type { MediaRoom } from '../../ports/media.js';
import type { SignalingSocket } from '../../ports/signaling.js';
import type { ConnectOptions } from '../client/options.js';

const broken = (): never => {
  throw new Error('broken');
};

const once = { reconnect: { retries: 0 } };
const optionsFor: Record<string, Partial<ConnectOptions>> = {
  createLocalStream: { publishCamera: true },
  fetchBytes: { initialImage: 'http://127.0.0.1/a.png' },
};

describe('a port that throws', () => {
  it.each<[string, string, SessionStageOptions['platform']]>([
    ['signaling.open', 'WEBRTC_WEBSOCKET_ERROR', () => ({ signaling: { open: broken } })],
    [
      'send',
      'WEBRTC_WEBSOCKET_ERROR',
      (_helpers, _ledger, { signaling }) => ({
        signaling: {
          open: (request) => ({ ...socketOf(signaling.open(request)), send: broken }),
        },
      }),
    ],
    ['media.join', 'WEBRTC_ICE_ERROR', (_helpers, _ledger, { media }) => ({ media: { ...media, join: broken } })],
    [
      'the events of a room',
      'WEBRTC_ICE_ERROR',
      (_helpers, _ledger, { media }) => ({
        media: {
          ...media,
          join: (request) => ({ ...roomOf(media.join(request)), events$: throwError(() => new Error('broken')) }),
        },
      }),
    ],
    ['createLocalStream', 'INVALID_INPUT', () => ({ createLocalStream: broken })],
    ['fetchBytes', 'INVALID_INPUT', () => ({ fetchBytes: broken })],
  ])('%s fails the connect with %s', (name, code, platform) => {
    playSession(
      ({ at, connect, goLive, realtime, log, watch }) => {
        watch('state', realtime.connectionState$);
        at(0, () => connect(optionsFor[name] ?? once, optionsFor[name] ? null : undefined));
        at(1, () => goLive());
        at(2, () => {
          expect(log).toEqual([
            '0 state disconnected',
            '0 state connecting',
            expect.stringMatching(/^[01] state disconnected$/),
            expect.stringMatching(new RegExp(`^[01] session failed ${code}$`)),
            expect.stringMatching(new RegExp(`^[01] error ${code}$`)),
          ]);
          expect(realtime.isConnected()).toBe(false);
        });
      },
      { platform },
    );
  });

  it('media.preload is of no consequence', () => {
    playSession(
      ({ at, connect, goLive, log, realtime }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => {
          expect(log).toEqual(['1 session live']);
          void realtime.disconnect();
        });
      },
      { platform: (_helpers, _ledger, { media }) => ({ media: { ...media, preload: broken } }) },
    );
  });
});

// Ports may be classes: their members are not their own.
const socketOf = (socket: SignalingSocket): SignalingSocket => ({
  events$: socket.events$,
  send: (frame) => socket.send(frame),
  close: (code, reason) => socket.close(code, reason),
});
const roomOf = <R extends MediaRoom>(room: R): MediaRoom<never> => ({
  events$: room.events$ as MediaRoom<never>['events$'],
  close: () => room.close(),
  replaceVideoTrack: (track) => room.replaceVideoTrack(track),
  readStats: () => room.readStats(),
  resume: () => room.resume(),
});

describe('a callback that throws', () => {
  it('is emitted on errors$, and the session continues', () => {
    playSession(({ at, connect, goLive, log, realtime }) => {
      at(0, () => connect({ onRemoteStream: broken }));
      at(1, () => goLive());
      at(2, () => {
        expect(log).toEqual(['1 error CALLBACK_ERROR', '1 session live']);
        expect(realtime.isConnected()).toBe(true);
        void realtime.disconnect();
      });
    });
  });

  it('does not matter in a logger', () => {
    const logger = { debug: broken, info: broken, warn: broken, error: broken };
    playSession(
      ({ at, connect, goLive, log, realtime }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => {
          expect(log).toEqual(['1 session live']);
          void realtime.disconnect();
        });
      },
      { config: { logger, logLevel: 'debug' } },
    );
  });
});

describe('streams of a local stream that fail', () => {
  it('leave localStream$ and errors$ alive', () => {
    playSession(({ at, connect, goLive, log, realtime, watch, say }) => {
      const stream = {
        ...createMemoryLocalStream(),
        changes$: throwError(() => new Error('broken')),
        errors$: throwError(() => new Error('broken')),
      };
      watch('local', realtime.localStream$, (local: unknown) => (local === null ? 'none' : 'there'));
      at(0, () => connect({}, stream));
      at(1, () => goLive());
      at(2, () => say(0, { type: 'error', error: 'out of memory' }));
      at(3, () => void realtime.disconnect());
      at(4, () => {
        expect(log).toEqual([
          '0 local none',
          '0 error WEBRTC_ICE_ERROR',
          '0 local there',
          '1 session live',
          '2 error WEBRTC_SERVER_ERROR',
          '3 local none',
          '3 session done',
        ]);
      });
    });
  });
});

test('a track that is refused is not published after a reconnect', () => {
  const tracks: unknown[] = [];
  playSession(
    ({ at, connect, goLive, network, realtime }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => void realtime.replaceVideoTrack({ nonsense: true } as never).catch(() => undefined));
      at(3, () => network.sockets[0]?.closeByServer(1006));
      at(4, () => goLive());
      at(5, () => {
        expect(tracks).toEqual([null, null]);
        void realtime.disconnect();
      });
    },
    {
      platform: (_helpers, _ledger, { media }) => ({
        media: {
          ...media,
          join(request) {
            tracks.push(request.videoTrack);
            return {
              ...(roomOf(media.join(request)) as never as MediaRoom<never>),
              replaceVideoTrack: () => throwError(() => new Error('no track')),
            };
          },
        },
      }),
    },
  );
});

test('disconnect() does not wait for ever for a stream whose dispose() never settles', async () => {
  jest.useFakeTimers();
  try {
    const memory = createMemoryPlatform({ network: createMemoryNetwork() });
    const stuck = { ...createMemoryLocalStream(), dispose: () => new Promise<void>(() => undefined) };
    const client = createDecartClient(
      { apiKey: 'key' },
      { ...memory, createLocalStream: () => of(stuck), media: { join: () => ({ ...idleRoom }) } },
    );
    client.realtime.connect({ model: 'lucy-2.1', publishCamera: true }).catch(() => undefined);
    let isOver = false;
    const disconnected = client.realtime.disconnect().then(() => {
      isOver = true;
    });
    await jest.advanceTimersByTimeAsync(4_000);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1_000);
    await disconnected;
    // It is not waited for a second time.
    await client.release();
  } finally {
    jest.useRealTimers();
  }
});

const idleRoom: MediaRoom<never> = {
  events$: NEVER,
  close: () => undefined,
  replaceVideoTrack: () => NEVER,
  readStats: () => NEVER,
  resume: () => undefined,
};

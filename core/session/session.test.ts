import { createLedger } from '../../testkit/ledger.js';
import { type MarbleHelpers, marbles } from '../../testkit/marbles.js';
import { createMemoryPlatform, type MemoryPlatformOptions } from '../../testkit/memory-platform.js';
import { createMemoryLocalStream, createMemoryNetwork, type MemoryNetwork } from '../../transports/memory.js';
import { createDecartClient, type DecartClient } from '../client.js';
import type { DecartError } from '../errors.js';
import type { ServerMessage } from '../protocol/server-messages.js';
import type { ConnectOptions } from './connect-options.js';

interface Stage extends MarbleHelpers {
  readonly network: MemoryNetwork;
  readonly client: DecartClient;
  readonly realtime: DecartClient['realtime'];
  /** What happened, with its time: errors, settled calls, restored intents. */
  readonly log: string[];
  at(frameMs: number, job: () => void): void;
  /** Calls, and logs under `name` how the call ends. */
  call(name: string, promise: Promise<unknown>): void;
  connect(more?: Partial<ConnectOptions>): void;
  say(socket: number, message: ServerMessage): void;
  /** Plays the service up to the live session on the latest socket. */
  goLive(): void;
  sent(socket: number): Record<string, unknown>[];
}

const roomInfo: ServerMessage = {
  type: 'livekit_room_info',
  livekit_url: 'ws://127.0.0.1:7880',
  token: 'room-token',
  room_name: 'room-1',
  session_id: 'session-1',
};
const promptAck = (prompt: string, success = true, error: string | null = null): ServerMessage => ({
  type: 'prompt_ack',
  prompt,
  success,
  error,
});
const imageAck: ServerMessage = { type: 'set_image_ack', success: true, error: null };

/** A client over a network in memory, in virtual time. At the end nothing may be open. */
function stage(play: (stage: Stage) => void, platform: Partial<MemoryPlatformOptions> = {}): void {
  const ledger = createLedger();
  let network: MemoryNetwork | null = null;
  marbles((helpers) => {
    const { scheduler } = helpers;
    const memory = createMemoryNetwork({ scheduler });
    network = memory;
    const wrapped = { signaling: ledger.signaling(memory.signaling), media: ledger.media(memory.media) };
    const config = { apiKey: 'secret-key', scheduler: ledger.scheduler(scheduler) };
    const client = createDecartClient(config, createMemoryPlatform({ network: wrapped, ...platform }));
    const { realtime } = client;
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
    realtime.errors$.subscribe(({ code }) => note(`error ${code}`));
    realtime.diagnostics$.subscribe((event) => event.name === 'intentRestored' && note(`intent ${event.restored}`));
    const say: Stage['say'] = (n, message) => memory.sockets[n]?.deliver(JSON.stringify(message));
    play({
      ...helpers,
      network: memory,
      client,
      realtime,
      log,
      say,
      at: (frameMs, job) => scheduler.schedule(job, frameMs),
      // Promises settle outside virtual time: what they settle with is logged when the loop decides it.
      call: (name, promise) => {
        promise.then(
          () => log.push(`${name} ok`),
          (error: DecartError) => log.push(`${name} ${error.code}`),
        );
      },
      connect: (more) => {
        realtime.session$({ model: 'lucy-2.1', ...more }, createMemoryLocalStream()).subscribe({
          next: () => note('session'),
          error: ({ code }: DecartError) => note(`session failed ${code}`),
          complete: () => note('session ended'),
        });
      },
      goLive: () => {
        const n = memory.sockets.length - 1;
        memory.sockets[n]?.accept();
        say(n, roomInfo);
        memory.rooms.at(-1)?.publishRemote();
        memory.rooms.at(-1)?.accept();
      },
      sent: (n) => memory.sockets[n]?.received.map((frame) => JSON.parse(frame)) ?? [],
    });
  });
  ledger.expectNoLeaks();
  expect(network).not.toBeNull();
}

const states = { d: 'disconnected', c: 'connecting', o: 'connected', g: 'generating', r: 'reconnecting' };

describe('handshake', () => {
  it('joins, sends the initial state behind it, and is connected once the room is published to', () => {
    stage(({ expectObservable, realtime, network, connect, at, say, sent, log }) => {
      at(1, () => connect({ initialPrompt: { text: 'anime' } }));
      at(3, () => network.sockets[0]?.accept());
      at(4, () => {
        expect(sent(0)).toEqual([
          { type: 'livekit_join', passthrough: false },
          { type: 'prompt', prompt: 'anime', enhance_prompt: true },
        ]);
        say(0, promptAck('anime'));
        say(0, roomInfo);
        network.rooms[0]?.publishRemote();
      });
      at(5, () => network.rooms[0]?.accept());
      at(7, () => say(0, { type: 'generation_started' }));
      at(9, () => void realtime.disconnect());
      expectObservable(realtime.connectionState$, '^---------!').toBe('dc---o-g-d', states);
      at(10, () => expect(log).toEqual(['5 session', '9 session ended']));
    });
  });

  it('joins as passthrough without an initial state, and bundles it on request', () => {
    stage(({ at, connect, network, sent, realtime }) => {
      at(1, () => connect());
      at(2, () => network.sockets[0]?.accept());
      at(3, () => expect(sent(0)).toEqual([{ type: 'livekit_join', passthrough: true }]));
      at(4, () => connect({ initialPrompt: { text: 'anime', enhance: false }, handshake: 'bundled' }));
      at(5, () => network.sockets[1]?.accept());
      at(6, () => {
        const initial_state = { type: 'prompt', prompt: 'anime', enhance_prompt: false };
        expect(sent(1)).toEqual([{ type: 'livekit_join', initial_state }]);
        void realtime.disconnect();
      });
    });
  });

  it('goes to generating by way of connected when the service is quicker than the room', () => {
    stage(({ expectObservable, realtime, network, connect, at, say }) => {
      at(1, () => connect());
      at(2, () => network.sockets[0]?.accept());
      at(3, () => say(0, roomInfo));
      at(4, () => say(0, { type: 'generation_tick', seconds: 1 }));
      at(5, () => network.rooms[0]?.accept());
      at(6, () => void realtime.disconnect());
      // Both states at 5, in order.
      expectObservable(realtime.connectionState$, '^------!').toBe('dc---(og)d'.replace('(og)d', '(og)'), states);
    });
  });

  it('suspends its timeout while queued, for minutes if need be', () => {
    stage(({ expectObservable, realtime, connect, network, at, say, goLive }) => {
      at(1, () => connect());
      at(2, () => network.sockets[0]?.accept());
      at(10_000, () => say(0, { type: 'queue_position', position: 2, queue_size: 4 }));
      at(200_000, () => say(0, { type: 'queue_position', queue_position: 1, queue_size: 4 }));
      at(400_000, () => {
        say(0, roomInfo);
        network.rooms[0]?.publishRemote();
        network.rooms[0]?.accept();
      });
      at(400_001, () => void realtime.disconnect());
      expectObservable(realtime.queuePosition$, '^ 400001ms !').toBe('a 9999ms b 189999ms c 199999ms a', {
        a: null,
        b: { position: 2, queueSize: 4 },
        c: { position: 1, queueSize: 4 },
      });
      expectObservable(realtime.connectionState$, '^ 400000ms !').toBe('dc 399998ms o', states);
    });
  });

  it('fails a try whose join is not answered within 15 s, and retries after 1 s', () => {
    stage(({ connect, network, at, realtime }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(15_000, () => expect(network.sockets[0]?.state).toBe('open'));
      at(15_002, () => expect(network.sockets[0]?.state).toBe('closed'));
      at(16_000, () => expect(network.sockets).toHaveLength(1));
      at(16_002, () => expect(network.sockets).toHaveLength(2));
      at(16_003, () => void realtime.disconnect());
    });
  });

  it('gives up a silent service within the connect budget, not after every try', () => {
    stage(({ connect, network, at, log, expectObservable, realtime }) => {
      at(0, () => connect());
      // Accepts each socket and says nothing.
      for (let ms = 1; ms < 70_000; ms += 100) {
        at(ms, () => {
          for (const socket of network.sockets) if (socket.state === 'connecting') socket.accept();
        });
      }
      expectObservable(realtime.connectionState$, '^ 69999ms !').toBe('(dc) 59996ms d', states);
      at(70_001, () =>
        expect(log).toEqual(['60000 session failed WEBRTC_TIMEOUT_ERROR', '60000 error WEBRTC_TIMEOUT_ERROR']),
      );
    });
  });

  it('holds the remote stream back until the initial state is acknowledged, unless told not to', () => {
    for (const hold of [true, false]) {
      stage(({ connect, at, goLive, say, expectObservable, realtime, network }) => {
        at(1, () => connect({ initialPrompt: { text: 'anime' }, holdUntilInitialState: hold }));
        at(2, () => goLive());
        at(5, () => say(0, promptAck('anime')));
        at(8, () => void realtime.disconnect());
        at(2, () => expect(network.rooms[0]?.stream).not.toBeNull());
        const shown$ = realtime.remoteStream$;
        expectObservable(shown$, '^-------!').toBe(hold ? 'n----s---' : 'n-s------', {
          n: null,
          s: expect.objectContaining({ id: 'stream-remote' }),
        });
      });
    }
  });
});

describe('requests', () => {
  it('times a prompt out after 15 s, and a late ack settles nothing else', () => {
    stage(({ connect, at, goLive, say, expectObservable, realtime, cold }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => expectObservable(cold('')).toBe(''));
      at(20_000, () => say(0, promptAck('a')));
      at(21_000, () => say(0, promptAck('a')));
      at(30_000, () => void realtime.disconnect());
      const first$ = realtime.setPrompt$('a');
      const second$ = realtime.setPrompt$('a');
      const timeout = expect.objectContaining({ code: 'WEBRTC_TIMEOUT_ERROR' });
      expectObservable(first$, '2ms ^').toBe('15002ms #', undefined, timeout);
      // Sent at 19,000: the ack at 20,000 is the first one's.
      expectObservable(second$, '19000ms ^').toBe('21000ms |');
      at(2, () => say(0, imageAck));
    });
  });
});

// The API key goes through success, every failure and every fault, and must come out nowhere.
import { format, inspect } from 'node:util';
import { throwError, VirtualTimeScheduler } from 'rxjs';
import { createMemoryPlatform } from '../../../testkit/memory-platform.js';
import {
  imageAck,
  playSession,
  promptAck,
  roomInfo,
  type SessionStage,
  type SessionStageOptions,
} from '../../../testkit/session-stage.js';
import { createMemoryNetwork } from '../../../transports/memory/index.js';
import { createDecartClient } from '../../client.js';
import { DecartError } from '../../errors.js';
import { recordSession } from '../../recorder/record.js';

const MARK = 'CANARY';
/** Has characters that are encoded in a URL: both forms are looked for, by the part they share. */
const KEY = `${MARK}/+"key&${MARK}`;

const seen: string[] = [];

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    // A live object with observables in it is no JSON. What it says about that is seen, too.
    return String(error);
  }
}

const see = (value: unknown): void => {
  seen.push(format('%s', value), inspect(value, { depth: 6, showHidden: true, getters: true }), jsonOf(value));
  if (value instanceof Error) seen.push(value.message, value.stack ?? '', inspect(value.cause, { depth: 6 }));
};
const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (...line: unknown[]) => line.forEach(see)]),
) as Record<'debug' | 'info' | 'warn' | 'error', (...line: unknown[]) => void>;

const originals = { ...console };
beforeEach(() => {
  seen.length = 0;
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    console[method] = (...line) => line.forEach(see);
});
afterEach(() => {
  Object.assign(console, originals);
});

/** Collects all that a developer can see of a client, in every way it can be shown. */
function watchAll({ realtime, client }: Pick<SessionStage, 'realtime' | 'client'>): () => void {
  const recordings = [recordSession(realtime), recordSession(realtime, { prompts: true, limit: 5 })];
  for (const [name, stream$] of Object.entries(realtime)) {
    if (name.endsWith('$') && typeof stream$ !== 'function') stream$.subscribe({ next: see, error: see });
  }
  return () => {
    for (const recording of recordings) see(recording.toString());
    see(client);
    see(realtime);
  };
}

function expectNoCanary(): void {
  expect(seen.length).toBeGreaterThan(20);
  const leaks = seen.filter((text) => text.includes(MARK));
  expect(leaks.map((text) => text.slice(Math.max(0, text.indexOf(MARK) - 200), text.indexOf(MARK) + 100))).toEqual([]);
}

function playCanary(play: (stage: SessionStage) => void, options: SessionStageOptions = {}): void {
  playSession(
    (stage) => {
      const showAll = watchAll(stage);
      stage.at(0, () =>
        stage.realtime
          .session$({ model: 'lucy-2.1', initialPrompt: { text: 'a' }, holdUntilInitialState: false })
          .subscribe({ next: see, error: see }),
      );
      play(stage);
      stage.at(100_000, () => {
        showAll();
        void stage.realtime.disconnect();
      });
      stage.at(110_000, showAll);
    },
    { ...options, config: { apiKey: KEY, logger, logLevel: 'debug' } },
  );
  expectNoCanary();
}

/** The key as the service could say it back. */
const said = [KEY, encodeURIComponent(KEY), `wss://h/?api_key=${encodeURIComponent(KEY)}&model=x`];

test('success, with a loss in between', () => {
  playCanary((stage) => {
    const { at, say, realtime, network, goLive } = stage;
    at(1, () => goLive());
    at(2, () => say(0, promptAck('a')));
    at(3, () => realtime.setPrompt$('b').subscribe({ complete: () => see('done') }));
    at(4, () => say(0, promptAck('b')));
    at(5, () => realtime.setImage$('AAAA').subscribe({ error: see }));
    at(6, () => network.sockets[0]?.closeByServer(1006));
    at(7, () => goLive());
  });
});

describe.each(said)('the service says %s', (text) => {
  it.each<[string, (stage: SessionStage) => void]>([
    ['as an error while connecting', ({ say }) => say(0, { type: 'error', error: text })],
    ['as a permanent error', ({ say }) => say(0, { type: 'error', error: `Unauthorized: ${text}` })],
    ['as a close reason', ({ network }) => network.sockets[0]?.closeByServer(1008, text)],
    ['as a permanent close reason', ({ network }) => network.sockets[0]?.closeByServer(4401, text)],
  ])('%s', (_name, fault) => {
    playCanary((stage) => {
      stage.at(1, () => stage.network.sockets[0]?.accept());
      stage.at(2, () => fault(stage));
    });
  });

  it('in every message of a live session', () => {
    playCanary((stage) => {
      const { at, say, network, realtime, goLive } = stage;
      at(1, () => network.sockets[0]?.accept());
      at(2, () =>
        say(0, { ...roomInfo, room_name: text, session_id: text, token: text, livekit_url: text } as typeof roomInfo),
      );
      at(3, () => network.rooms[0]?.publishRemote());
      at(4, () => network.rooms[0]?.accept());
      at(5, () => {
        realtime.setPrompt$('b').subscribe({ error: see });
        realtime.setImage$('AAAA').subscribe({ error: see });
        say(0, promptAck('b', text));
        say(0, imageAck(text));
        say(0, promptAck(text));
        say(0, { type: 'error', error: text });
        say(0, { type: 'status', status: text });
        say(0, { type: 'generation_ended', seconds: 1, reason: text });
        for (const frame of [
          { type: text },
          { type: 'error', error: { text } },
          { type: 'prompt_ack', [text]: text },
          text,
        ])
          network.sockets[0]?.deliver(JSON.stringify(frame));
        network.sockets[0]?.deliver(`{"${text}`);
        network.sockets[0]?.deliver(new TextEncoder().encode(text));
      });
      at(6, () => network.sockets[0]?.closeByServer(1011, text));
      at(7, () => goLive());
    });
  });
});

test.each([401, 403, 500])('HTTP %d on the upgrade', (status) => {
  playCanary(({ at, network }) => at(1, () => network.sockets[0]?.refuse(status)));
});

test('silence, until every time limit has run out', () => {
  playCanary(() => undefined);
  expect(seen.join()).toContain('WEBRTC_TIMEOUT_ERROR');
});

test('a room that fails, is lost, closes', () => {
  playCanary((stage) => {
    const { at, network, goLive, say } = stage;
    at(1, () => network.sockets[0]?.accept());
    at(2, () => say(0, roomInfo));
    at(3, () => network.rooms[0]?.fail({ code: 'WEBRTC_ICE_ERROR', message: 'No way in.' }));
    at(2000, () => goLive());
    at(2001, () => network.rooms[1]?.lose({ code: 'WEBRTC_ICE_ERROR', message: 'Lost.' }));
    at(4000, () => goLive());
    at(4001, () => network.rooms[2]?.client.leave());
  });
});

test('a camera and an image that fail', () => {
  const failure = new DecartError({ code: 'INVALID_INPUT', message: 'No camera.' });
  playCanary(
    ({ at, realtime }) => {
      at(1, () =>
        realtime.session$({ model: 'lucy-2.1', initialImage: 'https://images.test/x' }).subscribe({ error: see }),
      );
      at(2, () => realtime.session$({ model: 'lucy-2.1', publishCamera: true }).subscribe({ error: see }));
      at(3, () => realtime.session$({ model: 'no-such-model' }).subscribe({ error: see }));
    },
    { platform: () => ({ createLocalStream: () => throwError(() => failure) }) },
  );
});

test('keys that are asked for, promises, disconnect and release', async () => {
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({ scheduler });
  let tries = 0;
  const apiKey = () => {
    tries += 1;
    if (tries === 2) throw new Error('The vault is closed.');
    return KEY;
  };
  const config = { apiKey, scheduler, logger, logLevel: 'debug' } as const;
  const client = createDecartClient(config, createMemoryPlatform({ network }));
  const { realtime } = client;
  const showAll = watchAll({ realtime, client });
  const connected = [realtime.connect({ model: 'lucy-2.1' })];
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
  network.sockets[0]?.accept();
  network.sockets[0]?.deliver(JSON.stringify(roomInfo));
  network.rooms[0]?.publishRemote();
  network.rooms[0]?.accept();
  const prompt = realtime.setPrompt('a');
  network.sockets[0]?.closeByServer(1008, KEY);
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
  const second = realtime.connect({ model: 'lucy-2.1' });
  const disconnected = realtime.disconnect();
  const released = client.release();
  scheduler.flush();
  for (const result of await Promise.allSettled([...connected, prompt, second, disconnected, released])) see(result);
  await realtime.connect({ model: 'lucy-2.1' }).catch(see);
  showAll();
  expect(tries).toBeGreaterThan(1);
  expectNoCanary();
});

test.each([
  { baseUrl: `wss://user:${KEY}@api.test` },
  { baseUrl: `wss://api.test/v1?api_key=${KEY}` },
  { baseUrl: `ws://api.test/#${KEY}` },
])('a base URL with the key in it', (config) => {
  let thrown: unknown = null;
  try {
    createDecartClient({ apiKey: KEY, ...config }, createMemoryPlatform({ network: createMemoryNetwork() }));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'INVALID_BASE_URL' });
  see(thrown);
  expect(seen.filter((text) => text.includes(MARK))).toEqual([]);
});

// Broken JSON against everything on the signaling side that reads some.
import { expect, test } from '@jest/globals';
import { isDecartError } from '../../../core/errors.js';
import { decodeClientMessage } from '../../../core/protocol/codec.js';
import { parseScenario } from '../../scenario/parse.js';
import { initialPlay, type PlayState } from '../../scenario/play.js';
import { reducePlay } from '../../scenario/reduce.js';
import { decodeFault } from '../../service/fault.js';
import { seededRandom } from '../sfu/faults/random.js';
import { initialSession, reduceServiceSession, type SessionState } from './session.js';

const runs = 5_000;

function mutate(sample: string, random: () => number): string {
  const bytes = Buffer.from(sample);
  for (let i = 0; i < 1 + random() * 6; i += 1) {
    // Mostly within JSON's own alphabet: what is no JSON at all is refused too soon to be interesting.
    const byte =
      random() < 0.7 ? '{}[]",:0123456789.eE-nulltrue\\'.charCodeAt(Math.floor(random() * 31)) : random() * 256;
    bytes[Math.floor(random() * bytes.length)] = byte;
  }
  return bytes.toString(random() < 0.5 ? 'utf8' : 'latin1');
}

const messages = [
  '{"type":"livekit_join","passthrough":true}',
  '{"type":"livekit_join","initial_state":{"type":"prompt","prompt":"a","enhance_prompt":true}}',
  '{"type":"prompt","prompt":"a forest","enhance_prompt":true}',
  '{"type":"set_image","image_data":"AAEC","prompt":null}',
  '{"type":"set_image","image_ref":"file_1"}',
  '{"type":"ice-candidate","candidate":null}',
];
const scripts = [
  '{"steps":[{"step":"expectJoin"},{"step":"queue","places":3,"intervalMs":5},{"step":"roomInfo"},{"step":"ack","error":"no"}]}',
  '[{"step":"after","delayMs":1.5e3},{"step":"fault","fault":{"kind":"network-preset","name":"4g"}},{"step":"serve"}]',
];
const faults = [
  '{"kind":"drop-socket","code":1011,"reason":"x","sessionId":"s"}',
  '{"kind":"ack","mode":{"kind":"slow","delayMs":5},"times":2}',
  '{"kind":"network","upstream":{"lossPercent":2},"downstream":{}}',
];

/** Lets a reader refuse, but only in so many words. */
function refusing(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!isDecartError(error) || error.code !== 'INVALID_INPUT') throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Most of what is made here.
    return undefined;
  }
}

let session: SessionState;
let play: PlayState;
const kinds: readonly [string, readonly string[], (input: string) => void][] = [
  [
    'messages to the service',
    messages,
    (input) => {
      const frame = decodeClientMessage(input);
      [session] = reduceServiceSession(session, {
        type: 'frame.received',
        frame,
        ack: { kind: 'normal' },
        join: { kind: 'served' },
      });
    },
  ],
  [
    'messages to a script',
    messages,
    (input) => {
      [play] = reducePlay(play, { type: 'frame.received', atMs: 0, socket: 1, frame: decodeClientMessage(input) });
      if (play.failure !== null) play = openPlay();
    },
  ],
  ['scenario files', scripts, (input) => refusing(() => parseScenario(input))],
  [
    'ordered faults',
    faults,
    (input) => {
      const order = jsonOf(input);
      if (order !== undefined) refusing(() => decodeFault(order));
    },
  ],
];

function openPlay(): PlayState {
  const { steps } = parseScenario(
    JSON.stringify([{ step: 'expectJoin' }, { step: 'expectPrompt' }, { step: 'ack' }, { step: 'serve' }]),
  );
  return reducePlay(initialPlay(steps), { type: 'socket.connecting', atMs: 0, socket: 1, query: {} })[0];
}

test.each(kinds)('nothing that arrives as %s throws', (_name, samples, read) => {
  session = initialSession({
    sessionId: 's',
    roomName: 'r',
    queue: 0,
    queueIntervalMs: 1,
    ackDelayMs: 0,
    tickIntervalMs: 1,
    generationStart: 'media',
    maxSeconds: null,
    serverAddress: { ip: '127.0.0.1', port: 4000 },
    hasFile: () => false,
  });
  play = openPlay();
  const random = seededRandom(42);
  const fuzz = () => {
    for (let i = 0; i < runs; i += 1) {
      const input = mutate(samples[i % samples.length] ?? '', random);
      try {
        read(input);
      } catch (error) {
        throw new Error(`Thrown at ${JSON.stringify(input)}`, { cause: error });
      }
    }
  };
  expect(fuzz).not.toThrow();
  // What is refused leaves nothing behind.
  expect(JSON.stringify(session).length).toBeLessThan(2_000);
});

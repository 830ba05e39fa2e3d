// Replays the transcripts of direct WebRTC mode in PROTOCOL.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skip } from 'rxjs';
import { playSession, type SessionStage } from '../../testkit/session-stage.js';
import { parseTranscript } from '../../testkit/transcripts/transcript.js';
import { isDecartError } from '../errors.js';
import { decodeClientMessage, decodeServerMessage } from './codec.js';

const page = readFileSync(join(__dirname, '..', 'PROTOCOL.md'), 'utf8');

const transcripts = [...page.matchAll(/^#### (.*)\n\n```signals\n([^`]*)```/gm)].map(
  ([, title = '', body = '']) => [title, parseTranscript(body)] as const,
);

function happen({ network, realtime }: SessionStage, text: string, note: (what: string) => void): void {
  const socket = network.sockets.at(-1);
  const room = network.rooms.at(-1);
  const failed = (what: string) => (error: unknown) =>
    note(`${what} ${isDecartError(error) ? error.code : String(error)}`);
  const happenings: readonly (readonly [string, (argument: string) => unknown])[] = [
    [
      'connect ',
      (options) =>
        realtime
          .session$({ model: 'lucy-2.1', ...JSON.parse(options) })
          .subscribe({ next: () => note('connect done'), error: failed('connect') }),
    ],
    [
      'setPrompt ',
      (prompt) => realtime.setPrompt$(prompt).subscribe({ complete: () => note(`${text} done`), error: failed(text) }),
    ],
    ['disconnect', () => void realtime.disconnect()],
    ['socket opens', () => socket?.accept()],
    ['room signals ', (signal) => room?.signal(JSON.parse(signal))],
    ['room joined', () => room?.accept({ publish: false })],
    ['room published', () => room?.acceptPublished()],
    ['room lost', () => room?.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The peer connection is lost.' })],
    ['stream published', () => room?.publishRemote()],
  ];
  const [start, happening] = happenings.find(([words]) => text.startsWith(words)) ?? [];
  if (start === undefined || !happening) throw new Error(`Nothing happens like this: ${text}`);
  happening(text.slice(start.length));
}

test.each(transcripts)('%s', (_title, lines) => {
  const seen: string[] = [];
  let note: (sign: string, what: string) => void = () => undefined;
  playSession(
    (stage) => {
      const { scheduler, realtime } = stage;
      note = (sign, what) => seen.push(`${scheduler.now()} ${sign} ${what}`);
      realtime.connectionState$.pipe(skip(1)).subscribe((state) => note('=', `state ${state}`));
      realtime.errors$.subscribe(({ code }) => note('=', `error ${code}`));
      realtime.diagnostics$.subscribe((event) => {
        if (event.name === 'intentRestored') note('=', `intent ${event.restored}`);
      });
      for (const { atMs, sign, text } of lines) {
        if (sign === '*') stage.at(atMs, () => happen(stage, text, (what) => note('=', what)));
        if (sign === '<') stage.at(atMs, () => stage.network.sockets.at(-1)?.deliver(text));
      }
    },
    {
      network: {
        onSocket: (socket) => socket.received$.subscribe((frame) => note('>', frame)),
        onRoom: (room) => room.signals$.subscribe((signal) => note('=', `room takes ${JSON.stringify(signal)}`)),
      },
    },
  );
  const expected = lines.filter(({ sign }) => sign === '>' || sign === '=');
  expect(seen).toEqual(expected.map(({ atMs, sign, text }) => `${atMs} ${sign} ${text}`));
});

test('there are some, and every message in them is one', () => {
  expect(transcripts.length).toBeGreaterThan(4);
  for (const { sign, text } of transcripts.flatMap(([, lines]) => lines)) {
    if (sign === '>') expect(decodeClientMessage(text)._tag).toBe('message');
    if (sign === '<') expect(decodeServerMessage(text)._tag).toBe('message');
  }
});

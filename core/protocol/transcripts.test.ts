// Replays the transcripts of PROTOCOL.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skip } from 'rxjs';
import { playSession, type SessionStage } from '../../testkit/session-stage.js';
import { isDecartError } from '../errors.js';
import { clientMessageCodecs } from './client-messages.js';
import { decodeClientMessage, decodeServerMessage } from './codec.js';
import { serverMessageCodecs } from './server-messages.js';

const text = readFileSync(join(__dirname, '..', 'PROTOCOL.md'), 'utf8');

interface Line {
  readonly atMs: number;
  readonly sign: '>' | '<' | '*' | '=';
  readonly rest: string;
}

const transcripts = [...text.matchAll(/^### (\d+\. .*)\n\n```transcript\n([^`]*)```/gm)].map(
  ([, title = '', body = '']) => [title, body.trimEnd().split('\n').map(lineOf)] as const,
);

function lineOf(line: string): Line {
  const match = /^(\d+) ([><*=]) (.+)$/.exec(line);
  if (!match) throw new Error(`Not a line of a transcript: ${line}`);
  return { atMs: Number(match[1]), sign: match[2] as Line['sign'], rest: match[3] ?? '' };
}

function happen({ network, realtime }: SessionStage, rest: string, tell: (what: string) => void): void {
  const [, subject = '', argument = ''] = /^(\S+) ?(.*)$/s.exec(rest) ?? [];
  const [word = '', ...words] = argument.split(' ');
  const told = (source: { subscribe(observer: object): unknown }, what: string, isDoneByNext = false): void => {
    const done = () => tell(`${what} done`);
    const observer = isDoneByNext ? { next: done } : { complete: done };
    const error = (failure: unknown) => tell(`${what} ${isDecartError(failure) ? failure.code : String(failure)}`);
    source.subscribe({ ...observer, error });
  };
  const socket = network.sockets.at(-1);
  const room = network.rooms.at(-1);
  const happenings: Record<string, () => unknown> = {
    connect: () => told(realtime.session$({ model: 'lucy-2.1', ...JSON.parse(argument) }), 'connect', true),
    disconnect: () => realtime.disconnect(),
    setPrompt: () => told(realtime.setPrompt$(argument), rest),
    setImage: () => told(realtime.setImage$(argument), rest),
    'socket opens': () => socket?.accept(),
    'socket closes': () => socket?.closeByServer(Number(words[0]), words.slice(1).join(' ')),
    'socket refused': () => socket?.refuse(Number(words[0])),
    'room joined': () => room?.accept({ publish: false }),
    'room published': () => room?.acceptPublished(),
    'room lost': () => room?.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' }),
    'stream published': () => room?.publishRemote(),
  };
  const happening = happenings[subject] ?? happenings[`${subject} ${word}`];
  if (!happening) throw new Error(`Nothing happens like this: ${rest}`);
  happening();
}

test.each(transcripts)('%s', (_title, lines) => {
  const seen: string[] = [];
  let note: (sign: string, what: string) => void = () => undefined;
  playSession(
    (stage) => {
      const { scheduler, realtime } = stage;
      note = (sign, what) => seen.push(`${scheduler.now()} ${sign} ${what}`);
      realtime.connectionState$.pipe(skip(1)).subscribe((state) => note('=', `state ${state}`));
      realtime.waitingForCapacity$.pipe(skip(1)).subscribe((isWaiting) => note('=', `waiting ${isWaiting}`));
      realtime.errors$.subscribe(({ code }) => note('=', `error ${code}`));
      realtime.diagnostics$.subscribe((event) => {
        if (event.name === 'intentRestored') note('=', `intent ${event.restored}`);
      });
      for (const { atMs, sign, rest } of lines) {
        if (sign === '*') stage.at(atMs, () => happen(stage, rest, (what) => note('=', what)));
        if (sign === '<') stage.at(atMs, () => stage.network.sockets.at(-1)?.deliver(rest));
      }
    },
    { network: { onSocket: (socket) => socket.received$.subscribe((frame) => note('>', frame)) } },
  );
  expect(seen).toEqual(
    lines.filter(({ sign }) => sign === '>' || sign === '=').map(({ atMs, sign, rest }) => `${atMs} ${sign} ${rest}`),
  );
});

test('the transcripts are numbered, and every message in them is one', () => {
  expect(transcripts.map(([title]) => Number.parseInt(title, 10))).toEqual(transcripts.map((_, n) => n + 1));
  for (const { sign, rest } of transcripts.flatMap(([, lines]) => lines)) {
    if (sign === '>') expect(decodeClientMessage(rest)._tag).toBe('message');
    if (sign === '<' && transcripts.at(-1)?.[1].every((line) => line.rest !== rest)) {
      expect(decodeServerMessage(rest)._tag).toBe('message');
    }
  }
});

test('every message of either side has its row', () => {
  const rows = [...text.matchAll(/^\| ((?:`[a-z_-]+`(?:, )?)+) +\| (C→S|S→C|both) +\|/gm)].flatMap(
    ([, types = '', way]) => [...types.matchAll(/`([a-z_-]+)`/g)].map(([, type]) => `${type} ${way}`),
  );
  const server = Object.keys(serverMessageCodecs);
  const client = Object.keys(clientMessageCodecs);
  const expected = [...new Set([...server, ...client])].map((type) => {
    if (server.includes(type) && client.includes(type)) return `${type} both`;
    return `${type} ${server.includes(type) ? 'S→C' : 'C→S'}`;
  });
  expect(rows.sort()).toEqual(expected.sort());
});

// Replays the transcripts of PROTOCOL.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Observable, skip } from 'rxjs';
import { goldenTranscripts } from '../../testkit/golden-transcripts.js';
import { type ScenarioNetwork, scenarioNetwork } from '../../testkit/scenario/memory-stage.js';
import { playSession, type SessionStage } from '../../testkit/session-stage.js';
import { isDecartError } from '../errors.js';
import { clientMessageCodecs } from './client-messages.js';
import { serverMessageCodecs } from './server-messages.js';

const text = readFileSync(join(__dirname, '..', 'PROTOCOL.md'), 'utf8');

/** Does what the user does: `connect OPTIONS`, `disconnect`, `setPrompt TEXT`, `setImage IMAGE`. */
function use({ realtime }: SessionStage, text: string, note: (what: string) => void): void {
  const [, call = '', argument = ''] = /^(\S+) ?(.*)$/s.exec(text) ?? [];
  const error = (failure: unknown, what: string) =>
    note(`${what} ${isDecartError(failure) ? failure.code : String(failure)}`);
  const settle = (request$: Observable<void>): void => {
    request$.subscribe({ complete: () => note(`${text} done`), error: (failure) => error(failure, text) });
  };
  if (call === 'setPrompt') settle(realtime.setPrompt$(argument));
  if (call === 'setImage') settle(realtime.setImage$(argument));
  if (call === 'disconnect') realtime.disconnect();
  if (call === 'connect') {
    realtime.session$({ model: 'lucy-2.1', ...JSON.parse(argument) }).subscribe({
      next: () => note('connect done'),
      error: (failure) => error(failure, 'connect'),
    });
  }
}

test.each(goldenTranscripts.map(({ title, ...transcript }) => [title, transcript] as const))(
  '%s',
  (_title, { lines, scenario }) => {
    const seen: string[] = [];
    let service: ScenarioNetwork | undefined;
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
        for (const { atMs, sign, text } of lines) {
          if (sign === '*') stage.at(atMs, () => use(stage, text, (what) => note('=', what)));
        }
      },
      {
        // The service follows the script; the client's frames are noted on their way.
        platform: ({ scheduler }, ledger) => {
          service = scenarioNetwork(scenario, { scheduler });
          const { signaling, media } = service.network;
          const noted: typeof signaling = {
            open: (request) => {
              const socket = signaling.open(request);
              const send: typeof socket.send = (frame) => {
                note('>', frame);
                socket.send(frame);
              };
              return { ...socket, send };
            },
          };
          return { signaling: ledger.signaling(noted), media: ledger.media(media) };
        },
      },
    );
    service?.assertComplete();
    const expected = lines.filter(({ sign }) => sign === '>' || sign === '=');
    expect(seen).toEqual(expected.map(({ atMs, sign, text }) => `${atMs} ${sign} ${text}`));
  },
);

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

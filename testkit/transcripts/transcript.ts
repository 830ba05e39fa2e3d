// Transcripts of the protocol's page: read, and turned into scripts of the service.
import { Scenario } from '../scenario/builder.js';
import { decodeStep, type ScenarioStep } from '../scenario/step.js';

/** One line of a transcript. */
export interface TranscriptLine {
  /** Milliseconds since the transcript's start. */
  readonly atMs: number;
  /** `>` the client sends, `<` the service sends, `*` something happens, `=` the client reports to its user. */
  readonly sign: '>' | '<' | '*' | '=';
  /** A message as JSON, or what happens in the words of core/PROTOCOL.md. */
  readonly text: string;
}

/** A session of a correct client, from both sides. */
export interface Transcript {
  /** Number and title, as in core/PROTOCOL.md. */
  readonly title: string;
  /** What happens, in order of time. */
  readonly lines: readonly TranscriptLine[];
  /** The service's side of it, and what it expects of the client. What the client's user does is left to the player. */
  readonly scenario: Scenario;
}

/**
 * Reads every transcript of a page: a heading of the third level, then a block of code named `transcript`.
 *
 * @throws Error naming a line that is none
 */
export function readTranscripts(page: string): readonly Transcript[] {
  return [...page.matchAll(/^### (\d+\. .*)\n\n```transcript\n([^`]*)```/gm)].map(([, title = '', text = '']) => {
    const lines = parseTranscript(text);
    return { title, lines, scenario: new Scenario(stepsOf(lines)) };
  });
}

/** @throws Error naming a line that is none */
export function parseTranscript(text: string): readonly TranscriptLine[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const match = /^(\d+) ([><*=]) (.+)$/.exec(line);
      if (!match) throw new Error(`Not a line of a transcript: ${line}`);
      return { atMs: Number(match[1]), sign: match[2] as TranscriptLine['sign'], text: match[3] ?? '' };
    });
}

/** The service waits for the client's messages, and for time to pass between them and what it does itself. */
function stepsOf(lines: readonly TranscriptLine[]): readonly ScenarioStep[] {
  let nowMs = 0;
  const steps = lines.flatMap((line) => {
    const step = stepOf(line);
    if (step === null) return [];
    const delayMs = line.atMs - nowMs;
    nowMs = line.atMs;
    const waits = delayMs > 0 && line.sign !== '>';
    return [...(waits ? [decodeStep({ step: 'after', delayMs })] : []), decodeStep(step)];
  });
  return [decodeStep({ step: 'holdSockets' }), ...steps];
}

const MEDIA = new Map([
  ['room joined', 'joined'],
  ['room published', 'published'],
  ['stream published', 'stream'],
  ['room lost', 'lost'],
]);

/** `null`: the user does it, or the client reports it. */
function stepOf({ sign, text }: TranscriptLine): object | null {
  if (sign === '>') return { step: 'expectMessage', message: JSON.parse(text) };
  if (sign === '<') return { step: 'send', message: JSON.parse(text) };
  if (sign === '=') return null;
  const event = MEDIA.get(text);
  if (event !== undefined) return { step: 'media', event };
  if (text === 'socket opens') return { step: 'acceptSocket' };
  const [, refused] = /^socket refused (\d+)$/.exec(text) ?? [];
  if (refused !== undefined) return { step: 'refuseConnects', status: Number(refused) };
  const [, code, reason = ''] = /^socket closes (\d+) ?(.*)$/.exec(text) ?? [];
  return code === undefined ? null : { step: 'dropSocket', code: Number(code), reason, ifOpen: true };
}

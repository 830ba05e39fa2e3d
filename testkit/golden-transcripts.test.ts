import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeClientMessage, decodeServerMessage } from '../core/protocol/codec.js';
import { goldenTranscripts, parseTranscript } from './golden-transcripts.js';
import { readTranscripts } from './transcripts/transcript.js';

test('they are those of core/PROTOCOL.md; if not, run `npm run transcripts`', () => {
  const page = readFileSync(join(__dirname, '../core/PROTOCOL.md'), 'utf8');
  expect(goldenTranscripts).toEqual(readTranscripts(page));
  expect(goldenTranscripts.map(({ title }) => Number.parseInt(title, 10))).toEqual(
    goldenTranscripts.map((_, index) => index + 1),
  );
});

test.each(goldenTranscripts.map(({ title, lines }) => [title, lines] as const))(
  '%s: what the client sends are messages',
  (_title, lines) => {
    const sent = lines.filter(({ sign }) => sign === '>').map(({ text }) => decodeClientMessage(text)._tag);
    expect(new Set(sent)).toEqual(new Set(sent.length > 0 ? ['message'] : []));
    const heard = lines.filter(({ sign }) => sign === '<').map(({ text }) => decodeServerMessage(text)._tag);
    // Frames that are no messages have a transcript of their own.
    if (!/no messages/.test(_title)) expect(heard).not.toContain('malformed');
  },
);

test('a line that is none is shown', () => {
  expect(() => parseTranscript('0 > {}\nhello')).toThrow('Not a line of a transcript: hello');
});

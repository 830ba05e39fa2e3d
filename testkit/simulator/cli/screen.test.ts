import { expect, test } from '@jest/globals';
import type { SimulatedSession } from '../journal.js';
import { sessionTable } from './screen.js';

const session: SimulatedSession = {
  id: 'session-0123456789abcdef',
  model: 'lucy-latest',
  resolution: null,
  pixelLatency: false,
  roomName: 'room-1',
  phase: 'generating',
  position: 0,
  prompt: 'a rainy street',
  image: 'none',
  seconds: 3,
  startedAtMs: 1_000,
};

test('a line per session under a line of titles', () => {
  const queued = { ...session, phase: 'queued', position: 2, prompt: null, image: 'bytes' } as const;
  expect(sessionTable([session, queued], 4_400)).toEqual([
    'session           model                 phase           time      prompt',
    'session-01234567  lucy-latest           generating      3 s       a rainy street',
    'session-01234567  lucy-latest           queued (2)      3 s       – + image',
  ]);
});

test('what a client sends cannot steer the terminal', () => {
  const [, line] = sessionTable([{ ...session, prompt: 'red\x1b[31m\nnext' }], 1_000);
  expect(line).toMatch(/red \[31m next$/);
});

test('no sessions are said to be none', () => {
  expect(sessionTable([], 0)).toEqual(['no sessions']);
});

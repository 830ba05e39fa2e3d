import { expect, test } from '@jest/globals';

import { clearLink } from './link-conditions.js';
import { LinkBoard } from './media-faults.js';

test('a room has its own conditions on top of those of the server', () => {
  const board = new LinkBoard();
  board.change({ lossPercent: 50, delayMs: 10, bandwidthKbps: 500 });
  board.change({ lossPercent: 50, delayMs: { up: 5 }, bandwidthKbps: { down: 300 } }, { room: 'a' });
  expect(board.of('a')).toEqual({
    up: { ...clearLink, lossPercent: 75, delayMs: 15, bandwidthKbps: 500 },
    down: { ...clearLink, lossPercent: 75, delayMs: 10, bandwidthKbps: 300 },
  });
  expect(board.of('b').up).toMatchObject({ lossPercent: 50, delayMs: 10 });
});

test('changes what is given and keeps the rest', () => {
  const board = new LinkBoard();
  board.change({ lossPercent: { up: 3 } }, { room: 'a' });
  board.change({ blackout: true }, { room: 'a' });
  expect(board.of('a').up).toEqual({ ...clearLink, lossPercent: 3, blackout: true });
  expect(board.of('a').down).toEqual({ ...clearLink, blackout: true });
  board.change({ blackout: false, bandwidthKbps: 100 }, { room: 'a' });
  board.change({ bandwidthKbps: null }, { room: 'a' });
  expect(board.of('a').up).toEqual({ ...clearLink, lossPercent: 3 });
});

test('clears one room, or everything', () => {
  const board = new LinkBoard();
  board.change({ blackout: true });
  board.change({ delayMs: 5 }, { room: 'a' });
  board.clear({ room: 'a' });
  expect(board.of('a').up).toEqual({ ...clearLink, blackout: true });
  board.clear();
  expect(board.of('a').up).toEqual(clearLink);
});

test.each([
  [{ lossPercent: 101 }, 'lossPercent must be from 0 to 100, not 101.'],
  [{ delayMs: -1 }, 'delayMs must be from 0 to 60000, not -1.'],
  [{ jitterMs: { down: Number.NaN } }, 'jitterMs must be from 0 to 60000, not NaN.'],
  [{ bandwidthKbps: 0 }, 'bandwidthKbps must be above 0, not 0.'],
])('refuses %j by name', (conditions, message) => {
  expect(() => new LinkBoard().change(conditions)).toThrow(new RangeError(message));
});

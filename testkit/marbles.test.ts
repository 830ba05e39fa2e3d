import { expect, test } from '@jest/globals';
import { delay } from 'rxjs';
import { DecartError } from '../core/errors.js';
import { marbles } from './marbles.js';

test('passes when streams and subscriptions are the same', () => {
  marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
    const source = cold('a-b|', { a: { n: 1 }, b: { n: 2 } });
    expectObservable(source.pipe(delay(5, scheduler))).toBe('5ms a-(b|)', { a: { n: 1 }, b: { n: 2 } });
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

test('shows what differs, a notification a line', () => {
  const run = () =>
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-c|', { a: 'connecting', b: { n: 2 }, c: 3 })).toBe('a--b-(c|)', {
        a: 'connecting',
        b: { n: 2 },
        c: 3,
      });
    });
  expect(run).toThrow(
    [
      'The streams differ in virtual time (- expected, + received):',
      "        0 ms  next      'connecting'",
      '-       3 ms  next      { n: 2 }',
      '-       5 ms  next      3',
      '+       2 ms  next      { n: 2 }',
      '+       4 ms  next      3',
      '        5 ms  complete',
    ].join('\n'),
  );
});

test('shows errors by code and message, and subscriptions by their span', () => {
  const error = new DecartError({ code: 'INVALID_INPUT', message: 'no prompt' });
  expect(() => marbles(({ cold, expectObservable }) => expectObservable(cold('#', {}, error)).toBe('-'))).toThrow(
    /\+ +0 ms {2}error {5}DecartError: no prompt { code: 'INVALID_INPUT'/,
  );
  const spans = () =>
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-');
      expectObservable(source, '^-!').toBe('-a');
      expectSubscriptions(source.subscriptions).toBe('^');
    });
  expect(spans).toThrow(/- +0 ms {2}subscribed, until the end\n\+ +0 ms {2}subscribed, until 2 ms/);
});

test('hands back what the run returns', () => {
  expect(marbles(({ time }) => time('---|'))).toBe(3);
});

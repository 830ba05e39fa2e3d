import fc from 'fast-check';
import { parseInstant, retryAfterMs } from './expiry.js';

describe('parseInstant', () => {
  it('reads what Date writes, in both forms', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
        expect(parseInstant(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });

  it.each([
    ['2026-02-03T04:05:06+02:30', Date.UTC(2026, 1, 3, 1, 35, 6)],
    ['2026-02-03T04:05:06.123456Z', Date.UTC(2026, 1, 3, 4, 5, 6, 123)],
    ['2026-02-03 04:05:06', Date.UTC(2026, 1, 3, 4, 5, 6)],
    ['2026-13-03T04:05:06Z', null],
    ['Tue, 03 Foo 2026 04:05:06 GMT', null],
    ['tomorrow', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });
});

describe('retryAfterMs', () => {
  const now = Date.UTC(2026, 1, 3, 4, 5, 6);
  it.each([
    [undefined, null],
    ['7', 7000],
    ['Tue, 03 Feb 2026 04:05:16 GMT', 10_000],
    ['Tue, 03 Feb 2026 04:05:00 GMT', 0],
    ['soon', null],
  ])('%s', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
